"""The words for where a comment stands, what a verdict says, and what a decision does."""

from enum import StrEnum


class Status(StrEnum):
    """Where a comment stands. Every comment has exactly one."""

    SCREENING = "screening"
    HELD = "held"
    PUBLISHED = "published"
    SPAM = "spam"
    REJECTED = "rejected"
    DELETED = "deleted"
    ERASED = "erased"


class Outcome(StrEnum):
    """What the policy makes of all signals."""

    PUBLISH = "publish"
    HOLD = "hold"
    SPAM = "spam"
    REJECT = "reject"


class Action(StrEnum):
    """What a decision does. `hold` is a machine's only way back; `restore` undoes a decision."""

    APPROVE = "approve"
    HOLD = "hold"
    SPAM = "spam"
    REJECT = "reject"
    DELETE = "delete"
    RESTORE = "restore"


class ActorKind(StrEnum):
    """Who made a decision."""

    PERSON = "person"
    RULE = "rule"
    VERDICT = "verdict"


class ReaderStatus(StrEnum):
    """All that a reader is ever told."""

    AWAITING = "awaiting_moderation"
    PUBLISHED = "published"
    NOT_PUBLISHED = "not_published"


ACTION_OF_OUTCOME = {
    Outcome.PUBLISH: Action.APPROVE,
    Outcome.HOLD: Action.HOLD,
    Outcome.SPAM: Action.SPAM,
    Outcome.REJECT: Action.REJECT,
}

# `restore` is missing on purpose: where it leads is written in the decision that it reverses.
STATUS_AFTER = {
    Action.APPROVE: Status.PUBLISHED,
    Action.HOLD: Status.HELD,
    Action.SPAM: Status.SPAM,
    Action.REJECT: Status.REJECTED,
    Action.DELETE: Status.DELETED,
}


def tell_reader(status: Status) -> ReaderStatus:
    """The status as readers are told it: no reader learns that a text was taken for spam."""
    if status in (Status.SCREENING, Status.HELD):
        return ReaderStatus.AWAITING
    if status == Status.PUBLISHED:
        return ReaderStatus.PUBLISHED
    return ReaderStatus.NOT_PUBLISHED
