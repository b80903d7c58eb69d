"""Blends a site's filter with the shared model, and calibrates the result for the site.

Both are fitted on predictions that the filter made *before* it was fitted on the comments in question, so a
filter that only repeats its training examples gains nothing. `probability = sigmoid(scale * shared +
facts * parts.facts + words * parts.words + shift)`; with `facts` and `words` at 0 this is Platt scaling
(1999).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from moderation.language.site_filter.logistic_regression import Problem, minimise
from moderation.language.site_filter.model import Parts
from moderation.lib.odds import sigmoid

# Only the latest examples are used, at most this many.
CALIBRATION_WINDOW = 400
# Means and precisions of the normal prior of scale, facts, words and shift: words start with little weight.
_PRIOR_MEANS = (1.0, 0.3, 0.2, 0.0)
_PRIOR_PRECISIONS = (20.0, 12.0, 6.0, 0.5)
_LEAST_SCALE = 0.2
# `scale` and `shift` are fitted to the site once it has this many examples of each label.
LEAST_OF_EACH = 25


@dataclass(frozen=True, slots=True)
class Blend:
    """The four parameters; the defaults are those of a site without training examples."""

    scale: float = 1.0
    facts: float = 0.0
    words: float = 0.0
    shift: float = 0.0

    def rank(self, shared: float, parts: Parts) -> float:
        """The site's logit on the scale of the shared model, by which comments are ranked."""
        return shared + (self.facts * parts.facts + self.words * parts.words) / self.scale

    def probability(self, shared: float, parts: Parts) -> float:
        """The probability that the site's moderators decide against the comment, 0 to 1."""
        logit = self.scale * self.rank(shared, parts) + self.shift
        return sigmoid(logit)


@dataclass(frozen=True, slots=True)
class CalibrationExample:
    """A decided comment with what was predicted before the filter was fitted on it.

    `weight` is its sample weight: more than 1 where the comment was drawn at random from many.
    """

    shared: float
    parts: Parts
    label: int
    weight: float = 1.0


def fit_blend(examples: Sequence[CalibrationExample]) -> Blend:
    """Fit the blend on the latest of `examples`, which are sorted from oldest to newest."""
    examples = examples[-CALIBRATION_WINDOW:]
    means, roots = np.array(_PRIOR_MEANS), np.sqrt(np.array(_PRIOR_PRECISIONS))
    blend = Blend(*_PRIOR_MEANS)
    if not examples:
        return blend
    table = np.array([[each.shared, each.parts.facts, each.parts.words, 1.0] for each in examples])
    columns = np.arange(4, dtype=np.uint32)
    problem = Problem.of(
        [(columns, row.astype(np.float32)) for row in table / roots],
        offsets=(table @ means).tolist(),
        labels=[each.label for each in examples],
        weights=[each.weight for each in examples],
    )
    scale, facts, words, shift = (means + minimise(problem, 4) / roots).tolist()
    blend = Blend(max(_LEAST_SCALE, scale), max(0.0, facts), max(0.0, words), shift)
    against = sum(each.label for each in examples)
    if min(against, len(examples) - against) >= LEAST_OF_EACH:
        return blend
    # Too few to calibrate probabilities for this site: use only how it ranks comments.
    return replace(
        blend, scale=1.0, facts=blend.facts / blend.scale, words=blend.words / blend.scale, shift=0.0
    )
