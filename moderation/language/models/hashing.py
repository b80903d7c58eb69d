"""Turns a folded text into hashed n-grams, the features of the linear model.

The n-grams are words, pairs of neighbouring words, and runs of three to five characters inside words (with a
blank at the edges of a word), each hashed to one of `BUCKETS`. The hash is a polynomial over code points with
the finaliser of splitmix64, so that it is the same on every machine and in every process; prefix sums give
the hashes of all ranges of the text at once.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

BITS = 18
BUCKETS = 1 << BITS
MOST_CHARACTERS = 4_000  # of a folded text; more of them cost time and seldom change the prediction
# The value of each shape feature. The values of words with their pairs have an L2 norm of 1, and so do those
# of character runs.
FEATURE_VALUE = 0.25
_WIDTHS = (3, 4, 5)
_TOKEN = re.compile(r"[^\W_]+(?:'[^\W_]+)*|([^\w\s])\1*")
_BLANK = 32

Ints = npt.NDArray[np.int64]
Hashes = npt.NDArray[np.uint64]
Floats = npt.NDArray[np.float32]

_BASE = 0x9E3779B97F4A7C15
_PAIR = np.uint64(0xD1342543DE82EF95)


def _powers(base: int) -> Hashes:
    """Powers of `base` modulo 2**64, enough for a text whose every character is a token."""
    factors = np.full(2 * MOST_CHARACTERS + 2, base, dtype=np.uint64)
    factors[0] = 1
    return np.cumprod(factors)


_POWERS = _powers(_BASE)
_INVERSE_POWERS = _powers(pow(_BASE, -1, 1 << 64))


@dataclass(frozen=True, slots=True)
class Grams:
    """The features of one text: `buckets` (0 to BUCKETS - 1), and the `values` by which weights are
    multiplied.

    Words come first, then pairs, character runs and shape features. `starts` and `ends` (exclusive) are the
    ranges of the n-grams in the tokens joined by blanks, and `places` the ranges of the tokens in the folded
    text; `gram_places` combines them. Shape features have no range.
    """

    buckets: Ints
    values: Floats
    starts: Ints
    ends: Ints
    places: list[tuple[int, int]]


_NOTHING = np.zeros(0, dtype=np.int64)


def hash_grams(folded: str, features: Iterable[str] = ()) -> Grams:
    """The n-grams of `folded`, the text of a `Normalised`, and the shape `features` of the text."""
    shape = np.array([_feature_bucket(feature) for feature in features], dtype=np.int64)
    places = [match.span() for match in _TOKEN.finditer(folded[:MOST_CHARACTERS])]
    joined = " " + " ".join([folded[start:end] for start, end in places]) + " "
    codes = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    if not places:
        return Grams(shape, np.full(shape.size, FEATURE_VALUE, dtype=np.float32), _NOTHING, _NOTHING, places)
    is_blank = codes == _BLANK
    blanks = is_blank.nonzero()[0]
    word_starts, word_ends = blanks[:-1] + 1, blanks[1:]
    run_starts, run_ends = _runs_inside_words(is_blank)
    sums = np.zeros(codes.size + 1, dtype=np.uint64)
    np.cumsum(codes * _POWERS[: codes.size], out=sums[1:])
    words = _hash_ranges(sums, word_starts, word_ends)
    runs = _hash_ranges(sums, run_starts, run_ends)
    count, run_count = 2 * words.size - 1, runs.size
    hashes = np.concatenate((words, words[:-1] * _PAIR + words[1:], runs ^ _PAIR))
    values = np.empty(count + run_count + shape.size, dtype=np.float32)
    values[:count] = count**-0.5
    values[count : count + run_count] = max(run_count, 1) ** -0.5
    values[count + run_count :] = FEATURE_VALUE
    return Grams(
        np.concatenate((_buckets(hashes), shape)),
        values,
        np.concatenate((word_starts, word_starts[:-1], run_starts)),
        np.concatenate((word_ends, word_ends[1:], run_ends)),
        places,
    )


def gram_places(grams: Grams) -> tuple[Ints, Ints]:
    """The ranges of the n-grams in the folded text: their starts and their ends (exclusive).

    Shape features have no range. A blank at an edge of an n-gram covers no character.
    """
    firsts: list[int] = []
    lasts = [0]
    for start, end in grams.places:
        firsts.append(start)
        firsts.extend(range(start, end))
        lasts.extend(range(start + 1, end + 1))
        lasts.append(end)
    firsts.append(lasts[-1])
    return np.array(firsts, dtype=np.int64)[grams.starts], np.array(lasts, dtype=np.int64)[grams.ends - 1]


def _runs_inside_words(is_blank: npt.NDArray[np.bool_]) -> tuple[Ints, Ints]:
    """The ranges of all runs of 3 to 5 characters that have blanks at their edges only."""
    size = is_blank.size
    before = np.zeros(size + 1, dtype=np.int64)
    np.cumsum(is_blank, out=before[1:])
    starts = []
    for width in _WIDTHS:
        last = size - width + 1
        is_whole = before[width - 1 : size] == before[1 : last + 1] if last > 0 else _NOTHING
        starts.append(is_whole.nonzero()[0])
    widths = np.repeat(_WIDTHS, [found.size for found in starts])
    together = np.concatenate(starts)
    return together, together + widths


def _hash_ranges(sums: Hashes, starts: Ints, ends: Ints) -> Hashes:
    """The hash of each range, which does not depend on the position of the range in the text."""
    return (sums[ends] - sums[starts]) * _INVERSE_POWERS[starts]


def _buckets(hashes: Hashes) -> Ints:
    hashes = (hashes ^ (hashes >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    hashes = (hashes ^ (hashes >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return (hashes >> np.uint64(64 - BITS)).astype(np.int64)


@cache
def _feature_bucket(feature: str) -> int:
    """The bucket of a shape feature. Its hashed name begins with a line feed, which occurs in no token."""
    codes = np.frombuffer(f"\n{feature}".encode("utf-32-le"), dtype=np.uint32)
    return int(_buckets(np.sum(codes * _POWERS[: codes.size], keepdims=True, dtype=np.uint64))[0])
