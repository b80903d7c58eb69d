"""Training examples of a made-up site: texts with and without a word that its moderators dislike."""

from typing import Any

from moderation.domain.signals import Axis
from moderation.language.site_filter.features import Facts, Features, SharedPrediction, build_features
from moderation.language.site_filter.training import Prediction, TrainingExample

DISLIKED = "bicycle"
_TEXT = "the council has asked all tenants whether a new bridge over our river would serve them"
_WORDS = _TEXT.split()


def row(text: str, *, abuse: float = 0.0, spam: float = 0.0, **facts: Any) -> Features:
    """The features of a text with this prediction of the shared model."""
    return build_features(text, Facts(**facts), SharedPrediction(abuse, spam, {}))


NO_PRIOR = Prediction(0.0, None, 0.0)


def example(
    key: int, text: str, label: int, *, axis: Axis = Axis.ABUSE, prior: Prediction = NO_PRIOR, **given: Any
) -> TrainingExample:
    """An example with a label on one axis, for which the shared model predicted one half."""
    values: dict[str, Any] = {
        "key": key,
        "features": row(text),
        "labels": {axis: label},
        "prior_predictions": {axis: prior},
        "moderator_hour": f"mo/{key // 20}",
    }
    return TrainingExample(**(values | given))


def tasteful(count: int, *, first: int = 0) -> list[TrainingExample]:
    """Examples of somebody who rejects every second comment, those with the disliked word."""
    examples = []
    for key in range(first, first + count):
        words = [_WORDS[(key * 7 + step * 3) % len(_WORDS)] for step in range(6)]
        text = " ".join([*words, DISLIKED] if key % 2 else words)
        examples.append(example(key, text, key % 2))
    return examples
