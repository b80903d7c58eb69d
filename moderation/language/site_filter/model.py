"""A site's model for one axis: a small logistic regression on top of the shared model.

`logit = shared + facts + words`: the dense features are fitted first, then those words, pairs and names that
explain something of the residual. All weights are shrunk towards zero, so a site without training examples
has the shared model. The weights are a pure function of the training examples.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from moderation.language.site_filter.features import BIAS, DENSE, SIZE, UNPROVEN, Features
from moderation.language.site_filter.logistic_regression import Problem, minimise

# A word, pair or name is used when the examples with it have at least this weight together, ...
_LEAST_SEEN = 2.5
# ... and when its score is at least this many standard deviations from zero (Rao's score test): among
# thousands of words in a few hundred examples, most correlate with a label by chance.
_LEAST_SCORE = 2.5

Weights = npt.NDArray[np.float16]


@dataclass(frozen=True, slots=True)
class AxisExample:
    """A training example on one axis: the features, the shared model's logit, the label (1 against the
    comment, 0 for it), and the weight (0 to 1).
    """

    features: Features
    shared: float
    label: int
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Parts:
    """What a site's model adds to the shared logit: by dense features, and by words and names."""

    facts: float = 0.0
    words: float = 0.0


def contributions(weights: Weights, features: Features) -> npt.NDArray[np.float32]:
    """What each feature adds to the logit. The weight of an unproven address never counts for a comment."""
    adds = weights[features.indices].astype(np.float32) * features.values
    unproven = features.indices >= UNPROVEN
    if unproven.any():
        adds[unproven] = np.maximum(adds[unproven], 0.0)
    return adds


def split_parts(weights: Weights, features: Features) -> Parts:
    """What the weights add to the logit of one comment."""
    adds = contributions(weights, features)
    facts = int(np.count_nonzero(features.indices < DENSE))  # they come first
    return Parts(float(adds[:facts].sum()), float(adds[facts:].sum()))


def fit_weights(examples: Sequence[AxisExample]) -> Weights:
    """Fit the weights on `examples`: the same ones, in the same order, always give the same weights."""
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
    # The mean of what is added is subtracted, so that logits of successive filters stay comparable.
    weights[BIAS] = -np.average(problem.sum_rows(weights), weights=problem.weights)
    weights += minimise(rest.keep(_significant_columns(rest) & ~is_dense), SIZE)
    return weights.astype(np.float16)


def _significant_columns(problem: Problem) -> npt.NDArray[np.bool_]:
    """The columns whose score, the sum of the residuals where they occur, is significant."""
    expected = 1.0 / (1.0 + np.exp(-np.clip(problem.offsets, -40, 40)))
    residuals = problem.weights * (problem.labels - expected)
    variances = problem.weights * expected * (1 - expected)
    score = problem.sum_columns(residuals, SIZE)
    variance = problem.sum_columns(variances, SIZE, power=2) + 0.05
    seen = np.bincount(problem.columns, problem.weights[problem.rows], SIZE)
    return (seen >= _LEAST_SEEN) & (np.abs(score) > _LEAST_SCORE * np.sqrt(variance))
