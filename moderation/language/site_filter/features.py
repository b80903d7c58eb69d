"""The features that a site's filter uses: the shared model's predictions, the text's shape, words, names.

A comment is one sparse row of `SIZE` numbers. The first `DENSE` are dense features that every comment has:
the shared model's heads, profanity by level, links, capitals. They are followed by hashed words and word
pairs, then by names: the author and the domains. The row contains no readable text and no address.
"""

import math
import re
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from moderation.language.models.heads import ABUSE_HEADS, Head

# Raise it with every change to the features of a comment: training examples are then extracted again.
VERSION = 1

DENSE = 32
_WORD_BUCKETS = 1 << 16
NAMES = DENSE + _WORD_BUCKETS
_NAME_BUCKETS = 1 << 12
# Authors with an unproven address: anyone can enter it, so these weights may only count against a comment.
UNPROVEN = NAMES + _NAME_BUCKETS
SIZE = UNPROVEN + _NAME_BUCKETS
BIAS = 0

MOST_TOKENS = 400  # of a text: more tokens cost time and seldom change the prediction
# The scale of each group of features. Dense features occur in every comment and need a smaller scale than
# words, which occur in few.
_FACT, _WORD, _PAIR, _NAME = 0.25, 1.0, 0.7, 1.0
_WORDS_OF_FULL_VALUE = 16  # in a longer text each word has a smaller value
_MOST_LOGIT = 8.0

# Single characters of scripts without spaces, words, and non-ASCII symbols such as emoji.
_TOKEN = re.compile(
    "[\u3040-\u30ff\u3400-\u9fff]|[^\\W_\u3040-\u30ff\u3400-\u9fff]+(?:'[^\\W_]+)*|[^\\w\\s\x00-\x7f]"
)
# 2 ** 32 divided by the golden ratio: spreads CRC-32 values that are close together.
_SPREAD = 0x9E3779B1

Indices = npt.NDArray[np.uint32]
Values = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Features:
    """A sparse row: `values` at `indices`, each index once, dense features first; zero elsewhere."""

    indices: Indices
    values: Values

    def to_bytes(self) -> bytes:
        """Indices, then values, 4 bytes each, little-endian."""
        return self.indices.astype("<u4").tobytes() + self.values.astype("<f4").tobytes()

    @classmethod
    def from_bytes(cls, stored: bytes) -> "Features":
        """The row that `to_bytes` wrote."""
        half = len(stored) // 2
        return cls(np.frombuffer(stored[:half], dtype="<u4"), np.frombuffer(stored[half:], dtype="<f4"))


@dataclass(frozen=True, slots=True)
class SharedPrediction:
    """What the shared model predicts: a logit for each axis, a probability for each head."""

    abuse: float
    spam: float
    heads: Mapping[Head, float]


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known besides the text. `author` is any opaque key, domains are registrable ones,
    `capitals` is the share of capitals among the letters, `profanity` counts words by level.
    """

    author: str = ""
    is_proven: bool = False
    domains: Sequence[str] = ()
    website_domain: str = ""
    links: int = 0
    capitals: float = 0.0
    profanity: Sequence[int] = (0, 0, 0, 0)


def build_features(folded: str, facts: Facts, shared: SharedPrediction) -> Features:
    """Build the features of a comment from its folded text, in time linear in its length."""
    tokens = _TOKEN.findall(folded)[:MOST_TOKENS]
    words, pairs = _hash_tokens(tokens)
    share = min(1.0, math.sqrt(_WORDS_OF_FULL_VALUE / max(1, len(tokens))))
    row = dict(enumerate(_dense(facts, len(tokens), shared)))
    row |= dict.fromkeys(pairs, _PAIR * share)
    row |= dict.fromkeys(words, _WORD * share)
    row |= dict.fromkeys(_names(facts), _NAME)
    return Features(
        np.fromiter(row.keys(), dtype=np.uint32, count=len(row)),
        np.fromiter(row.values(), dtype=np.float32, count=len(row)),
    )


def token_places(folded: str) -> Iterator[tuple[int, int, int]]:
    """For each word and word pair of `folded`: its feature index, its start and end in the folded text."""
    places = [match.span() for match in _TOKEN.finditer(folded)][:MOST_TOKENS]
    words, pairs = _hash_tokens([folded[start:end] for start, end in places])
    for index, (start, end) in zip(words, places, strict=True):
        yield index, start, end
    for index, first, second in zip(pairs, places, places[1:], strict=False):
        yield index, first[0], second[1]


def share_of_capitals(text: str) -> float:
    """The share of capitals among the letters, 0 to 1; 0 for a text of fewer than 12 letters."""
    letters = sum(map(str.isalpha, text))
    return sum(map(str.isupper, text)) / letters if letters >= 12 else 0.0


def _dense(facts: Facts, length: int, shared: SharedPrediction) -> Iterable[float]:
    heads = [shared.heads.get(head, 0.5) for head in (*ABUSE_HEADS, Head.SPAM)]
    scaled = [
        _bounded(shared.abuse) / 4,
        _bounded(shared.spam) / 4,
        math.log2(1 + min(facts.links, 15)),
        float(bool(facts.website_domain)),
        2 * facts.capitals,
        math.log2(1 + length) / 8 - 0.5,
        *(_bounded(_logit(probability)) / 4 for probability in heads),
        *(min(count, 2) for count in facts.profanity),
    ]
    return [1.0, *(_FACT * value for value in scaled)]


def _bounded(logit: float) -> float:
    return max(-_MOST_LOGIT, min(_MOST_LOGIT, logit))


def _logit(probability: float) -> float:
    bounded = max(1e-4, min(1 - 1e-4, probability))
    return math.log(bounded / (1 - bounded))


def _hash_tokens(tokens: Sequence[str]) -> tuple[list[int], list[int]]:
    """The indices of the words and of the pairs of neighbouring words, in order."""
    raw = [token.encode("utf-8", "surrogatepass") for token in tokens]
    words = [zlib.crc32(token) for token in raw]
    pairs = [zlib.crc32(second, ~first & 0xFFFFFFFF) for first, second in zip(words, raw[1:], strict=False)]
    return _places(words), _places(pairs)


def _places(hashes: Sequence[int]) -> list[int]:
    return [DENSE + ((value * _SPREAD & 0xFFFFFFFF) >> 16) for value in hashes]


def _names(facts: Facts) -> Iterator[int]:
    if facts.author:
        yield (NAMES if facts.is_proven else UNPROVEN) + _name("author", facts.author)
    for domain in facts.domains:
        yield NAMES + _name("link", domain)
    if facts.website_domain:
        yield NAMES + _name("website", facts.website_domain)


def _name(kind: str, value: str) -> int:
    hashed = zlib.crc32(f"{kind}:{value}".encode("utf-8", "surrogatepass"))
    return (hashed * _SPREAD & 0xFFFFFFFF) >> 20
