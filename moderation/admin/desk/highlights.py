"""Cut a text into pieces, so that what the checks found can be underlined and numbered."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

# Bounds the highlights of a text that is made of hundreds of links.
MOST_HIGHLIGHTS = 200
# Bidirectional controls would rearrange the page that shows them.
_BIDI = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
_INVISIBLE = f"{_BIDI}\u00ad\u180e\u200b-\u200d\u2060-\u2064\ufeff"
_TURNS = re.compile(f"([{_BIDI}])")
_SIGNS = re.compile(f"([{_INVISIBLE}])")  # only inside marks: elsewhere they join letters and emoji


@dataclass(frozen=True, slots=True)
class Highlight:
    """Code points `start` to `end` of a text, which the evidence of this number refers to."""

    start: int
    end: int
    number: int


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of text under the same highlights. `closes` holds the numbers of those that end with it."""

    text: str
    numbers: tuple[int, ...] = ()
    closes: tuple[int, ...] = ()
    is_sign: bool = False


def cut_into_pieces(text: str, highlights: Iterable[Highlight] = ()) -> list[Piece]:
    """Split `text` into pieces. Highlights may overlap; what lies outside the text is ignored.

    Invisible characters that matter are replaced by their names, as `U+202E`.
    """
    kept = list(_clip(highlights, len(text)))[:MOST_HIGHLIGHTS]
    opens: dict[int, list[int]] = defaultdict(list)
    closes: dict[int, list[int]] = defaultdict(list)
    for highlight in kept:
        opens[highlight.start].append(highlight.number)
        closes[highlight.end].append(highlight.number)
    edges = sorted({0, len(text), *opens, *closes})
    active: Counter[int] = Counter()
    pieces: list[Piece] = []
    for start, end in pairwise(edges):
        active.subtract(closes[start])
        active.update(opens[start])
        numbers = tuple(sorted(number for number, count in active.items() if count > 0))
        pieces += _show_signs(text[start:end], numbers, tuple(sorted(set(closes[end]))))
    return pieces


def split_pieces(pieces: Sequence[Piece], length: int) -> tuple[list[Piece], list[Piece]]:
    """The first pieces, together not much longer than `length`, and the rest; a highlight is never cut."""
    shown, room = list[Piece](), length
    for index, piece in enumerate(pieces):
        if len(piece.text) <= room + length // 4 or piece.numbers:
            shown.append(piece)
            room -= len(piece.text)
        elif room > 0:
            cut = _break_near(piece.text, room)
            head, tail = Piece(piece.text[:cut]), Piece(piece.text[cut:], (), piece.closes)
            return [*shown, head], [tail, *pieces[index + 1 :]]
        else:
            return shown, list(pieces[index:])
        if room <= 0:
            return shown, list(pieces[index + 1 :])
    return shown, []


def _break_near(text: str, room: int) -> int:
    """After the last space within `room`, so that no word is cut; else at `room`."""
    return text.rfind(" ", 0, room) + 1 or room


def _clip(highlights: Iterable[Highlight], length: int) -> Iterator[Highlight]:
    for highlight in highlights:
        start, end = max(0, highlight.start), min(length, highlight.end)
        if start < end:
            yield Highlight(start, end, highlight.number)


def _show_signs(text: str, numbers: tuple[int, ...], closes: tuple[int, ...]) -> list[Piece]:
    """One run, split at its invisible characters; the numbers that end here follow the last part."""
    parts = (_SIGNS if numbers else _TURNS).split(text)
    pieces = [
        Piece(f"U+{ord(part):04X}", numbers, is_sign=True) if index % 2 else Piece(part, numbers)
        for index, part in enumerate(parts)
        if part
    ]
    last = pieces[-1]
    return [*pieces[:-1], Piece(last.text, last.numbers, closes, last.is_sign)]
