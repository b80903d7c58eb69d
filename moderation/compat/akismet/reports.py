"""submit-spam and submit-ham: the site's own people decided, and the site's filter learns from it."""

from uuid import UUID

from moderation.compat.akismet.answers import THANKS, AkismetAnswer, refuse
from moderation.compat.akismet.checking import build_submission, find_same
from moderation.compat.akismet.form import SentForm
from moderation.compat.akismet.mapping import CheckedComment, is_by_test_author, read_comment
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
from moderation.flow.comments.reported import decide_reported, submit_decided
from moderation.models.key import Scope
from moderation.queries.said_before import belongs_to

_REASONS = {Action.SPAM: "spam", Action.APPROVE: "fine"}


def report_comment(form: SentForm, caller: CompatCaller, action: Action) -> AkismetAnswer:
    """Decide as a moderator of the site would; a comment that is not known is stored first.

    A report that changes nothing, or comes twice, is thanked for in the same way.
    """
    if not caller.may(Scope.DECIDE):
        return refuse("This key may check comments, but not report them.", error="not-allowed")
    if not (form.is_true("is_test") or is_by_test_author(form)):
        _take_report(form, caller, action)
    return AkismetAnswer(THANKS)


def _take_report(form: SentForm, caller: CompatCaller, action: Action) -> None:
    guid = _uuid_or_none(form["guid"])
    if guid is not None and belongs_to(caller.site.id, guid):
        _decide(guid, caller, action)
        return
    comment = read_comment(form, caller.site.hosts)
    if comment.is_storable and not _decide_same(comment, caller, action) and caller.may(Scope.SUBMIT):
        _store(comment, caller, action)


def _decide_same(comment: CheckedComment, caller: CompatCaller, action: Action) -> bool:
    """Decide on the comment that says the same, if there is one."""
    said = find_same(comment, caller.site)
    if said is not None:
        _decide(said.comment_id, caller, action)
    return said is not None


def _store(comment: CheckedComment, caller: CompatCaller, action: Action) -> None:
    submission = build_submission(comment, caller.site)
    try:
        submit_decided(submission, action=action, reason=_REASONS[action], actor=caller.actor)
    except Duplicate:  # a check of the same comment was faster
        _decide_same(comment, caller, action)
    except (InvalidFields, ThreadClosed, ThreadNotAllowed):
        return


def _decide(comment_id: UUID, caller: CompatCaller, action: Action) -> None:
    site_id, reason = caller.site.id, _REASONS[action]
    try:
        decide_reported(comment_id, site_id=site_id, action=action, reason=reason, actor=caller.actor)
    except (ActionNotPossible, NotFound):
        return  # it stands so already, or is gone


def _uuid_or_none(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
