"""Queue: one open review item per comment that waits for a person."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.db.models.functions import Now

from moderation.domain.locked import LockedComment
from moderation.models import ReviewItem
from moderation.models.rows import insert_rows

HELD_QUEUE = "held"
# A severe comment jumps ahead of ordinary ones that came up to this much earlier.
BONUS_PER_POINT = timedelta(minutes=30)
MOST_BONUS = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class Arrival:
    """A comment that needs a person; `severity` is its score for abuse, 0 or more points. `queue` is
    where they look, the common one unless a rule names another.
    """

    comment: LockedComment
    severity: float = 0.0
    queue: str = HELD_QUEUE


def open_items(arrivals: Sequence[Arrival]) -> None:
    """Put comments into the queue; one that is already there keeps its place."""
    insert_rows(
        ReviewItem,
        [
            {
                "site_id": arrival.comment.site_id,
                "comment_id": arrival.comment.id,
                "queue": arrival.queue,
                "priority_at": arrival.comment.created_at
                - min(MOST_BONUS, max(0.0, arrival.severity) * BONUS_PER_POINT),
            }
            for arrival in arrivals
        ],
        ignore_conflicts=True,
    )


def close_items(comment_ids: Collection[UUID]) -> None:
    """Take comments out of the queue."""
    if comment_ids:
        ReviewItem.objects.filter(comment_id__in=comment_ids, closed_at__isnull=True).update(closed_at=Now())
