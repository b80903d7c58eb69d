"""Folds each character by itself: compatibility forms, case, diacritics, invisible characters."""

import re
import unicodedata
from functools import lru_cache

from moderation.language.fold.confusables import BLANKS, LATIN_BASE, PUNCTUATION
from moderation.language.fold.folded import Normalised

MAX_INPUT = 10_000  # code points of a text that are folded; comments are shorter than that
MAX_FOLDED = 20_000  # code points of a folded text; U+FDFA alone folds to 18

_ASCII_BLANKS = str.maketrans("\t\n\v\f\r", "     ")
# Unicode names of Latin letters that `LATIN_BASE` does not contain.
_LATIN_NAME = re.compile(r".*\bLATIN (?:SMALL )?(?:CAPITAL )?(?:LETTER )?(?:SMALL CAPITAL )?([A-Z])\b.*")
# Printable ASCII is folded in runs and other characters one by one, because most texts have few of the
# latter, such as typographic quotes.
_PIECES = re.compile(r"[ -~]+|[^ -~]", re.DOTALL)


def is_generic_mark(character: str) -> bool:
    """Whether `character` is a combining mark that belongs to no particular script, such as a diacritic."""
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
    """The folded form of one code point: any number of code points, none for an invisible one."""
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
    if base.isascii() and base.isalpha():
        return base
    named = _LATIN_NAME.fullmatch(unicodedata.name(letter, ""))
    return named.group(1).lower() if named else letter


def fold_characters(text: str) -> Normalised:
    """`text` with each character folded by itself, cut at `MAX_INPUT` and `MAX_FOLDED`."""
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
    """Whether `character` is a combining mark, or a jamo that follows the first one of a Hangul syllable."""
    return unicodedata.category(character)[0] == "M" or "\u1161" <= character <= "\u11ff"


def _attach_mark(characters: list[str], ends: list[int], mark: str, index: int) -> bool:
    """Combine `mark` with the letter before it, or drop it; False if it is a character of its own."""
    if not characters:
        return is_generic_mark(mark)
    composed = unicodedata.normalize("NFC", characters[-1] + mark)
    if len(composed) == 1:
        characters[-1] = _plain_letter(composed)
    elif not (is_generic_mark(mark) or _is_foreign_mark(characters[-1], mark)):
        return False
    ends[-1] = index + 1
    return True


def _is_foreign_mark(base: str, mark: str) -> bool:
    """Whether `mark` is on a Latin letter, where a mark of another script is only decoration."""
    return base.isascii() and base.isalpha() and unicodedata.category(mark)[0] == "M"
