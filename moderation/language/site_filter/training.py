"""From a site's training examples to its filter: the pure function behind fitting and predicting."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from moderation.domain.signals import Axis
from moderation.language.site_filter.blend import Blend, CalibrationExample, fit_blend
from moderation.language.site_filter.caps import cap_weights
from moderation.language.site_filter.features import SIZE, Features
from moderation.language.site_filter.model import AxisExample, Parts, Weights, fit_weights, split_parts
from moderation.language.site_filter.progressive_validation import ProgressiveValidation, validate

AXES = (Axis.ABUSE, Axis.SPAM)
# A filter is fitted once there are this many training examples, and this many of each label.
LEAST_EXAMPLES = 20
LEAST_OF_EACH = 8
# The sample weight of a comment that was drawn at random is the number of comments it was drawn from, but at
# most this.
MOST_SAMPLE_WEIGHT = 20.0


@dataclass(frozen=True, slots=True)
class Prediction:
    """What is predicted for a comment: the shared model's logit, what the filter adds to it (None where the
    filter is not fitted), and the logit by which comments are ranked.
    """

    shared: float
    parts: Parts | None
    rank: float


@dataclass(frozen=True, slots=True)
class TrainingExample:
    """A decided comment as the filter learns it.

    `labels` holds 1 (against the comment) or 0 (for it) for each axis that the decision is about, and
    `prior_predictions` what was predicted before the filter was fitted on this example. `key` sorts examples;
    `moderator_hour` names who decided and in which hour; `bands` are the fingerprint of the text;
    `sample_weight` is the number of comments that this one was drawn from.
    """

    key: int
    features: Features
    labels: Mapping[Axis, int]
    prior_predictions: Mapping[Axis, Prediction]
    moderator_hour: str
    bands: Sequence[int] = ()
    sample_weight: float = 1.0


@dataclass(frozen=True, slots=True)
class AxisFilter:
    """A site's filter for one axis. Its weights are None while it is not fitted."""

    weights: Weights | None = None
    blend: Blend = field(default_factory=Blend)
    example_count: int = 0
    validation: ProgressiveValidation = field(default_factory=ProgressiveValidation)

    @property
    def is_in_use(self) -> bool:
        """Whether its predictions are used: it is fitted, and not switched off."""
        return self.weights is not None and self.validation.is_on

    def predict(self, features: Features, shared: float) -> Prediction:
        """The prediction for a comment, given its features and the shared model's logit."""
        if self.weights is None:
            return Prediction(shared, None, shared)
        parts = split_parts(self.weights, features)
        return Prediction(shared, parts, self.blend.rank(shared, parts))

    def probability(self, prediction: Prediction) -> float:
        """The probability that the site's moderators decide against the comment."""
        return self.blend.probability(prediction.shared, prediction.parts or Parts())


@dataclass(frozen=True, slots=True)
class LearnedFilter:
    """A site's stored filters by axis. A broken one could not be read."""

    version: int
    axes: Mapping[Axis, AxisFilter]
    is_broken: bool = False

    def on(self, axis: Axis) -> AxisFilter:
        """The filter of one axis; one that is not fitted where there is none."""
        return self.axes.get(axis, AxisFilter())


def fit_filters(
    examples: Sequence[TrainingExample], former: Mapping[Axis, AxisFilter]
) -> dict[Axis, AxisFilter]:
    """Fit the filters of all axes on `examples`, whose order does not matter.

    Of the `former` filters only one thing is used: whether each was switched on.
    """
    examples = sorted(examples, key=lambda example: example.key)
    weights = cap_weights([each.moderator_hour for each in examples], [each.bands for each in examples])
    return {axis: _fit_axis(axis, examples, weights.tolist(), former.get(axis)) for axis in AXES}


def _fit_axis(
    axis: Axis, examples: Sequence[TrainingExample], weights: Sequence[float], former: AxisFilter | None
) -> AxisFilter:
    labelled = [
        (example, weight) for example, weight in zip(examples, weights, strict=True) if axis in example.labels
    ]
    labels = [example.labels[axis] for example, _ in labelled]
    validation = validate(
        former.validation if former else ProgressiveValidation(),
        [_predicted(example, axis) for example, _ in labelled],
    )
    if len(labels) < LEAST_EXAMPLES or min(sum(labels), len(labels) - sum(labels)) < LEAST_OF_EACH:
        return AxisFilter(example_count=len(labels), validation=validation)
    return AxisFilter(
        weights=fit_weights([_axis_example(example, axis, weight) for example, weight in labelled]),
        blend=fit_blend(
            [each for example, weight in labelled for each in _calibration_examples(example, axis, weight)]
        ),
        example_count=len(labels),
        validation=validation,
    )


def _predicted(example: TrainingExample, axis: Axis) -> tuple[float, float, int]:
    prior = example.prior_predictions[axis]
    return prior.rank, prior.shared, example.labels[axis]


def _axis_example(example: TrainingExample, axis: Axis, weight: float) -> AxisExample:
    return AxisExample(example.features, example.prior_predictions[axis].shared, example.labels[axis], weight)


def _calibration_examples(
    example: TrainingExample, axis: Axis, weight: float
) -> Iterator[CalibrationExample]:
    """One example, or none if the filter was not fitted yet when the comment was decided."""
    prior = example.prior_predictions[axis]
    if prior.parts is not None:
        weight *= min(MOST_SAMPLE_WEIGHT, example.sample_weight)
        yield CalibrationExample(prior.shared, prior.parts, example.labels[axis], weight)


def dump_weights(weights: Weights | None) -> bytes:
    """The non-zero weights: their indices (4 bytes each), then their values (2 bytes each), little-endian."""
    if weights is None:
        return b""
    (indices,) = np.nonzero(weights)
    return indices.astype("<u4").tobytes() + weights[indices].astype("<f2").tobytes()


def load_weights(stored: bytes) -> Weights:
    """The weights that `dump_weights` wrote. Raises `ValueError` for any other bytes."""
    count, rest = divmod(len(stored), 6)
    indices = np.frombuffer(stored, dtype="<u4", count=count)
    if rest or (count and int(indices.max()) >= SIZE):
        raise ValueError("not the weights of a site's filter")
    weights = np.zeros(SIZE, dtype=np.float16)
    weights[indices] = np.frombuffer(stored, dtype="<f2", offset=4 * count)
    if not np.isfinite(weights[indices]).all():
        raise ValueError("not the weights of a site's filter")
    return weights
