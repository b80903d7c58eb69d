"""From a site's lessons to its filter: the one pure function behind learning and judging."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from moderation.domain.signals import Axis
from moderation.language.site_filter.blend import Blend, Seen, fit_blend
from moderation.language.site_filter.caps import cap_weights
from moderation.language.site_filter.features import SIZE, Features
from moderation.language.site_filter.model import Example, Parts, Weights, fit_weights, split_parts
from moderation.language.site_filter.progressive import Running, follow

AXES = (Axis.ABUSE, Axis.SPAM)
# A filter is silent until it has so many lessons, so many of them each way.
LEAST_LESSONS = 20
LEAST_OF_EACH = 8
# A comment drawn at random stands for those that were not drawn, but never for more than this.
MOST_STOOD_FOR = 20.0


@dataclass(frozen=True, slots=True)
class Before:
    """What was said of a comment before it taught anything: by the shared model, by the filter (the
    parts are None while it was silent), and the logit that orders comments.
    """

    shared: float
    parts: Parts | None
    rank: float


@dataclass(frozen=True, slots=True)
class TrainingExample:
    """What a decision teaches. `answers` has 1 (against it) or 0 (for it) for each axis of which the
    decision speaks; `key` puts lessons in order; `shift` names moderator and hour, `bands` the
    text's fingerprint; `stands_for` is how many comments this one was drawn from.
    """

    key: int
    features: Features
    answers: Mapping[Axis, int]
    before: Mapping[Axis, Before]
    shift: str
    bands: Sequence[int] = ()
    stands_for: float = 1.0


@dataclass(frozen=True, slots=True)
class AxisFilter:
    """What a site has learned on one axis. Weights are None while it is silent."""

    weights: Weights | None = None
    blend: Blend = field(default_factory=Blend)
    lessons: int = 0
    running: Running = field(default_factory=Running)

    @property
    def is_in_use(self) -> bool:
        """Whether it may speak: neither silent nor rolled back."""
        return self.weights is not None and self.running.is_on

    def say(self, features: Features, shared: float) -> Before:
        """What it says of a comment now."""
        if self.weights is None:
            return Before(shared, None, shared)
        parts = split_parts(self.weights, features)
        return Before(shared, parts, self.blend.rank(shared, parts))

    def probability(self, said: Before) -> float:
        """How likely the site's moderators decide against a comment of which this was said."""
        return self.blend.probability(said.shared, said.parts or Parts())


@dataclass(frozen=True, slots=True)
class LearnedFilter:
    """A site's filters as they stand stored, by axis; one that is broken can be read no more."""

    version: int
    axes: Mapping[Axis, AxisFilter]
    is_broken: bool = False

    def on(self, axis: Axis) -> AxisFilter:
        """The filter of one axis; a silent one where there is none."""
        return self.axes.get(axis, AxisFilter())


def learn(lessons: Sequence[TrainingExample], former: Mapping[Axis, AxisFilter]) -> dict[Axis, AxisFilter]:
    """The filters that `lessons` ask for, whatever their order. Of the `former` ones only whether
    each was in use is looked at.
    """
    lessons = sorted(lessons, key=lambda lesson: lesson.key)
    weights = cap_weights([each.shift for each in lessons], [each.bands for each in lessons])
    return {axis: _learn_axis(axis, lessons, weights.tolist(), former.get(axis)) for axis in AXES}


def _learn_axis(
    axis: Axis, lessons: Sequence[TrainingExample], weights: Sequence[float], former: AxisFilter | None
) -> AxisFilter:
    spoken = [
        (lesson, weight) for lesson, weight in zip(lessons, weights, strict=True) if axis in lesson.answers
    ]
    labels = [lesson.answers[axis] for lesson, _ in spoken]
    said = [(each.before[axis], label) for (each, _), label in zip(spoken, labels, strict=True)]
    running = follow(
        former.running if former else Running(), [(b.rank, b.shared, label) for b, label in said]
    )
    if len(labels) < LEAST_LESSONS or min(sum(labels), len(labels) - sum(labels)) < LEAST_OF_EACH:
        return AxisFilter(lessons=len(labels), running=running)
    return AxisFilter(
        weights=fit_weights(
            [
                Example(lesson.features, lesson.before[axis].shared, label, weight)
                for (lesson, weight), label in zip(spoken, labels, strict=True)
            ]
        ),
        blend=fit_blend(
            [
                Seen(before.shared, before.parts, label, weight * min(MOST_STOOD_FOR, lesson.stands_for))
                for (lesson, weight), (before, label) in zip(spoken, said, strict=True)
                if before.parts is not None
            ]
        ),
        lessons=len(labels),
        running=running,
    )


def dump_weights(weights: Weights | None) -> bytes:
    """The weights that are not 0: their indices (4 bytes each), then they (2 bytes each), little-endian."""
    if weights is None:
        return b""
    (indices,) = np.nonzero(weights)
    return indices.astype("<u4").tobytes() + weights[indices].astype("<f2").tobytes()


def load_weights(stored: bytes) -> Weights:
    """The weights that `dump_weights` wrote. Raises `ValueError` for bytes that are none."""
    count, rest = divmod(len(stored), 6)
    indices = np.frombuffer(stored, dtype="<u4", count=count)
    if rest or (count and int(indices.max()) >= SIZE):
        raise ValueError("not the weights of a site's filter")
    weights = np.zeros(SIZE, dtype=np.float16)
    weights[indices] = np.frombuffer(stored, dtype="<f2", offset=4 * count)
    if not np.isfinite(weights[indices]).all():
        raise ValueError("not the weights of a site's filter")
    return weights
