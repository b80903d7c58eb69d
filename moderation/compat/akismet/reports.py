"""submit-spam and submit-ham: the site's own people decided, and the site's filter learns from it."""

from uuid import UUID

from moderation.compat.akismet.answers import THANKS, AkismetAnswer, refuse
from moderation.compat.akismet.checking import find_same, store_comment
from moderation.compat.akismet.form import SentForm
from moderation.compat.akismet.mapping import CheckedComment, read_comment
from moderation.compat.keys import CompatCaller
from moderation.domain.errors import (
    ActionNotPossible,
    Duplicate,
    InvalidFields,
    NotFound,
    ThreadClosed,
    ThreadNotAllowed,
)
from moderation.domain.status import Action
from moderation.flow.comments.decide import Choice, decide
from moderation.models.key import Scope
from moderation.queries.said_before import belongs_to

_REASONS = {Action.SPAM: "spam", Action.APPROVE: "fine"}


def report_comment(form: SentForm, caller: CompatCaller, action: Action) -> AkismetAnswer:
    """Decide as a moderator of the site would; a comment that is not known is stored first.

    A report that changes nothing, or comes twice, is thanked for in the same way.
    """
    if not caller.may(Scope.DECIDE):
        return refuse("This key may check comments, but not report them.", error="not-allowed")
    if not form.is_true("is_test"):
        comment_id = _find(form, caller)
        if comment_id is not None:
            _decide(comment_id, caller, action)
    return AkismetAnswer(THANKS)


def _find(form: SentForm, caller: CompatCaller) -> UUID | None:
    guid = _uuid_or_none(form["guid"])
    if guid is not None and belongs_to(caller.site.id, guid):
        return guid
    comment = read_comment(form, caller.site.hosts)
    if not comment.is_storable:
        return None
    said = find_same(comment, caller.site)
    return said.comment_id if said else _store(comment, caller)


def _store(comment: CheckedComment, caller: CompatCaller) -> UUID | None:
    if not caller.may(Scope.SUBMIT):
        return None
    try:
        return store_comment(comment, caller.site)
    except Duplicate:
        said = find_same(comment, caller.site)
        return said.comment_id if said else None
    except (InvalidFields, ThreadClosed, ThreadNotAllowed):
        return None


def _decide(comment_id: UUID, caller: CompatCaller, action: Action) -> None:
    choice = Choice(comment_id, is_reported=True)
    try:
        decide(choice, site_id=caller.site.id, action=action, reason=_REASONS[action], actor=caller.actor)
    except (ActionNotPossible, NotFound):
        return  # it stands so already, or is gone


def _uuid_or_none(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
