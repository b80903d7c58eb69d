"""Turn a folded text into hashed n-grams: the features of every linear model.

Words, pairs of words, and runs of three to five characters inside words (their edges marked by a
blank), each hashed to one of `BUCKETS`. The hash is polynomial over code points and finished by
splitmix64, so it is the same on every machine and in every process.
"""

import re
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

BITS = 18
BUCKETS = 1 << BITS
MOST_CHARACTERS = 4_000  # of a folded text: what follows adds time, and seldom a new judgement
_GRAMS = (3, 4, 5)
_TOKEN = re.compile(r"[^\W_]+(?:'[^\W_]+)*|([^\w\s])\1*")

Ints = npt.NDArray[np.int64]
Hashes = npt.NDArray[np.uint64]
Floats = npt.NDArray[np.float32]

_BASE = 0x9E3779B97F4A7C15
_INVERSE = pow(_BASE, -1, 1 << 64)
_LONGEST = MOST_CHARACTERS * 2 + 2


def _powers(of: int) -> Hashes:
    factors = np.full(_LONGEST, of, dtype=np.uint64)
    factors[0] = 1
    return np.cumprod(factors)


_POWERS = _powers(_BASE)
_INVERSE_POWERS = _powers(_INVERSE)
_PAIR = np.uint64(0xD1342543DE82EF95)


@dataclass(frozen=True, slots=True)
class Grams:
    """The n-grams of one text: `buckets` (0 to BUCKETS - 1), the `values` that a model multiplies
    its weights with, and where each stands in the folded text (`starts`, `ends`, half open).

    A bucket may stand several times, once for each place; the values of a repeated one share what
    a single one would have. Words and characters are each scaled to length 1.
    """

    buckets: Ints
    values: Floats
    starts: Ints
    ends: Ints


def hash_grams(folded: str) -> Grams:
    """The n-grams of `folded`, the text of a `Normalised`; empty for a text without a token."""
    tokens = [(match.start(), match.end()) for match in _TOKEN.finditer(folded[:MOST_CHARACTERS])]
    if not tokens:
        none = np.zeros(0, dtype=np.int64)
        return Grams(none, none.astype(np.float32), none, none)
    joined = " " + " ".join([folded[start:end] for start, end in tokens]) + " "
    codes = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    sums = _prefix_sums(codes)
    blanks = np.flatnonzero(codes == 32)
    places = np.array(tokens, dtype=np.int64)
    word_starts, word_ends = blanks[:-1] + 1, blanks[1:]
    words = _hash_ranges(sums, word_starts, word_ends)
    pairs = words[:-1] * _PAIR + words[1:]
    starts, ends = _runs_inside_words(codes)
    runs = _hash_ranges(sums, starts, ends) ^ _PAIR
    word_buckets = _buckets(np.concatenate([words, pairs]))
    run_buckets = _buckets(runs)
    back = _way_back(codes.size, word_starts, word_ends, places)
    return Grams(
        np.concatenate([word_buckets, run_buckets]),
        np.concatenate([_scaled(word_buckets), _scaled(run_buckets)]),
        np.concatenate([places[:, 0], places[:-1, 0], back[starts]]),
        np.concatenate([places[:, 1], places[1:, 1], back[ends - 1] + 1]),
    )


def _prefix_sums(codes: npt.NDArray[np.uint32]) -> Hashes:
    """`sums[j] - sums[i]` times the inverse base to the power i is the hash of `codes[i:j]`."""
    sums = np.zeros(codes.size + 1, dtype=np.uint64)
    np.cumsum(codes.astype(np.uint64) * _POWERS[: codes.size], out=sums[1:])
    return sums


def _hash_ranges(sums: Hashes, starts: Ints, ends: Ints) -> Hashes:
    return (sums[ends] - sums[starts]) * _INVERSE_POWERS[starts] + (ends - starts).astype(np.uint64)


def _runs_inside_words(codes: npt.NDArray[np.uint32]) -> tuple[Ints, Ints]:
    """All runs of 3 to 5 characters that hold a blank at their edges only."""
    before = np.zeros(codes.size + 1, dtype=np.int64)
    np.cumsum(codes == 32, out=before[1:])
    starts, ends = [], []
    for width in _GRAMS:
        if codes.size < width:
            break
        first = np.arange(codes.size - width + 1)
        inside = first[before[first + width - 1] == before[first + 1]]
        starts.append(inside)
        ends.append(inside + width)
    return np.concatenate(starts), np.concatenate(ends)


def _buckets(hashes: Hashes) -> Ints:
    hashes = (hashes ^ (hashes >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    hashes = (hashes ^ (hashes >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return (hashes >> np.uint64(64 - BITS)).astype(np.int64)


def _scaled(buckets: Ints) -> Floats:
    """Each distinct bucket counts once, whatever its repeats; the text as a whole has length 1."""
    _, which, counts = np.unique(buckets, return_inverse=True, return_counts=True)
    return (1.0 / (counts[which] * np.sqrt(counts.size))).astype(np.float32)


def _way_back(size: int, word_starts: Ints, word_ends: Ints, places: Ints) -> Ints:
    """For each position of the joined text, the position in the folded one; a blank's is its word's."""
    back = np.zeros(size, dtype=np.int64)
    shift = np.repeat(places[:, 0] - word_starts, word_ends - word_starts + 1)
    back[1:] = np.arange(1, size) + shift
    back[0] = places[0, 0]
    return np.minimum(back, np.repeat(places[:, 1], word_ends - word_starts + 1)[np.r_[0, 0:size - 1]] - 1)
