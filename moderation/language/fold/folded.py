"""A folded text with the origin of each of its characters, and replacements in it."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from string import ascii_lowercase

from moderation.domain.signals import Field, Span

_TRIPLES = [3 * letter for letter in ascii_lowercase]
# One new code point, and the range (start, end) of the text before the change that it replaces.
Piece = tuple[str, int, int]
Rule = Callable[[re.Match[str]], Sequence[Piece] | None]
# A range (start, end) of the text and what replaces it; None leaves it as it is.
Change = tuple[int, int, Sequence[Piece] | None]


@dataclass(frozen=True, slots=True)
class Normalised:
    """A text, its folded form, and the origin of each folded code point.

    `text[i]` comes from the original code points from `starts[i]` up to, but not including, `ends[i]`;
    neither sequence decreases. Code points beyond `MAX_INPUT` are not folded.
    """

    original: str
    text: str
    starts: Sequence[int]
    ends: Sequence[int]

    def span(self, start: int, end: int, field: Field = Field.BODY) -> Span:
        """The original range of `text[start:end]`; an empty span for an empty or invalid range."""
        if start >= end or start < 0 or end > len(self.text):
            return Span(0, 0, field)
        return Span(self.starts[start], self.ends[end - 1], field)

    def with_text(self, text: str) -> "Normalised":
        """The same origins with another `text` of the same length."""
        return self if text == self.text else Normalised(self.original, text, self.starts, self.ends)


def keep(text: str, start: int, end: int) -> list[Piece]:
    """Pieces that leave `text[start:end]` as it is."""
    return [(text[index], index, index + 1) for index in range(start, end)]


def rewrite(folded: Normalised, pattern: re.Pattern[str], rule: Rule) -> Normalised:
    """Replace each match of `pattern` by the pieces that `rule` returns for it; None leaves it as it is.

    The ranges of the pieces must lie inside the match and must not decrease.
    """
    return replace(folded, ((m.start(), m.end(), rule(m)) for m in pattern.finditer(folded.text)))


def replace(folded: Normalised, changes: Iterable[Change]) -> Normalised:
    """Apply `changes`, which are sorted and do not overlap."""
    text, starts, ends = folded.text, folded.starts, folded.ends
    kept: list[str] = []
    new_starts: list[int] = []
    new_ends: list[int] = []
    done = 0
    for first, last, pieces in changes:
        if pieces is None:
            continue
        kept.append(text[done:first])
        new_starts.extend(starts[done:first])
        new_ends.extend(ends[done:first])
        for character, start, end in pieces:
            kept.append(character)
            new_starts.append(starts[start])
            new_ends.append(ends[end - 1])
        done = last
    if done == 0:
        return folded
    new_starts.extend(starts[done:])
    new_ends.extend(ends[done:])
    return Normalised(folded.original, "".join(kept) + text[done:], new_starts, new_ends)


def spread(plain: str, disguised: str, start: int) -> list[Piece]:
    """Align each letter of `plain` with its range in `disguised`, which begins at `start`.

    Equal letters at both ends are aligned one to one; all letters between them get the range between them.
    """
    end = start + len(disguised)
    if len(plain) == len(disguised):
        return [(letter, start + i, start + i + 1) for i, letter in enumerate(plain)]
    least = min(len(plain), len(disguised)) - 1
    head = next((i for i in range(least) if plain[i] != disguised[i]), least)
    tail = next((i for i in range(least - head) if plain[-1 - i] != disguised[-1 - i]), least - head)
    middle = (start + head, max(end - tail, start + head + 1))
    pieces = [(plain[i], start + i, start + i + 1) for i in range(head)]
    pieces += [(letter, *middle) for letter in plain[head : len(plain) - tail]]
    return [*pieces, *((plain[-i], end - i, end - i + 1) for i in range(tail, 0, -1))]


def has_triple(text: str) -> bool:
    """Whether a letter may occur three times in a row. Exact for ASCII; always true for other text."""
    return not text.isascii() or any(map(text.__contains__, _TRIPLES))
