"""Finds gibberish, such as randomly hit keys: sequences of letters that are rare in every language."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import ClassVar

from moderation.domain.signals import Axis, Signal, Span
from moderation.engine.facts import Context
from moderation.language.fold.lexicon import shipped_lexicon
from moderation.language.fold.trigrams import mean_log_frequency

# Tokens that are not words and are left out: addresses, handles, tags, code and product numbers.
_TOKEN = re.compile(r"\S+")
_NOT_WORDS = re.compile(r"[@#/\\]|https?:|www\.|.*[\d_@=(){}<>]|.*\w[./:]\w", re.DOTALL)
_WORD = re.compile(r"(?<![^\W_])[A-Za-z]{2,60}(?![^\W_])")
_ODD_CASE = re.compile(r"[a-z][A-Z]")
_STRETCHED = re.compile(r"(.)\1{2,}")
# The letters of laughter, snoring and cheering. A word with letters of a single set only is an interjection.
_LAUGHTER = tuple(map(frozenset, (
    "bmwuha", "bmwuhe", "ahi", "aho", "aej", "aij", "aoj", "lo", "lu", "lmfao", "rofl", "kse", "wk", "rs",
    "hue", "xda", "ke", "sk", "kx", "zh", "yea", "wo", "pf", "grh", "brh", "uhm", "psht",
)))  # fmt: skip
_REPEATED = re.compile(r"(.{2,5}?)\1{2,}.{0,4}")
_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_KEYBOARDS = frozenset({"qwerty", "qwertz", "azerty"})
# Four neighbouring keys of a row, from left to right or from right to left.
_RUNS = frozenset(way[i : i + 4] for row in _ROWS for way in (row, row[::-1]) for i in range(len(row) - 3))
_VOWELS = frozenset("aeiouy")
_SHORTEST = 5
_MOST_READ = 4_000  # characters; the beginning of a text is enough to recognise gibberish


@dataclass(frozen=True)
class Gibberish:
    """Signals texts, or parts of texts, that are gibberish in Latin letters.

    There is no signal for other scripts, short texts, names, abbreviations, code, laughter, stretched words.
    """

    @dataclass(frozen=True, slots=True)
    class Options:
        min_letters: int = 10
        # The least share of the text's letters that must be gibberish: a single strange word in a long text
        # is usually a name or a term.
        min_share: float = 0.3
        whole: float = 2.5  # points if at least half of the text's letters are gibberish
        part: float = 1.0  # points if fewer are
        # How much rarer (in mean log frequency) the trigrams of a part must be: the words around it may
        # belong to a language that the table of trigrams does not contain.
        part_margin: float = 0.6

    options: Options = Options()

    name = "gibberish"
    version = "1"
    axis = Axis.QUALITY
    sentences: ClassVar[Mapping[str, str]] = {
        "gibberish.text": "Keys hit at random, {percent} % of the text",
        "gibberish.words": "{count} word(s) of keys hit at random",
    }

    def run(self, context: Context) -> list[Signal]:
        """At most one signal: for a text that is mostly gibberish, or for the words that are."""
        text = _TOKEN.sub(_blank_out, context.text[:_MOST_READ])
        letters = sum(map(str.isalpha, text))
        words = list(_WORD.finditer(text))
        latin = sum(len(match.group()) for match in words)
        if latin < self.options.min_letters or latin < 0.6 * letters:
            return []
        found = [match for match in words if is_gibberish(match.group())]
        if not found and text.isascii() and _is_scattered(match.group().lower() for match in words):
            found = words
        if 2 * _length(found) >= letters:
            return self._signal("gibberish.text", self.options.whole, found, letters)
        certain = [match for match in found if is_gibberish(match.group(), margin=self.options.part_margin)]
        if _length(certain) < self.options.min_share * letters:
            return []
        return self._signal("gibberish.words", self.options.part, certain, letters)

    def _signal(self, code: str, points: float, found: list[re.Match[str]], letters: int) -> list[Signal]:
        length = _length(found)
        if length < self.options.min_letters:
            return []
        params = {"count": len(found), "percent": round(100 * length / letters)}
        spans = tuple(Span(match.start(), match.end()) for match in found[:20])
        return [Signal(code, Axis.QUALITY, points, "content", params=params, spans=spans)]


def is_gibberish(word: str, *, margin: float = 0.0) -> bool:
    """Whether `word` (ASCII letters) looks like randomly hit keys; `margin` demands rarer trigrams."""
    low = word.lower()
    if len(low) < _SHORTEST or _ODD_CASE.search(word) or (word.isupper() and len(word) < 8) or _is_word(low):
        return False
    plain = _STRETCHED.sub(r"\1", low)
    if len(plain) < _SHORTEST or _is_laughter(plain):
        return False
    mean = mean_log_frequency(plain)
    if any(run in plain for run in _RUNS) and mean < -8.0:
        return True
    if _REPEATED.fullmatch(plain) and mean < -8.0:
        return True
    if len(plain) > 6 and _VOWELS.isdisjoint(plain) and mean < -8.5:
        return True
    return mean < _threshold(len(plain)) - margin - (1.8 if word.istitle() else 0.0)


def _length(matches: list[re.Match[str]]) -> int:
    return sum(len(match.group()) for match in matches)


def _blank_out(match: re.Match[str]) -> str:
    token = match.group()
    return " " * len(token) if _NOT_WORDS.match(token) else token


def _is_laughter(low: str) -> bool:
    letters = set(low)
    return any(letters <= kind for kind in _LAUGHTER)


def _threshold(length: int) -> float:
    """The mean log frequency of trigrams below which a word of `length` letters is gibberish.

    It is higher for long words, whose mean is over more trigrams and varies less.
    """
    if length < 7:
        return -10.4
    return -9.6 if length < 10 else -8.8


def _is_word(low: str) -> bool:
    lexicon = shipped_lexicon()
    return low in lexicon.everyday or low in lexicon or low in _KEYBOARDS


def _is_scattered(words: Iterator[str]) -> bool:
    """Whether short words (at most six letters each) are gibberish together, without any known word."""
    pieces = list(words)
    if any(len(piece) > 6 for piece in pieces) or any(
        (len(piece) > 2 and _is_word(piece)) or _is_laughter(piece) for piece in pieces
    ):
        return False
    total = sum(mean_log_frequency(piece) * len(piece) for piece in pieces)
    return total < -9.3 * sum(map(len, pieces))
