"""Which letters of other alphabets look like which Latin ones: the shipped tables, put together."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from string import ascii_lowercase

from moderation.language.fold.characters import fold_code_point
from moderation.language.fold.confusables import LOOKALIKES, TWINS

_DATA = Path(__file__).parents[1] / "data"
_DRESS = re.compile(r" WITH .*| BARRED\b|\bBARRED | DOTLESS\b|\bDOTLESS | REVERSED\b|\bREVERSED ")
# Written by many every day, so that a whole word of them is a word of theirs: only `TWINS` pass there.
_LIVING = re.compile(
    r"GREEK|COPTIC|CYRILLIC|HEBREW|ARABIC|THAI|ARMENIAN|GEORGIAN|ETHIOPIC|CJK|HIRAGANA|KATAKANA|YI "
)


@dataclass(frozen=True, slots=True, eq=False)  # hashed by identity: results are kept per table
class Letters:
    """What looks like which Latin letter or digit.

    `twins` may make up a whole word, `beside` pass beside Latin letters only; both are asked by the
    folded letter, `typed` by the letter as it was typed where that looks otherwise. `kin` knows names
    that letters of several alphabets share.
    """

    twins: Mapping[str, str]
    beside: Mapping[str, str]
    typed: Mapping[str, str]
    kin: Mapping[str, str]

    def looks_of(self, letter: str, typed: str) -> str:
        """The Latin letters that `letter`, typed as `typed`, may stand for, the likeliest first; or none."""
        if letter.isascii():
            return letter + self.typed.get(typed, "")
        return (
            self.typed.get(typed)
            or self.beside.get(letter)
            or self.typed.get(letter.upper())
            or self.beside.get(_undressed(letter), "")
        )

    def guesses_of(self, letter: str, typed: str) -> str:
        """What an unknown letter may stand for, by its picture and by its name elsewhere; never sure."""
        shapes = _shapes()
        return (shapes.get(typed) or shapes.get(letter, "")) + self.kin.get(_family_name(letter), "")

    def without(self, left_out: Iterable[str]) -> "Letters":
        """The tables without the letters `left_out`."""
        out = frozenset(left_out)
        twins, beside, typed = (
            {letter: look for letter, look in table.items() if letter not in out}
            for table in (self.twins, self.beside, self.typed)
        )
        return Letters(twins, beside, typed, _find_kin(beside | typed))


@cache
def shipped_letters() -> Letters:
    """The tables that ship: by hand, from Unicode's list, from fancy alphabets, in this order of trust."""
    typed: dict[str, str] = {}
    small: dict[str, str] = {}
    for letter, look in (_fancy() | _confusables() | LOOKALIKES).items():
        folded = fold_code_point(letter)
        if not letter.isalnum() or folded == look:
            continue
        if folded != letter:
            typed[letter] = look
        if folded == letter:
            small[letter] = look
        elif len(folded) == 1 and not folded.isascii():
            small.setdefault(folded, look)
    small |= LOOKALIKES
    strange = {letter: look for letter, look in small.items() if not _LIVING.search(_name(letter))}
    return Letters(strange | TWINS, small, typed, _find_kin(small | typed))


@cache
def sign_looks() -> dict[str, str]:
    """Signs that are no letters (of money, of sets) and the letters that they look like."""
    listed = _confusables() | _fancy()
    return {sign: look for sign, look in listed.items() if unicodedata.category(sign)[0] in "PS"}


@cache
def alphabet_of(letter: str) -> str:
    """The first word of the letter's name tells its script; Japanese uses three."""
    script = _name(letter).split()[0]
    is_japanese = script in ("HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA")
    return "CJK" if is_japanese else script


def _name(letter: str) -> str:
    return unicodedata.name(letter, "?")


@cache
def _undressed(letter: str) -> str:
    """`letter` without the dress that its name or decomposition tells of: "ka with hook" is a ka."""
    base = unicodedata.normalize("NFD", letter)[0]
    if _name(letter).startswith("HANGUL"):
        return letter
    try:
        return unicodedata.lookup(_DRESS.sub("", _name(base)))
    except KeyError:
        return base


@cache
def _family_name(letter: str) -> str:
    """What the letter is called, whatever its alphabet and size."""
    return _DRESS.sub("", _name(letter)).rpartition("LETTER ")[2]


def _find_kin(looks: Mapping[str, str]) -> dict[str, str]:
    """Names that at least two letters bear, most of them with the same look."""
    votes: dict[str, Counter[str]] = {}
    for letter, look in looks.items():
        votes.setdefault(_family_name(letter), Counter())[look] += 1
    first = {name: count.most_common(1)[0] for name, count in votes.items()}
    return {name: look for name, (look, most) in first.items() if 2 * most > votes[name].total() >= 2 <= most}


@cache
def _confusables() -> dict[str, str]:
    lines = (_DATA / "confusables.txt").read_text(encoding="utf-8").split("\n")
    rows = [line.split("\t") for line in lines if line and not line.startswith("#")]
    return {letter: plain for plain, looks in rows for letter in looks}


@cache
def _shapes() -> dict[str, str]:
    lines = (_DATA / "shapes.txt").read_text(encoding="utf-8").split("\n")
    rows = [line.split("\t") for line in lines if line and not line.startswith("#")]
    return {letter: guesses for guesses, alike in rows for letter in alike}


@cache
def _fancy() -> dict[str, str]:
    """The first of two alphabets that use a letter differently is right."""
    table: dict[str, str] = {}
    for line in (_DATA / "fancy_alphabets.txt").read_text(encoding="utf-8").split("\n"):
        if line and not line.startswith("#"):
            for letter, plain in zip(line, ascii_lowercase, strict=True):
                if not letter.isascii():
                    table.setdefault(letter, plain)
    return table
