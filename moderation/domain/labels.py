"""Labels: what a person's decision says about a text, as models learn it."""

from collections.abc import Mapping

from moderation.domain.signals import Axis
from moderation.domain.status import Action

# Readers tell off-topic comments from advertising by more than the words: both are labelled as spam.
_SPAM_REASONS = frozenset({"spam", "off_topic"})
# These reasons are about the circumstances; the same words may be fine elsewhere.
_NOT_ABOUT_THE_TEXT = frozenset({"duplicate", "low_quality", "author_request", "undo"})


def labels_of(action: Action, reason: str) -> Mapping[Axis, int]:
    """The labels that a decision gives: 1 (against the text) or 0 (for it) for each axis that it is about.

    An approval is a label on both axes. A rejection, or calling it spam, is a label on one axis and says
    nothing about the other. A decision that is not about the text gives no labels.
    """
    if action == Action.APPROVE:
        return {Axis.ABUSE: 0, Axis.SPAM: 0}
    if action == Action.SPAM:
        return {Axis.SPAM: 1}
    if action != Action.REJECT or reason in _NOT_ABOUT_THE_TEXT:
        return {}
    return {Axis.SPAM: 1} if reason in _SPAM_REASONS else {Axis.ABUSE: 1}
