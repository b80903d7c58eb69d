"""Letters of other scripts that look like Latin ones: combines the shipped tables."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from string import ascii_lowercase

from moderation.language.fold.characters import fold_code_point
from moderation.language.fold.confusables import HOMOGLYPHS, LOOKALIKES

_DATA = Path(__file__).parents[1] / "data"
# The parts of a letter's Unicode name that describe a modification.
_MODIFICATION = re.compile(r" WITH .*| BARRED\b|\bBARRED | DOTLESS\b|\bDOTLESS | REVERSED\b|\bREVERSED ")
# Scripts in daily use: a whole word in one of them is usually an ordinary word, so that only `HOMOGLYPHS` are
# read as Latin there.
_SCRIPTS_IN_USE = re.compile(
    r"GREEK|COPTIC|CYRILLIC|HEBREW|ARABIC|THAI|ARMENIAN|GEORGIAN|ETHIOPIC|CJK|HIRAGANA|KATAKANA|YI "
)


@dataclass(frozen=True, slots=True, eq=False)  # hashed by identity, because results are cached for each table
class Letters:
    """The Latin letters or digits that letters look like.

    Letters in `homoglyphs` may make up a whole word; those in `lookalikes` count only beside Latin letters.
    The keys of both are folded letters. The keys of `typed` are letters as typed that look different from
    their folded form. `by_name` has Unicode names that letters of several scripts share.
    """

    homoglyphs: Mapping[str, str]
    lookalikes: Mapping[str, str]
    typed: Mapping[str, str]
    by_name: Mapping[str, str]

    def looks_of(self, letter: str, typed: str) -> str:
        """The Latin letters that `letter`, typed as `typed`, looks like, the likeliest first; or none."""
        if letter.isascii():
            return letter + self.typed.get(typed, "")
        return (
            self.typed.get(typed)
            or self.lookalikes.get(letter)
            or self.typed.get(letter.upper())
            or self.lookalikes.get(_base_letter(letter), "")
        )

    def guesses_of(self, letter: str, typed: str) -> str:
        """Guesses at the Latin letters that an unlisted letter may stand for, by its shape and its name."""
        shapes = _shapes()
        return (shapes.get(typed) or shapes.get(letter, "")) + self.by_name.get(_common_name(letter), "")

    def without(self, left_out: Iterable[str]) -> "Letters":
        """The tables without the letters `left_out`."""
        out = frozenset(left_out)
        homoglyphs, lookalikes, typed = (
            {letter: look for letter, look in table.items() if letter not in out}
            for table in (self.homoglyphs, self.lookalikes, self.typed)
        )
        return Letters(homoglyphs, lookalikes, typed, _index_by_name(lookalikes | typed))


@cache
def shipped_letters() -> Letters:
    """The shipped tables: made by hand, from Unicode's list, from fancy alphabets, in order of precedence."""
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
    rare = {letter: look for letter, look in small.items() if not _SCRIPTS_IN_USE.search(_name(letter))}
    return Letters(rare | HOMOGLYPHS, small, typed, _index_by_name(small | typed))


@cache
def sign_looks() -> dict[str, str]:
    """Symbols and punctuation (such as currency signs) that look like letters, with these letters."""
    listed = _confusables() | _fancy()
    return {sign: look for sign, look in listed.items() if unicodedata.category(sign)[0] in "PS"}


@cache
def script_of(letter: str) -> str:
    """The script of a letter: the first word of its Unicode name, or "CJK" for the Japanese scripts."""
    script = _name(letter).split()[0]
    is_japanese = script in ("HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA")
    return "CJK" if is_japanese else script


def _name(letter: str) -> str:
    return unicodedata.name(letter, "?")


@cache
def _base_letter(letter: str) -> str:
    """`letter` without modifications, by its decomposition and its name: "ka" for "ka with hook"."""
    base = unicodedata.normalize("NFD", letter)[0]
    if _name(letter).startswith("HANGUL"):
        return letter
    try:
        return unicodedata.lookup(_MODIFICATION.sub("", _name(base)))
    except KeyError:
        return base


@cache
def _common_name(letter: str) -> str:
    """The part of a letter's Unicode name that does not depend on its script, case and modifications."""
    return _MODIFICATION.sub("", _name(letter)).rpartition("LETTER ")[2]


def _index_by_name(looks: Mapping[str, str]) -> dict[str, str]:
    """The Latin letter for each common name, where most letters of that name, at least two, look like it."""
    votes: dict[str, Counter[str]] = {}
    for letter, look in looks.items():
        votes.setdefault(_common_name(letter), Counter())[look] += 1
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
    """The letters of the fancy alphabets. If two alphabets use a letter differently, the first one counts."""
    table: dict[str, str] = {}
    for line in (_DATA / "fancy_alphabets.txt").read_text(encoding="utf-8").split("\n"):
        if line and not line.startswith("#"):
            for letter, plain in zip(line, ascii_lowercase, strict=True):
                if not letter.isascii():
                    table.setdefault(letter, plain)
    return table
