"""What each decision says about a text."""

import pytest

from moderation.domain.reasons import REASONS
from moderation.domain.signals import Axis
from moderation.domain.status import Action
from moderation.domain.teaching import answers_of

FINE = {Axis.ABUSE: 0, Axis.SPAM: 0}


@pytest.mark.parametrize(
    ("action", "reason", "answers"),
    [
        (Action.APPROVE, "fine", FINE),
        (Action.APPROVE, "second_look", FINE),
        (Action.SPAM, "spam", {Axis.SPAM: 1}),
        (Action.SPAM, "rules", {Axis.SPAM: 1}),
        (Action.REJECT, "insult", {Axis.ABUSE: 1}),
        (Action.REJECT, "rules", {Axis.ABUSE: 1}),
        (Action.REJECT, "spam", {Axis.SPAM: 1}),
        (Action.REJECT, "off_topic", {Axis.SPAM: 1}),
        (Action.REJECT, "duplicate", {}),
        (Action.REJECT, "low_quality", {}),
        (Action.DELETE, "hate", {}),
        (Action.HOLD, "second_look", {}),
        (Action.RESTORE, "undo", {}),
    ],
)
def test_a_decision_answers_only_what_it_speaks_of(action, reason, answers):
    assert answers_of(action, reason) == answers


def test_every_reason_has_an_answer_or_none():
    for reason in REASONS:
        assert set(answers_of(Action.REJECT, reason.code).values()) <= {1}
