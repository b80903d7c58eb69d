"""Keys hit at random: letters that no language puts one after the other."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import ClassVar

from moderation.domain.signals import Axis, Signal, Span
from moderation.engine.facts import Context
from moderation.language.fold.lexicon import shipped_lexicon
from moderation.language.fold.trigrams import usualness

# Addresses, handles, tags, code and product numbers follow rules of their own.
_TOKEN = re.compile(r"\S+")
_NOT_WORDS = re.compile(r"[@#/\\]|https?:|www\.|.*[\d_@=(){}<>]|.*\w[./:]\w", re.DOTALL)
_WORD = re.compile(r"(?<![^\W_])[A-Za-z]{2,60}(?![^\W_])")
_ODD_CASE = re.compile(r"[a-z][A-Z]")
_STRETCHED = re.compile(r"(.)\1{2,}")
# Letters that people laugh, snore and cheer with; all of one kind is no accident.
_LAUGHTER = tuple(map(frozenset, (
    "bmwuha", "bmwuhe", "ahi", "aho", "aej", "aij", "aoj", "lo", "lu", "lmfao", "rofl", "kse", "wk", "rs",
    "hue", "xda", "ke", "sk", "kx", "zh", "yea", "wo", "pf", "grh", "brh", "uhm", "psht",
)))  # fmt: skip
_REPEATED = re.compile(r"(.{2,5}?)\1{2,}.{0,4}")
_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_KEYBOARDS = frozenset({"qwerty", "qwertz", "azerty"})
_RUNS = frozenset(way[i : i + 4] for row in _ROWS for way in (row, row[::-1]) for i in range(len(row) - 3))
_VOWELS = frozenset("aeiouy")
_SHORTEST = 5
_MOST_READ = 4_000  # characters: gibberish shows early


@dataclass(frozen=True)
class Gibberish:
    """Silent for other scripts, short texts, names, abbreviations, code, laughter and stretched words."""

    @dataclass(frozen=True, slots=True)
    class Options:
        min_letters: int = 10
        min_share: float = 0.3  # of all letters: one strange word in a long text is a name or a term
        whole: float = 2.5  # at least half of the text
        part: float = 1.0
        part_margin: float = 0.6  # amid words of a language that the table does not know

    options: Options = Options()

    name = "gibberish"
    version = "1"
    axis = Axis.QUALITY
    sentences: ClassVar[Mapping[str, str]] = {
        "gibberish.text": "Keys hit at random, {percent} % of the text",
        "gibberish.words": "{count} word(s) of keys hit at random",
    }

    def run(self, context: Context) -> list[Signal]:
        """One signal: for a text that is gibberish, or for the words of it that are."""
        text = _TOKEN.sub(_blank_out, context.text[:_MOST_READ])
        letters = sum(map(str.isalpha, text))
        words = list(_WORD.finditer(text))
        latin = sum(len(match.group()) for match in words)
        if latin < self.options.min_letters or latin < 0.6 * letters:
            return []
        mashed = [match for match in words if is_mashed(match.group())]
        if not mashed and text.isascii() and _is_scattered(match.group().lower() for match in words):
            mashed = words
        if 2 * _length(mashed) >= letters:
            return self._signal("gibberish.text", self.options.whole, mashed, letters)
        certain = [match for match in mashed if is_mashed(match.group(), margin=self.options.part_margin)]
        if _length(certain) < self.options.min_share * letters:
            return []
        return self._signal("gibberish.words", self.options.part, certain, letters)

    def _signal(self, code: str, points: float, mashed: list[re.Match[str]], letters: int) -> list[Signal]:
        hit = _length(mashed)
        if hit < self.options.min_letters:
            return []
        params = {"count": len(mashed), "percent": round(100 * hit / letters)}
        spans = tuple(Span(match.start(), match.end()) for match in mashed[:20])
        return [Signal(code, Axis.QUALITY, points, "content", params=params, spans=spans)]


def is_mashed(word: str, *, margin: float = 0.0) -> bool:
    """Whether `word` (ASCII letters) comes from keys hit at random, the surer the larger `margin` is."""
    low = word.lower()
    if len(low) < _SHORTEST or _ODD_CASE.search(word) or (word.isupper() and len(word) < 8) or _is_word(low):
        return False
    plain = _STRETCHED.sub(r"\1", low)
    if len(plain) < _SHORTEST or _is_laughter(plain):
        return False
    mean = usualness(plain)
    if any(run in plain for run in _RUNS) and mean < -8.0:
        return True
    if _REPEATED.fullmatch(plain) and mean < -8.0:
        return True
    if len(plain) > 6 and _VOWELS.isdisjoint(plain) and mean < -8.5:
        return True
    return mean < _line(len(plain)) - margin - (1.8 if word.istitle() else 0.0)


def _length(matches: list[re.Match[str]]) -> int:
    return sum(len(match.group()) for match in matches)


def _blank_out(match: re.Match[str]) -> str:
    token = match.group()
    return " " * len(token) if _NOT_WORDS.match(token) else token


def _is_laughter(low: str) -> bool:
    letters = set(low)
    return any(letters <= kind for kind in _LAUGHTER)


def _line(length: int) -> float:
    """How unusual is gibberish: long words are judged by more of it."""
    if length < 7:
        return -10.4
    return -9.6 if length < 10 else -8.8


def _is_word(low: str) -> bool:
    lexicon = shipped_lexicon()
    return low in lexicon.everyday or low in lexicon or low in _KEYBOARDS


def _is_scattered(words: Iterator[str]) -> bool:
    """Short pieces of gibberish, not one everyday word among them."""
    pieces = list(words)
    if any(len(piece) > 6 for piece in pieces) or any(
        (len(piece) > 2 and _is_word(piece)) or _is_laughter(piece) for piece in pieces
    ):
        return False
    total = sum(usualness(piece) * len(piece) for piece in pieces)
    return total < -9.3 * sum(map(len, pieces))
