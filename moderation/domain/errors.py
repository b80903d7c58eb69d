"""Everything that `flow` refuses, as exceptions that carry stable codes.

The API turns them into problem+json, the form shows itself again. No message repeats any input.
"""

from dataclasses import dataclass

from moderation.lib.wording import Wording, mark


@dataclass(frozen=True, slots=True)
class FieldError:
    """One field and what to do about it. `code` is stable, `message` is for people, in English. `wording` is
    the same message with its numbers apart, if it has any.
    """

    field: str
    code: str
    message: str
    wording: Wording | None = None


class Refused(Exception):
    """Input or a state that does not allow what was asked. `code` is stable."""

    code = "refused"
    message = mark("This cannot be done.")

    def __init__(self, message: str | None = None) -> None:
        self.message = message or self.message
        super().__init__(self.message)


class InvalidFields(Refused):
    """One or more fields have errors; all of them are named at once."""

    code = "invalid_fields"
    message = mark("Some fields need your attention.")

    def __init__(self, errors: list[FieldError]) -> None:
        self.errors = errors
        super().__init__()


class NotFound(Refused):
    """Unknown, or another site's: the two look the same."""

    code = "not_found"
    message = mark("There is nothing here.")


class ThreadClosed(Refused):
    code = "thread_closed"
    message = mark("Comments are closed here.")


class ThreadNotAllowed(Refused):
    """A public key may create threads only for URLs on the site's hosts."""

    code = "thread_not_allowed"
    message = mark("This key may open threads only for pages on the site's own hosts.")


class ParentNotPublished(Refused):
    code = "parent_not_published"
    message = mark("You can reply only to a published comment.")


class Duplicate(Refused):
    code = "duplicate"
    message = mark("Duplicate comment detected; it looks as though you've already said that!")


class Flood(Refused):
    """Too many submissions in too short a time. `retry_after_s` says when to try again."""

    code = "flood"
    message = mark("You are posting comments too quickly. Slow down.")

    def __init__(self, retry_after_s: int) -> None:
        self.retry_after_s = retry_after_s
        super().__init__()


class IdempotencyMismatch(Refused):
    code = "idempotency_mismatch"
    message = "This Idempotency-Key was used before with another body."


class StaleVersion(Refused):
    """The comment has changed since it was read. `status` is its current status."""

    code = "stale_version"
    message = "Somebody else changed this comment in the meantime."

    def __init__(self, *, status: str, version: int) -> None:
        self.status = status
        self.version = version
        super().__init__()


class NotAllowed(Refused):
    """The person or key may see this, but not do that."""

    code = "not_allowed"
    message = "You are not allowed to do this."


class ActionNotPossible(Refused):
    """The comment's status does not allow this action, or there is nothing left to undo."""

    code = "action_not_possible"
    message = "This is not possible for the comment as it stands."


class StoreUnavailable(Refused):
    """The database is unavailable; anything that was written will be found again."""

    code = "unavailable"
    message = mark("The service cannot take this right now. Please try again in a moment.")
