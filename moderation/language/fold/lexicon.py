"""The lexicon of words that people disguise, looked up by pattern, and the list of everyday words."""

import re
from collections.abc import Sequence
from functools import cache
from itertools import groupby
from pathlib import Path
from string import ascii_lowercase

_DATA = Path(__file__).parents[1] / "data"
# Matches any letter in a pattern. Each other item of a pattern contains the letters that are allowed at its
# place.
ANY = ""
_DOUBLE = re.compile(r"(.)\1")
_TRIPLE = re.compile(r"(.)\1\1")
_LEAST_KNOWN = 2  # items of a pattern other than `ANY`
_SHORTEST = 4
# Words that are too close to ordinary words to be recognised when they are split or respelt.
_CLOSE_TO_ORDINARY = frozenset({
    "rape", "rapes", "rapey", "rapist", "rapists", "porn", "porno", "penis", "vagina", "tits", "tard",
    "tards", "scum", "scummy", "damn", "crap", "coon", "coons", "boob", "dyke", "dykes", "spic", "spics",
    "paki", "pakis", "chink", "chinks", "gook", "kike", "retard", "bugger", "prick", "pricks", "cocks",
    "fags", "fag", "boobs", "hoes",
})  # fmt: skip
# Names that look like a swear word with a doubled letter.
_NAMES = ("shiite", "shiites")
# Common respellings, which readers understand and word lists do not contain.
_RESPELLINGS = (
    ("u", "v"), ("uck", "ukk"), ("uck", "uk"), ("uck", "ucc"), ("uck", "ck"), ("uck", "uq"), ("f", "ph"),
    ("it", "yt"), ("itch", "tch"), ("itch", "iatch"), ("shi", "sh"), ("nig", "nyg"), ("ass", "azz"), ("dick",
    "dikk"), ("cock", "kock"), ("uss", "vss"),
)  # fmt: skip


class Lexicon:
    """Words from the most to the least frequent, looked up by pattern. Immutable."""

    def __init__(self, sure: Sequence[str], masked_only: Sequence[str], everyday: Sequence[str]) -> None:
        """`sure` words are found in every disguise, `masked_only` words only with masked letters."""
        self.everyday = {word: rank for rank, word in enumerate(everyday)}
        self.sure = frozenset(sure)
        self.breakable = self.sure - _CLOSE_TO_ORDINARY
        self._words = frozenset(sure) | frozenset(masked_only)
        self._rank = {word: rank for rank, word in enumerate([*sure, *masked_only])}
        self._by_start: dict[tuple[str, int], list[str]] = {}
        self._by_first: dict[str, list[str]] = {}
        self._by_length: dict[int, list[str]] = {}
        self._by_letters: dict[str, str] = {}
        for word in [*sure, *masked_only]:
            self._by_start.setdefault((word[0], len(word)), []).append(word)
            self._by_first.setdefault(word[0], []).append(word)
            self._by_length.setdefault(len(word), []).append(word)
            self._by_letters.setdefault(_without_doubles(word), word)
        self.respelt = self._respell(sure)

    def __contains__(self, word: object) -> bool:
        return word in self._words

    def find(self, pattern: Sequence[str]) -> str | None:
        """The most frequent word that matches `pattern`; None without one or with too few known letters."""
        if len(pattern) < _SHORTEST - 1 or sum(map(bool, pattern)) < _LEAST_KNOWN:
            return None
        found = (self._first(start, pattern) for start in pattern[0] or ascii_lowercase)
        return min(filter(None, found), key=self._rank.__getitem__, default=None)

    def _first(self, start: str, pattern: Sequence[str]) -> str | None:
        for word in self._by_start.get((start, len(pattern)), ()):
            fits = zip(word, pattern, strict=True)
            if all(not allowed or letter in allowed for letter, allowed in fits):
                return word
        return None

    def closest(self, certain: Sequence[str], guesses: Sequence[str]) -> str | None:
        """The word that agrees with every `certain` letter and with most of the `guesses`.

        It must agree in at least two places, and in more than half of them if no letter is certain. Among
        equals the most frequent word is returned; None without a match.
        """
        least = _LEAST_KNOWN if any(certain) else max(_LEAST_KNOWN, len(certain) // 2 + 1)
        best, found = least - 1, None
        for word in self._by_length.get(len(certain), ()):
            places = list(zip(word, certain, guesses, strict=True))
            if any(sure and letter != sure for letter, sure, _ in places):
                continue
            fits = sum(bool(sure) or letter in guess for letter, sure, guess in places)
            if fits > best:
                best, found = fits, word
        return found

    def beginning_with(self, letter: str) -> Sequence[str]:
        """All words that begin with `letter`, the most frequent first."""
        return self._by_first.get(letter, ())

    def plain_form(self, word: str) -> str | None:
        """The word that `word` (letters only) respells or stretches; None for any other."""
        plain = self.respelt.get(word)
        if plain is not None or word in self._words or word in self.everyday or not _DOUBLE.search(word):
            return plain
        single = _without_doubles(word)
        plain = self._by_letters.get(single)
        if plain is None or single in self.everyday or _TRIPLE.search(word):
            return None if single in self.everyday else plain
        # "assess" is not "asses" with a doubled letter.
        is_certain = plain in self.breakable and len(single) >= _SHORTEST and plain != "asses"
        return plain if is_certain else None

    def _respell(self, sure: Sequence[str]) -> dict[str, str]:
        """The word for each of its respellings and each of its forms with one doubled letter."""
        respelt = {"fuc": "fuck"}
        known = self._words | self.everyday.keys()
        for word in sure:
            if word in _CLOSE_TO_ORDINARY or len(word) < _SHORTEST:
                continue
            for plain, other in _RESPELLINGS:
                variant = word.replace(plain, other)
                if variant not in known and len(variant) >= _SHORTEST - (word[0] == "f"):
                    respelt.setdefault(variant, word)
            for place in range(len(word)):
                variant = word[: place + 1] + word[place:]
                if variant not in known and word != "asses":  # its variant "assess" is an ordinary word
                    respelt.setdefault(variant, word)
        return respelt


@cache
def shipped_lexicon() -> Lexicon:
    """The shipped lists, loaded once in a process within a few milliseconds."""
    sure, masked_only = (_DATA / "profanity.txt").read_text(encoding="utf-8").split("# Only where masked\n")
    everyday = _words((_DATA / "english.txt").read_text(encoding="utf-8"))
    return Lexicon(_words(sure), _words(masked_only), [*everyday, *_NAMES])


def _words(text: str) -> list[str]:
    return [line for line in text.split("\n") if line and not line.startswith("#")]


def _without_doubles(word: str) -> str:
    return "".join(letter for letter, _ in groupby(word))
