"""The labels that each decision gives a text."""

import pytest

from moderation.domain.labels import labels_of
from moderation.domain.reasons import REASONS
from moderation.domain.signals import Axis
from moderation.domain.status import Action

FINE = {Axis.ABUSE: 0, Axis.SPAM: 0}


@pytest.mark.parametrize(
    ("action", "reason", "labels"),
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
def test_a_decision_gives_labels_only_on_the_axes_that_it_is_about(action, reason, labels):
    assert labels_of(action, reason) == labels


def test_every_reason_has_a_label_or_none():
    for reason in REASONS:
        assert set(labels_of(Action.REJECT, reason.code).values()) <= {1}
