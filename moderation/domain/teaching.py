"""What a person's decision says about a text, for models that learn from it."""

from collections.abc import Mapping

from moderation.domain.signals import Axis
from moderation.domain.status import Action

# Off topic and advertising differ more to readers than in words: both mean "does not belong here".
_SPAM_REASONS = frozenset({"spam", "off_topic"})
# These are about circumstances; the same words may be fine elsewhere.
_NOT_OF_THE_TEXT = frozenset({"duplicate", "low_quality", "author_request", "undo"})


def answers_of(action: Action, reason: str) -> Mapping[Axis, int]:
    """1 (against) or 0 (for) on each axis that the decision is about; empty for one that teaches nothing.

    Approving counts for a text on both axes; rejecting or spam counts against it on one, and says nothing
    about the other.
    """
    if action == Action.APPROVE:
        return {Axis.ABUSE: 0, Axis.SPAM: 0}
    if action == Action.SPAM:
        return {Axis.SPAM: 1}
    if action != Action.REJECT or reason in _NOT_OF_THE_TEXT:
        return {}
    return {Axis.SPAM: 1} if reason in _SPAM_REASONS else {Axis.ABUSE: 1}
