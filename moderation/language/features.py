"""Fingerprints and similarity of texts, and the detection of their language."""

import hashlib
from dataclasses import dataclass
from functools import cache, lru_cache

import numpy as np
import numpy.typing as npt
from py3langid.langid import (  # type: ignore[import-untyped]
    MODEL_FILE,
    LanguageIdentifier,
)

from moderation.domain.fingerprint import BANDS
from moderation.language.fold.normalise import Normalised, normalise
from moderation.language.fold.tokens import count_cjk, words

Hashes = npt.NDArray[np.uint64]

ROWS = 3  # hashes in a band: texts with a similarity of 0.7 share a band in 97 of 100 cases, of 0.3 in 20
SHINGLE = 5  # characters
# Characters of a text that are compared, because a batch may have hundreds of pairs of the longest texts.
_MOST_COMPARED = 2_000
# The similarity of two long texts whose beginnings are equal: since their ends may differ, they are not
# reported as exact copies.
_SIMILARITY_OF_EQUAL_BEGINNINGS = 0.99
_MIN_WORDS = 4
_MIN_CJK = 12
_MIN_LETTERS = 20
_LANGUAGE_MIN_LETTERS = 24


def exact_hash(text: str | Normalised) -> int:
    """A signed 64-bit hash of the words of `text`; equal for texts that differ in case, punctuation or
    disguise.
    """
    digest = hashlib.blake2b(_comparable(text).encode("utf-8", "surrogatepass"), digest_size=8)
    return int.from_bytes(digest.digest(), "big", signed=True)


def fingerprint(text: str | Normalised) -> tuple[int, ...]:
    """Eight signed 64-bit hashes, one for each MinHash band; nearly equal texts mostly share at least one.

    A short text has none, because it is similar to too many others.
    """
    comparable = _comparable(text)
    if not _is_long_enough(comparable):
        return ()
    shingles = _shingle_hashes(comparable)
    lowest = (shingles[:, None] * _multipliers() + _offsets()).min(axis=0)
    bands = np.zeros(BANDS, dtype=np.uint64)
    for row in range(ROWS):
        bands = _mix(bands * np.uint64(0x9E3779B97F4A7C15) + lowest[row::ROWS])
    return tuple(bands.view(np.int64).tolist())


@dataclass(frozen=True, slots=True)
class Compared:
    """A text that is prepared for comparison with many others, or the beginning of a long text."""

    text: str
    is_whole: bool
    shingles: Hashes | None  # None for a text shorter than one shingle


def ready_to_compare(text: str | Normalised) -> Compared:
    """Prepare a text for `likeness`."""
    is_whole = len(text if isinstance(text, str) else text.text) <= _MOST_COMPARED
    beginning = text[: 2 * _MOST_COMPARED] if isinstance(text, str) else text
    comparable = _comparable(beginning)[:_MOST_COMPARED]
    return Compared(comparable, is_whole, _shingle_hashes(comparable) if len(comparable) >= SHINGLE else None)


def likeness(one: Compared, other: Compared) -> float:
    """The Jaccard similarity of the shingles of two texts, 0 to 1."""
    if one.text == other.text:
        return 1.0 if one.is_whole and other.is_whole else _SIMILARITY_OF_EQUAL_BEGINNINGS
    if one.shingles is None or other.shingles is None:
        return 0.0
    shared = int(np.intersect1d(one.shingles, other.shingles, assume_unique=True).size)
    return shared / (one.shingles.size + other.shingles.size - shared)


def similarity(a: str | Normalised, b: str | Normalised) -> float:
    """The `likeness` of two texts that are not compared with any others."""
    return likeness(ready_to_compare(a), ready_to_compare(b))


@lru_cache(maxsize=16)
def detect_language(text: str) -> tuple[str, float] | None:
    """The language (ISO 639-1) and its probability; None for a text that is too short.

    Cached, because several checks ask for the same text. The model takes 75 MB and half a second to load.
    """
    letters = sum(map(str.isalpha, text))
    if letters + 2 * count_cjk(text) < _LANGUAGE_MIN_LETTERS:
        return None
    language, probability = _identifier().classify(text)
    return str(language), float(probability)


def _comparable(text: str | Normalised) -> str:
    folded = normalise(text).text if isinstance(text, str) else text.text
    return " ".join(words(folded)) or folded.strip()


def _is_long_enough(comparable: str) -> bool:
    if count_cjk(comparable) >= _MIN_CJK:
        return True
    return len(comparable) >= _MIN_LETTERS and comparable.count(" ") + 1 >= _MIN_WORDS


def _shingle_hashes(comparable: str) -> Hashes:
    """The distinct hashes of all shingles (runs of `SHINGLE` characters), sorted."""
    code_points = np.frombuffer(comparable.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    padded = code_points.astype(np.uint64)
    width = min(SHINGLE, padded.size)
    hashes = np.zeros(padded.size - width + 1, dtype=np.uint64)
    for position in range(width):
        part = padded[position : padded.size - width + 1 + position]
        hashes = hashes * np.uint64(0x100000001B3) + part
    return np.unique(_mix(hashes))


def _mix(values: Hashes) -> Hashes:
    """The finaliser of splitmix64: every bit of a value affects every bit of the result."""
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))


# The constants of the hash family are computed, so that fingerprints are the same on every machine.
@cache
def _multipliers() -> Hashes:
    return _mix(np.arange(1, BANDS * ROWS + 1, dtype=np.uint64)) | np.uint64(1)


@cache
def _offsets() -> Hashes:
    return _mix(np.arange(1001, BANDS * ROWS + 1001, dtype=np.uint64))


@cache
def _identifier() -> LanguageIdentifier:
    """Load the model once in a process, for the first text that is long enough."""
    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
