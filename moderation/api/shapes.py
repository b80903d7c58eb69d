"""The shapes of responses. None has an email address; those for readers do not even have its mask."""

from collections.abc import Iterable
from typing import Annotated, Any
from uuid import UUID

from moderation.api.structs import Count, Id, Moment, Shape, Version, about
from moderation.domain.signals import Axis, Field
from moderation.domain.status import Action, ActorKind, Outcome, ReaderStatus, Status, tell_reader
from moderation.engine.sentences import say
from moderation.models import Comment, Decision, Screening, Thread
from moderation.privacy import vault
from moderation.queries.published_rows import PublishedComment
from moderation.queries.threads import ThreadPage


class CommentStatusShape(Shape):
    """What a reader is told about a comment."""

    id: Id
    status: ReaderStatus


class _ThreadRefShape(Shape):
    id: Id
    key: Annotated[str, about("The site's own key, or the canonical URL of the page.")]
    url: str | None
    title: str | None


class _AuthorShape(Shape):
    name: str
    ref: Annotated[str, about("The same for all comments from one address on this site; reveals no more.")]
    website: str | None
    email_mask: Annotated[str, about("Like `a…@example.org`; the address itself is never shown.")] | None
    is_verified: bool


class _SpanShape(Shape):
    start: Count
    end: Count
    field: Field


class _FindingShape(Shape):
    code: Annotated[str, about("Stable, such as `links.first_link`.")]
    sentence: Annotated[str, about("The same as an English sentence.")]
    axis: Axis
    points: float
    spans: Annotated[list[_SpanShape], about("The place in the original text, in code points, half open.")]


class _SignalShape(_FindingShape):
    confidence: float
    check: str


class ScreeningShape(Shape):
    """One run of all checks over a comment."""

    outcome: Outcome
    explanation: Annotated[str, about("What would have to change for a different verdict.")]
    reasons: Annotated[list[_FindingShape], about("The signals that carried the verdict.")]
    signals: Annotated[list[_SignalShape], about("Everything that the checks found.")]
    scores: dict[str, float]
    engine_version: str
    policy_version: Count
    runner: Annotated[str, about("Who ran the checks.")]
    duration_ms: float
    created_at: Moment


class CommentShape(Shape):
    """A comment as its site's own server sees it."""

    id: Id
    status: Annotated[Status, about("The comment's status.")]
    reader_status: ReaderStatus
    version: Version
    thread: _ThreadRefShape
    parent: Id | None
    author: _AuthorShape
    body: Annotated[str, about("The text as it was written.")]
    submitted_at: Moment
    created_at: Moment
    published_at: Moment | None
    screening: ScreeningShape | None


class DecisionShape(Shape):
    """A decision, with the comment's version after it."""

    id: Id
    comment: Id
    action: Action
    reason: str
    note: str | None
    from_status: Status
    to_status: Status
    version: Version
    by: ActorKind
    reverses: Id | None
    created_at: Moment


class CommentWithDecisionsShape(CommentShape):
    """A comment with all decisions on it, the oldest first."""

    decisions: list[DecisionShape]


def show_status(comment_id: UUID, status: Status) -> CommentStatusShape:
    """What a reader is told about a comment."""
    return CommentStatusShape(id=comment_id, status=tell_reader(status))


def show_comment(comment: Comment, screening: Screening | None) -> CommentShape:
    """A comment as its site's own server sees it."""
    return CommentShape(**_members(comment, screening))


def show_comment_with_decisions(
    comment: Comment, screening: Screening | None, decisions: Iterable[Decision]
) -> CommentWithDecisionsShape:
    """The same with all decisions on it."""
    shown = [show_decision(decision) for decision in decisions]
    return CommentWithDecisionsShape(**_members(comment, screening), decisions=shown)


def _members(comment: Comment, screening: Screening | None) -> dict[str, Any]:
    return {
        "id": comment.id,
        "status": Status(comment.status),
        "reader_status": tell_reader(Status(comment.status)),
        "version": comment.version,
        "thread": _ThreadRefShape(**_show_thread_ref(comment.thread)),
        "parent": comment.parent_id,
        "author": _show_author(comment),
        "body": comment.current_revision.body,
        "submitted_at": comment.submitted_at,
        "created_at": comment.created_at,
        "published_at": comment.published_at,
        "screening": _show_screening(screening) if screening else None,
    }


def _show_author(comment: Comment) -> _AuthorShape:
    return _AuthorShape(
        name=comment.author_name,
        ref=vault.author_ref(bytes(comment.author.address_hash), site_id=comment.site_id),
        website=comment.website or None,
        email_mask=comment.email_mask or None,
        is_verified=comment.author.is_proven,
    )


def show_decision(decision: Decision) -> DecisionShape:
    """A decision, with the comment's version after it."""
    return DecisionShape(
        id=decision.id,
        comment=decision.comment_id,
        action=Action(decision.action),
        reason=decision.reason,
        note=decision.note or None,
        from_status=Status(decision.from_status),
        to_status=Status(decision.to_status),
        version=decision.comment_version,
        by=ActorKind(decision.actor_kind),
        reverses=decision.reverses_id,
        created_at=decision.created_at,
    )


class PublishedCommentShape(Shape):
    """A comment as readers see it."""

    class _Author(Shape):
        name: str
        ref: str
        website: str | None

    id: Id
    parent: Id | None
    root: Id | None
    depth: Count
    is_removed: Annotated[bool, about("Kept without text because it has replies.")]
    author: _Author | None
    body_html: Annotated[str, about("Sanitised HTML.")]
    submitted_at: Moment


class _MoreRepliesShape(Shape):
    """A top-level comment that has more replies than this page."""

    root: Id
    after: Id


class ThreadShape(Shape):
    """One page of a thread as readers see it."""

    id: Id | None
    key: str | None
    url: str | None
    title: str | None
    is_open: bool
    published_count: Count
    comments: Annotated[
        list[PublishedCommentShape], about("Top-level comments by age, each followed by its replies.")
    ]
    next_after: Annotated[Id, about("Send it as `after` for the next page.")] | None
    more_replies: Annotated[
        list[_MoreRepliesShape],
        about("Top-level comments that have more replies: send `root` and `after` to get them."),
    ]


def show_thread(thread: Thread, page: ThreadPage, *, is_open: bool) -> dict[str, Any]:
    """One page of a thread as readers see it."""
    return {
        **_show_thread_ref(thread),
        "is_open": is_open,
        "published_count": thread.published_count,
        "comments": [_show_published(comment, thread.site_id) for comment in page.comments],
        "next_after": page.next_after,
        "more_replies": [{"root": root, "after": after} for root, after in page.more_replies.items()],
    }


def show_empty_thread(*, key: str, url: str, is_open: bool) -> dict[str, Any]:
    """The thread of a page without comments."""
    thread = {"id": None, "key": key or None, "url": url or None, "title": None}
    nothing = {"published_count": 0, "comments": [], "next_after": None, "more_replies": []}
    return {**thread, "is_open": is_open, **nothing}


def _show_thread_ref(thread: Thread) -> dict[str, Any]:
    return {
        "id": thread.id,
        "key": thread.key,
        "url": thread.url or None,
        "title": thread.title or None,
    }


def _show_published(comment: PublishedComment, site_id: UUID) -> dict[str, Any]:
    author = None
    if not comment.is_removed:
        author = {
            "name": comment.author_name,
            "ref": vault.author_ref(comment.author_ref, site_id=site_id),
            "website": comment.website or None,
        }
    return {
        "id": comment.id,
        "parent": comment.parent_id,
        "root": comment.root_id,
        "depth": comment.depth,
        "is_removed": comment.is_removed,
        "author": author,
        "body_html": comment.body_html,
        "submitted_at": comment.submitted_at,
    }


def _show_screening(screening: Screening) -> ScreeningShape:
    return ScreeningShape(
        outcome=Outcome(screening.outcome),
        explanation=screening.explanation,
        reasons=[_FindingShape(**_reason(stored)) for stored in screening.reasons],
        signals=[_show_signal(stored) for stored in screening.signals],
        scores=screening.scores,
        engine_version=screening.engine_version,
        policy_version=screening.policy_version,
        runner=screening.runner,
        duration_ms=screening.duration_ms,
        created_at=screening.created_at,
    )


def _show_signal(stored: dict[str, Any]) -> _SignalShape:
    return _SignalShape(**_reason(stored), confidence=stored["confidence"], check=stored["check"])


def _reason(stored: dict[str, Any]) -> dict[str, Any]:
    return {
        "code": stored["code"],
        "sentence": say(stored["code"], stored["params"]),
        "axis": stored["axis"],
        "points": stored["points"],
        "spans": [_SpanShape(start=start, end=end, field=field) for start, end, field in stored["spans"]],
    }
