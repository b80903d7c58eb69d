"""What readers are told, and that the words hang together."""

import pytest

from moderation.domain.status import (
    ACTION_OF_OUTCOME,
    STATUS_AFTER,
    Action,
    Outcome,
    ReaderStatus,
    Status,
    tell_reader,
)


@pytest.mark.parametrize(
    ("status", "told"),
    [
        (Status.SCREENING, ReaderStatus.AWAITING),
        (Status.HELD, ReaderStatus.AWAITING),
        (Status.PUBLISHED, ReaderStatus.PUBLISHED),
        (Status.SPAM, ReaderStatus.NOT_PUBLISHED),
        (Status.REJECTED, ReaderStatus.NOT_PUBLISHED),
        (Status.DELETED, ReaderStatus.NOT_PUBLISHED),
        (Status.ERASED, ReaderStatus.NOT_PUBLISHED),
    ],
)
def test_a_reader_never_learns_why(status: Status, told: ReaderStatus) -> None:
    assert tell_reader(status) == told


def test_every_outcome_leads_to_a_status() -> None:
    assert {STATUS_AFTER[ACTION_OF_OUTCOME[outcome]] for outcome in Outcome} == {
        Status.PUBLISHED,
        Status.HELD,
        Status.SPAM,
        Status.REJECTED,
    }


def test_only_restore_leads_to_no_fixed_status() -> None:
    assert set(Action) - set(STATUS_AFTER) == {Action.RESTORE}
