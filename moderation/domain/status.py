"""The statuses of comments, the outcomes of verdicts, and the actions of decisions."""

from enum import StrEnum


class Status(StrEnum):
    """The status of a comment. Every comment has exactly one."""

    SCREENING = "screening"
    HELD = "held"
    PUBLISHED = "published"
    SPAM = "spam"
    REJECTED = "rejected"
    DELETED = "deleted"
    ERASED = "erased"


class Outcome(StrEnum):
    """The result of the policy for all signals."""

    PUBLISH = "publish"
    HOLD = "hold"
    SPAM = "spam"
    REJECT = "reject"


class Action(StrEnum):
    """What a decision does. `hold` is the only way for the service to withdraw a comment; `restore` undoes a
    decision.
    """

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
    """Everything that a reader is ever told."""

    AWAITING = "awaiting_moderation"
    PUBLISHED = "published"
    NOT_PUBLISHED = "not_published"


ACTION_OF_OUTCOME = {
    Outcome.PUBLISH: Action.APPROVE,
    Outcome.HOLD: Action.HOLD,
    Outcome.SPAM: Action.SPAM,
    Outcome.REJECT: Action.REJECT,
}

# `restore` is missing on purpose: its result is recorded in the decision that it reverses.
STATUS_AFTER = {
    Action.APPROVE: Status.PUBLISHED,
    Action.HOLD: Status.HELD,
    Action.SPAM: Status.SPAM,
    Action.REJECT: Status.REJECTED,
    Action.DELETE: Status.DELETED,
}


def tell_reader(status: Status) -> ReaderStatus:
    """The status that readers are told: none learns that a text was considered spam."""
    if status in (Status.SCREENING, Status.HELD):
        return ReaderStatus.AWAITING
    if status == Status.PUBLISHED:
        return ReaderStatus.PUBLISHED
    return ReaderStatus.NOT_PUBLISHED
