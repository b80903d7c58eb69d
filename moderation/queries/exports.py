"""All comments of a site for a file, read in bounded pages. No query here touches a contact."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from moderation.models import Comment
from moderation.models.comment import GONE

STEP = 1000


@dataclass(frozen=True, slots=True)
class ExportedComment:
    """One comment as its site may keep it: the address masked, the text in its latest revision."""

    id: UUID
    submitted_at: datetime
    status: str
    name: str
    website: str
    address: str
    thread_url: str
    body: str


def exported_comments(site_id: UUID, *, step: int = STEP) -> Iterator[ExportedComment]:
    """Every comment of the site but those deleted or erased, oldest first."""
    rows = (
        Comment.objects.filter(site_id=site_id)
        .exclude(status__in=GONE)
        .select_related("thread", "current_revision")
        .order_by("id")
    )
    found = list(rows[:step])
    while found:
        yield from map(_show, found)
        found = list(rows.filter(id__gt=found[-1].id)[:step])


def _show(comment: Comment) -> ExportedComment:
    return ExportedComment(
        id=comment.id,
        submitted_at=comment.submitted_at,
        status=comment.status,
        name=comment.author_name,
        website=comment.website,
        address=comment.email_mask,
        thread_url=comment.thread.url or comment.thread.key,
        body=comment.current_revision.body,
    )
