"""Caps the weights of training examples, so that no hour of one moderator and no text dominates the fit."""

from collections.abc import Hashable, Sequence

import numpy as np
import numpy.typing as npt

# One decision a minute. When somebody decides more within an hour, by bulk actions or in bad faith, each
# decision counts less.
MOST_OF_MODERATOR_HOUR = 60.0
# Many copies of the same text, or nearly the same, carry little more information than a few.
MOST_OF_TEXT = 3.0

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


def cap_weights(moderator_hours: Sequence[Hashable], bands: Sequence[Sequence[int]]) -> Floats:
    """A weight from 0 to 1 for each training example.

    `moderator_hours` names the moderator and the hour of each decision. `bands` are the fingerprints of each
    text: texts that share a band are nearly the same.
    """
    weights = np.ones(len(moderator_hours))
    if not moderator_hours:
        return weights
    examples = np.arange(len(moderator_hours))
    weights *= _shares(weights, examples, _number(moderator_hours), MOST_OF_MODERATOR_HOUR)
    owners = np.repeat(examples, [len(each) for each in bands])
    return weights * _shares(
        weights, owners, _number([band for each in bands for band in each]), MOST_OF_TEXT
    )


def _number(values: Sequence[Hashable]) -> Ints:
    """Number the distinct values from 0; equal values get the same number."""
    numbers: dict[Hashable, int] = {}
    return np.array([numbers.setdefault(value, len(numbers)) for value in values], dtype=np.int64)


def _shares(weights: Floats, owners: Ints, groups: Ints, most: float) -> Floats:
    """The factor for each weight that keeps the total of every group at or below `most`.

    `owners` and `groups` are parallel: an example, and a group that it belongs to.
    """
    shares = np.ones(weights.size)
    if groups.size:
        totals = np.bincount(groups, weights[owners])
        np.minimum.at(shares, owners, most / np.maximum(totals[groups], most))
    return shares
