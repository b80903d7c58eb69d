"""What a site's lessons add to the shared model, for one axis: a small logistic regression.

`logit = shared + facts + words`: first the dense facts are fitted, then those words, pairs and names
that still tell something about what is left. All weights are pulled to zero, so that a site without
lessons has the shared model. They are a pure function of the lessons.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from moderation.language.site_filter.features import BIAS, DENSE, SIZE, UNPROVEN, Features
from moderation.language.site_filter.fit import Problem, minimise

# A word, pair or name has a say from so many lessons on, ...
_LEAST_SEEN = 2.5
# ... and when what it tells is this many standard deviations from nothing (Rao's score test): of
# thousands of words in a few hundred lessons, most stand on one side by chance.
_LEAST_SCORE = 2.5

Weights = npt.NDArray[np.float16]


@dataclass(frozen=True, slots=True)
class Example:
    """A lesson on one axis: what was seen, the shared model's logit, what the person said (1 against
    the comment, 0 for it), and how much it counts (0 to 1).
    """

    features: Features
    shared: float
    label: int
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Parts:
    """What the lessons add to the shared model's logit: by the dense facts, and by words and names."""

    facts: float = 0.0
    words: float = 0.0


def contributions(weights: Weights, features: Features) -> npt.NDArray[np.float32]:
    """What each feature adds. An author without a proven address gains nothing."""
    adds = weights[features.indices].astype(np.float32) * features.values
    unproven = features.indices >= UNPROVEN
    if unproven.any():
        adds[unproven] = np.maximum(adds[unproven], 0.0)
    return adds


def split_parts(weights: Weights, features: Features) -> Parts:
    """What the weights add to one comment's logit."""
    adds = contributions(weights, features)
    facts = int(np.count_nonzero(features.indices < DENSE))  # they stand first
    return Parts(float(adds[:facts].sum()), float(adds[facts:].sum()))


def fit_weights(examples: Sequence[Example]) -> Weights:
    """The weights that `examples` ask for: from the same ones, in the same order, always the same."""
    weights = np.zeros(SIZE)
    if not examples:
        return weights.astype(np.float16)
    problem = Problem.of(
        [(each.features.indices, each.features.values) for each in examples],
        offsets=[each.shared for each in examples],
        labels=[each.label for each in examples],
        weights=[each.weight for each in examples],
    )
    is_dense = np.arange(SIZE) < DENSE
    weights += minimise(problem.keep(is_dense), SIZE)
    rest = problem.shift(weights)
    weights[BIAS] = 0.0
    # What a typical comment gains is taken off again: the next filter's logits stay comparable.
    weights[BIAS] = -np.average(problem.sum_rows(weights), weights=problem.weights)
    weights += minimise(rest.keep(_telling(rest) & ~is_dense), SIZE)
    return weights.astype(np.float16)


def _telling(problem: Problem) -> npt.NDArray[np.bool_]:
    """The columns whose score, the sum of what is left over where they occur, is not chance."""
    expected = 1.0 / (1.0 + np.exp(-np.clip(problem.offsets, -40, 40)))
    left = problem.weights * (problem.labels - expected)
    spread = problem.weights * expected * (1 - expected)
    score = problem.sum_columns(left, SIZE)
    variance = problem.sum_columns(spread, SIZE, power=2) + 0.05
    seen = np.bincount(problem.columns, problem.weights[problem.rows], SIZE)
    return (seen >= _LEAST_SEEN) & (np.abs(score) > _LEAST_SCORE * np.sqrt(variance))
