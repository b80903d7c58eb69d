"""Lessons of an imagined site: texts with a word that its moderators dislike, and without."""

from typing import Any

from moderation.domain.signals import Axis
from moderation.language.site_filter.features import Facts, Features, Shared, build_features
from moderation.language.site_filter.learning import Before, TrainingExample

DISLIKED = "bicycle"
_TEXT = "the council has asked all tenants whether a new bridge over our river would serve them"
_WORDS = _TEXT.split()


def row(text: str, *, abuse: float = 0.0, spam: float = 0.0, **facts: Any) -> Features:
    """The features of a text of which the shared model says this."""
    return build_features(text, Facts(**facts), Shared(abuse, spam, {}))


def lesson(key: int, text: str, answer: int, *, axis: Axis = Axis.ABUSE, **given: Any) -> TrainingExample:
    """A lesson on one axis of a comment about which the shared model had no opinion."""
    values: dict[str, Any] = {
        "key": key,
        "features": row(text),
        "answers": {axis: answer},
        "before": {axis: Before(0.0, None, 0.0)},
        "shift": f"mo/{key // 20}",
    }
    return TrainingExample(**(values | given))


def tasteful(count: int, *, first: int = 0) -> list[TrainingExample]:
    """Lessons of somebody who rejects every second comment, those with the disliked word."""
    lessons = []
    for key in range(first, first + count):
        words = [_WORDS[(key * 7 + step * 3) % len(_WORDS)] for step in range(6)]
        text = " ".join([*words, DISLIKED] if key % 2 else words)
        lessons.append(lesson(key, text, key % 2))
    return lessons
