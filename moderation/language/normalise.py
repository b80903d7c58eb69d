"""Fold a text into the plain form that checks read, and find the way back to the original.

Folding undoes what people do to hide words: compatibility forms, case, accents, invisible and
bidi characters, letters of other alphabets inside Latin words, leetspeak, spaced letters and
stretched letters. Honest Cyrillic, Greek, Arabic or Indic text stays as it is.
"""

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from moderation.domain.signals import Field, Span
from moderation.language.confusables import BLANKS, LATIN_BASE, LOOKALIKES, PUNCTUATION, TWINS

MAX_INPUT = 10_000  # code points that are looked at; comments are shorter than that
MAX_FOLDED = 20_000  # U+FDFA alone grows eighteen-fold

Piece = tuple[int, int]
_Rule = Callable[[re.Match[str]], Sequence[Piece] | None]

_WORD = re.compile(r"\w+")
# b0obs, $hit, a$$, casin0: between letters, or some at a word's edge; never the @ of an address.
_LEET = re.compile(
    r"(?<=[a-z])[0134578@$!|€£¢+]{1,3}(?=[a-z])|(?<![\w@$])(?:\$(?=[a-z]{2})|@(?=ss))|(?<=[a-z])\$+(?![\w$])|(?<=[a-z]{3})0(?!\w)"
)
_ADDRESS_TAIL = re.compile(r"[\w-]{1,63}\.[a-z]")
_LEET_LETTERS = str.maketrans("0134578@$!|€£¢+", "oieastbasilelct")
_SPACED = re.compile(r"(?<!\w)(?<!\w['.\-])([^\W_])([ .\-_*~|/])(?:[^\W_]\2){2,}[^\W_](?!\w)")
_STRETCHED = re.compile(r"([^\W\d_])\1{2,}")
_ASCII_BLANKS = str.maketrans("\t\n\v\f\r", "     ")
_BLANK_RUN = re.compile(r"  +")
# Letters that words do double: stretched, they fold to two inside a word.
_DOUBLED = frozenset("bdefglmnoprst")
_DOUBLED_AT_END = frozenset("efloss")


@dataclass(frozen=True, slots=True)
class Normalised:
    """A text, its folded form, and for each folded code point where it came from.

    `starts[i]` and `ends[i]` are the half-open range of original code points behind `text[i]`;
    both never decrease. What lies beyond `MAX_INPUT` code points is not folded.
    """

    original: str
    text: str
    starts: Sequence[int]
    ends: Sequence[int]

    def span(self, start: int, end: int, field: Field = Field.BODY) -> Span:
        """The original range behind `text[start:end]`; an empty range for an empty one."""
        if start >= end or start < 0 or end > len(self.text):
            return Span(0, 0, field)
        return Span(self.starts[start], self.ends[end - 1], field)


def normalise(text: str) -> Normalised:
    """`text` folded, in time linear in its length. Never raises."""
    folded = fold_characters(text)
    if not folded.text.isascii():
        folded = _fold_confusables(folded)
    folded = _rewrite(folded, _BLANK_RUN, lambda match: [(match.start(), match.end())])
    folded = _rewrite(folded, _SPACED, _join_spaced)
    folded = _fold_leet(folded)
    folded = _rewrite(folded, _STRETCHED, _squeeze_stretched)
    return Normalised(text, folded.text, folded.starts, folded.ends)


def has_generic_mark(character: str) -> bool:
    """Whether `character` is a combining mark of no script of its own: an accent, or zalgo."""
    code_point = ord(character)
    return (
        0x0300 <= code_point <= 0x036F
        or 0x1AB0 <= code_point <= 0x1AFF
        or 0x1DC0 <= code_point <= 0x1DFF
        or 0x20D0 <= code_point <= 0x20FF
        or 0xFE20 <= code_point <= 0xFE2F
    )


@lru_cache(maxsize=8192)
def fold_code_point(character: str) -> str:
    """What one code point folds to: any number of code points, none for an invisible one."""
    if character in PUNCTUATION:
        return PUNCTUATION[character]
    category = unicodedata.category(character)
    if category in ("Cf", "Cs") or character in BLANKS or "\ufe00" <= character <= "\ufe0f":
        return ""
    if "\U000e0100" <= character <= "\U000e01ef":
        return ""
    if category in ("Cc", "Zs"):
        return " " if character.isspace() else ""
    compatible = unicodedata.normalize("NFKC", character).casefold()
    if len(compatible) > 1:
        return "".join(_plain_letter(part) for part in unicodedata.normalize("NFKC", compatible))
    return _plain_letter(compatible)


def _plain_letter(letter: str) -> str:
    if letter.isascii():
        return letter
    if letter in LATIN_BASE:
        return LATIN_BASE[letter]
    base = unicodedata.normalize("NFD", letter)[0]
    return base if base.isascii() and base.isalpha() else letter


# Plain ASCII goes through in runs, all else one by one: most texts have a typed quote and little more.
_PIECES = re.compile(r"[ -~]+|[^ -~]", re.DOTALL)


def fold_characters(text: str) -> Normalised:
    """Only what is true of each character alone: compatibility forms, case, accents, invisibles."""
    text = text[:MAX_INPUT]
    if text.isascii():
        one_line = text.translate(_ASCII_BLANKS)
        if one_line.isprintable():
            return Normalised(text, one_line.lower(), range(len(text)), range(1, len(text) + 1))
    characters: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    for found in _PIECES.finditer(text):
        piece, index = found[0], found.start()
        if " " <= piece[0] <= "~":
            folded = piece.lower()
            starts.extend(range(index, found.end()))
            ends.extend(range(index + 1, found.end() + 1))
        elif _can_attach(piece) and _attach_mark(characters, ends, piece, index):
            continue
        else:
            folded = fold_code_point(piece)
            starts.extend([index] * len(folded))
            ends.extend([index + 1] * len(folded))
        characters.extend(folded)
        if len(characters) > MAX_FOLDED:
            break
    return Normalised(text, "".join(characters[:MAX_FOLDED]), starts[:MAX_FOLDED], ends[:MAX_FOLDED])


def _can_attach(character: str) -> bool:
    """Combining marks, and the jamo that follow the first of a Hangul syllable."""
    return unicodedata.category(character)[0] == "M" or "\u1161" <= character <= "\u11ff"


def _attach_mark(characters: list[str], ends: list[int], mark: str, index: int) -> bool:
    """Melt `mark` into the letter before it; False where it stands for itself."""
    if not characters:
        return has_generic_mark(mark)
    composed = unicodedata.normalize("NFC", characters[-1] + mark)
    if len(composed) == 1:
        characters[-1] = _plain_letter(composed)
    elif not has_generic_mark(mark):
        return False
    ends[-1] = index + 1
    return True


def _fold_confusables(folded: Normalised) -> Normalised:
    """Turn letters of other alphabets into Latin where they pose as Latin. Keeps the length."""
    text = folded.text
    foreign = [character for character in text if not character.isascii() and character.isalpha()]
    posing = [character for character in foreign if character in TWINS]
    # A text with letters that have no twin is honestly written in that alphabet.
    is_honest = len(posing) < len(foreign) or (
        len(posing) < 4 and not any(character.isascii() and character.isalpha() for character in text)
    )

    def fold_word(match: re.Match[str]) -> str:
        word = match.group()
        if word.isascii():
            return word
        if any("a" <= character <= "z" for character in word):
            return "".join(LOOKALIKES.get(character, character) for character in word)
        if is_honest or not all(character in TWINS for character in word if character.isalpha()):
            return word
        return "".join(TWINS.get(character, character) for character in word)

    return Normalised(folded.original, _WORD.sub(fold_word, text), folded.starts, folded.ends)


def _fold_leet(folded: Normalised) -> Normalised:
    text = folded.text

    def fold_run(match: re.Match[str]) -> str:
        run = match.group()
        if "@" in run and _ADDRESS_TAIL.match(text, match.end()):
            return run
        return run.translate(_LEET_LETTERS)

    return Normalised(folded.original, _LEET.sub(fold_run, text), folded.starts, folded.ends)


def _rewrite(folded: Normalised, pattern: re.Pattern[str], rule: _Rule) -> Normalised:
    """Replace each match by the pieces that `rule` keeps: one code point per piece."""
    text, starts, ends = folded.text, folded.starts, folded.ends
    kept: list[str] = []
    new_starts: list[int] = []
    new_ends: list[int] = []
    done = 0
    for match in pattern.finditer(text):
        pieces = rule(match)
        if pieces is None:
            continue
        kept.append(text[done : match.start()])
        new_starts.extend(starts[done : match.start()])
        new_ends.extend(ends[done : match.start()])
        for start, end in pieces:
            kept.append(text[start])
            new_starts.append(starts[start])
            new_ends.append(ends[end - 1])
        done = match.end()
    if done == 0:
        return folded
    return Normalised(
        folded.original,
        "".join(kept) + text[done:],
        [*new_starts, *starts[done:]],
        [*new_ends, *ends[done:]],
    )


def _join_spaced(match: re.Match[str]) -> list[Piece] | None:
    """v.i.a.g.r.a is a word; 1-2-3-4 is not."""
    characters = match.group()[::2]
    letters = sum(character.isalpha() for character in characters)
    if letters * 3 < len(characters) * 2:
        return None
    return [(index, index + 1) for index in range(match.start(), match.end(), 2)]


def _squeeze_stretched(match: re.Match[str]) -> list[Piece] | None:
    """fuuuck folds to one letter, boooobs to two; xxx and www stay."""
    start, end, text = match.start(), match.end(), match.string
    ends_word = end == len(text) or not text[end].isalpha()
    if ends_word and (start == 0 or not text[start - 1].isalnum()):
        return [(start, start + 1), (start + 1, start + 2), (start + 2, end)]
    doubled = _DOUBLED_AT_END if ends_word else _DOUBLED
    if match.group(1) in doubled:
        return [(start, start + 1), (start + 1, end)]
    return [(start, end)]
