"""How much each lesson counts: nobody teaches a site more in an hour than a person can think over."""

from collections.abc import Hashable, Sequence

import numpy as np
import numpy.typing as npt

# A decision a minute. Who decides more within an hour, by bulk acts or in bad faith, has each count less.
MOST_OF_MODERATOR_AND_HOUR = 60.0
# The same text, or nearly, many times over tells little more than a few times.
MOST_OF_TEXT = 3.0

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


def cap_weights(shifts: Sequence[Hashable], bands: Sequence[Sequence[int]]) -> Floats:
    """A weight of 0 to 1 for each lesson; `shifts` names moderator and hour, `bands` are the
    fingerprints of the text: texts that share one are nearly the same.
    """
    weights = np.ones(len(shifts))
    if not shifts:
        return weights
    everyone = np.arange(len(shifts))
    weights *= _shares(weights, everyone, _number(shifts), MOST_OF_MODERATOR_AND_HOUR)
    owners = np.repeat(everyone, [len(each) for each in bands])
    return weights * _shares(
        weights, owners, _number([band for each in bands for band in each]), MOST_OF_TEXT
    )


def _number(values: Sequence[Hashable]) -> Ints:
    """Equal values get the same number, from 0 on."""
    numbers: dict[Hashable, int] = {}
    return np.array([numbers.setdefault(value, len(numbers)) for value in values], dtype=np.int64)


def _shares(weights: Floats, owners: Ints, groups: Ints, most: float) -> Floats:
    """What is left of each weight when none of its owner's groups may weigh more than `most`.

    `owners` and `groups` are pairs: a lesson, and a group that it belongs to.
    """
    shares = np.ones(weights.size)
    if groups.size:
        totals = np.bincount(groups, weights[owners])
        np.minimum.at(shares, owners, most / np.maximum(totals[groups], most))
    return shares
