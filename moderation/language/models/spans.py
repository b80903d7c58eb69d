"""Finds the few spans of the original text whose n-grams add most to a score."""

import numpy as np

from moderation.domain.signals import Span
from moderation.language.fold.normalise import Normalised
from moderation.language.models.hashing import Floats, Grams, gram_places

MOST_SPANS = 3
_SHARE_OF_STRONGEST = 0.35  # a word that adds less than this share of the strongest word's is left out


def strongest_spans(text: Normalised, grams: Grams, contributions: Floats) -> tuple[Span, ...]:
    """At most `MOST_SPANS` words or runs of neighbouring words, the strongest first.

    An n-gram's contribution is spread evenly over the characters that it covers; a word's share is the sum
    over its characters. Shape features have no place in the text and are left out.
    """
    if not grams.places:
        return ()
    shares = _word_shares(text, grams, contributions[: grams.starts.size])
    strongest = float(shares.max())
    if strongest <= 0:
        return ()
    runs = _runs([index for index, share in enumerate(shares) if share >= strongest * _SHARE_OF_STRONGEST])
    runs.sort(key=lambda run: -float(shares[run[0] : run[1] + 1].sum()))
    return tuple(
        text.span(grams.places[first][0], grams.places[last][1]) for first, last in runs[:MOST_SPANS]
    )


def _word_shares(text: Normalised, grams: Grams, contributions: Floats) -> Floats:
    starts, ends = gram_places(grams)
    each = contributions / np.maximum(ends - starts, 1)
    change = np.zeros(len(text.text) + 1, dtype=np.float32)
    np.add.at(change, starts, each)
    np.add.at(change, ends, -each)
    sums = np.concatenate(([0.0], np.cumsum(np.cumsum(change)[:-1])))
    places = np.array(grams.places)
    shares: Floats = (sums[places[:, 1]] - sums[places[:, 0]]).astype(np.float32)
    return shares


def _runs(indices: list[int]) -> list[tuple[int, int]]:
    """The first and last index of each run of consecutive indices: (1, 2) and (5, 5) for [1, 2, 5]."""
    runs: list[tuple[int, int]] = []
    for index in indices:
        if runs and runs[-1][1] == index - 1:
            runs[-1] = (runs[-1][0], index)
        else:
            runs.append((index, index))
    return runs
