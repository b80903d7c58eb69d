"""The comments of a site as its own server may read them. No query here touches a contact."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import QuerySet

from moderation.domain.errors import NotFound
from moderation.domain.status import Status
from moderation.models import Comment, Decision, Screening, Thread


@dataclass(frozen=True, slots=True)
class CommentPage:
    """Comments in the order of their ids, with their latest screenings by comment id."""

    comments: tuple[Comment, ...]
    screenings: Mapping[UUID, Screening]
    next_after: UUID | None


def comment_page(
    site_id: UUID, *, status: Status | None = None, after: UUID | None = None, limit: int = 50
) -> CommentPage:
    """One page of a site's comments, oldest first, after the comment `after`. Two queries."""
    rows = _comments(site_id).order_by("id")
    if status is not None:
        rows = rows.filter(status=status)
    if after is not None:
        rows = rows.filter(id__gt=after)
    found = list(rows[: limit + 1])
    shown = found[:limit]
    return CommentPage(
        comments=tuple(shown),
        screenings=latest_screenings([comment.id for comment in shown]),
        next_after=shown[-1].id if len(found) > limit else None,
    )


def access_comment(site_id: UUID, comment_id: UUID) -> Comment:
    """A comment of this site, with thread, author and current text. Raises `NotFound`."""
    comment = _comments(site_id).filter(id=comment_id).first()
    if comment is None:
        raise NotFound
    return comment


def access_status(comment_id: UUID) -> Status:
    """The status of a comment, for a caller that has proved to know the comment. Raises `NotFound`."""
    status = Comment.objects.filter(id=comment_id).values_list("status", flat=True).first()
    if status is None:
        raise NotFound
    return Status(status)


def latest_screenings(comment_ids: Sequence[UUID]) -> dict[UUID, Screening]:
    """The last screening of each comment that has one."""
    if not comment_ids:
        return {}
    rows = Screening.objects.filter(comment_id__in=comment_ids).order_by("comment_id", "-created_at")
    return {row.comment_id: row for row in rows.distinct("comment_id")}


def decisions_on(comment: Comment) -> list[Decision]:
    """All decisions on a comment, the latest first."""
    return list(Decision.objects.filter(comment_id=comment.id).order_by("-comment_version")[:100])


def access_thread(site_id: UUID, thread_id: UUID) -> Thread:
    """A thread of this site. Raises `NotFound`."""
    thread = Thread.objects.filter(site_id=site_id, id=thread_id).first()
    if thread is None:
        raise NotFound
    return thread


def _comments(site_id: UUID) -> QuerySet[Comment]:
    return Comment.objects.filter(site_id=site_id).select_related("thread", "author", "current_revision")
