"""Scores how much a text resembles templates of spun spam: generic praise with words replaced by synonyms.

Synonyms are first mapped to one class ("superb web page" and "nice blog" are both GOOD SITE), and
intensifiers are dropped. The remaining words form shingles of one to three words, each hashed to one of
`BUCKETS` weights; no template is stored.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from zlib import crc32

import numpy as np
import numpy.typing as npt

from moderation.domain.signals import Span
from moderation.language.fold.normalise import Normalised
from moderation.language.models.weight_file import BrokenModel, dump_weights, parse_weights

BUCKETS = 1 << 16
MODEL_PATH = Path(__file__).parent / "spun.bin"
WORDS_PATH = Path(__file__).parents[1] / "data" / "spun_words.txt"
MOST_WORDS = 400  # templates are shorter
FEWEST_WORDS = 6  # shorter texts are too common to be evidence
_MAGIC = b"comment-spun-1\n"
_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?|\d+")
_DROPPED = "VERY"  # the class of intensifiers
_SHORT = {"ve": "have", "re": "are", "m": "am", "ll": "will", "d": "would"}
_PAIR, _TRIPLE = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xC2B2AE3D27D4EB4F)

Ints = npt.NDArray[np.int64]
# A word or class, with its start and end in the folded text.
Word = tuple[str, int, int]


@dataclass(frozen=True, slots=True)
class SpunModel:
    """`weights` is int8 of shape (BUCKETS,); `header` contains `scale`, `bias` and the two thresholds."""

    weights: npt.NDArray[np.int8]
    header: Mapping[str, Any]

    def score(self, folded: Normalised) -> float | None:
        """The log-odds that a text was made from a template; None for a text that is too short."""
        words = [word for word, _, _ in fold_words(folded.text)]
        if len(words) < FEWEST_WORDS:
            return None
        buckets = np.unique(hash_shingles(words))
        total = float(self.weights[buckets].sum(dtype=np.int64)) * float(self.header["scale"])
        score: float = total / buckets.size**0.5 + float(self.header["bias"])
        return score

    def strongest_spans(self, folded: Normalised, *, most: int = 3) -> tuple[Span, ...]:
        """The spans of the `most` runs of three words with the largest weights, in the order of the text."""
        words = fold_words(folded.text)
        weights = self.weights[hash_shingles([word for word, _, _ in words])].astype(np.int64)
        count = len(words)
        single, pairs, triples = weights[:count], weights[count : 2 * count - 1], weights[2 * count - 1 :]
        runs = triples + pairs[:-1] + pairs[1:] + single[:-2] + single[1:-1] + single[2:]
        chosen: list[int] = []
        for at in np.argsort(-runs, kind="stable").tolist():
            if len(chosen) < most and runs[at] > 0 and all(abs(at - other) > 2 for other in chosen):
                chosen.append(at)
        return tuple(folded.span(words[at][1], words[at + 2][2]) for at in sorted(chosen))


def fold_words(folded: str) -> list[Word]:
    """The first `MOST_WORDS` words of a folded text, listed ones replaced by their class (in capitals).

    Intensifiers and immediate repetitions are left out.
    """
    words: list[Word] = []
    plain = _plain_words(folded)
    texts = [word for word, _, _ in plain]
    at = 0
    while at < len(plain):
        word, width = _class_at(texts, at)
        if word != _DROPPED and (not words or words[-1][0] != word):
            words.append((word, plain[at][1], plain[at + width - 1][2]))
        at += width
    return words


def hash_shingles(words: list[str]) -> Ints:
    """The buckets of all single words, then of all pairs, then of all runs of three."""
    single = np.fromiter(map(_hash_word, words), dtype=np.uint64, count=len(words))
    pairs = single[:-1] * _PAIR + single[1:]
    triples = pairs[:-1] * _TRIPLE + single[2:]
    return _buckets(np.concatenate((single, pairs, triples)))


def dump_model(weights: npt.NDArray[np.int8], header: Mapping[str, Any]) -> bytes:
    """The bytes of a model's file."""
    return dump_weights(_MAGIC, {**header, "buckets": BUCKETS}, weights.tobytes())


def parse_model(content: bytes) -> SpunModel:
    """The model in the bytes of its file. Raises `BrokenModel`."""
    header, raw = parse_weights(_MAGIC, content)
    if len(raw) != BUCKETS:
        raise BrokenModel("made for another number of buckets")
    return SpunModel(np.frombuffer(raw, dtype=np.int8), header)


@cache
def spun_model() -> SpunModel:
    """The shipped model, read once in a process. Raises `BrokenModel`."""
    return parse_model(MODEL_PATH.read_bytes())


def _plain_words(folded: str) -> list[Word]:
    words: list[Word] = []
    for match in _WORD.finditer(folded):
        if len(words) >= MOST_WORDS:
            break
        word, (start, end) = match[0], match.span()
        stem, mark, ending = word.partition("'")
        if mark:
            stem, ending = (word[:-3], "not") if word.endswith("n't") else (stem, _SHORT.get(ending, ""))
            words += [(part, start, end) for part in (stem, ending) if part]
        else:
            words.append(("0" if word.isdigit() else word, start, end))
    return words


def _class_at(plain: list[str], place: int) -> tuple[str, int]:
    """The class of the longest listed phrase at `place`, or else the word itself, and its number of words."""
    classes, longest = _classes()
    for width in range(min(longest.get(plain[place], 0), len(plain) - place), 1, -1):
        phrase = " ".join(plain[place : place + width])
        if phrase in classes:
            return classes[phrase], width
    return classes.get(plain[place], plain[place]), 1


@cache
def _classes() -> tuple[dict[str, str], dict[str, int]]:
    """The class of each listed word or phrase; for each first word, the words in its longest phrase."""
    classes: dict[str, str] = {}
    longest: dict[str, int] = {}
    for line in WORDS_PATH.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            name, _, members = line.partition(":")
            for member in members.split(","):
                words = member.split()
                classes[" ".join(words)] = name.upper()
                longest[words[0]] = max(longest.get(words[0], 1), len(words))
    return classes, longest


@cache
def _known_hash(word: str) -> int:
    return crc32(word.encode("utf-8", "surrogatepass"))


def _hash_word(word: str) -> int:
    """The hash of a word. Only those of classes (in capitals) are cached; there are too many other words."""
    return _known_hash(word) if word.isupper() else crc32(word.encode("utf-8", "surrogatepass"))


def _buckets(hashes: npt.NDArray[np.uint64]) -> Ints:
    hashes = (hashes ^ (hashes >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    hashes = (hashes ^ (hashes >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return (hashes >> np.uint64(64 - 16)).astype(np.int64)
