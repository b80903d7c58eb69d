"""The queue: one open review item for each comment that waits for a person."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.db import connection
from django.db.models import OuterRef, Subquery

from moderation.domain.locked import LockedComment
from moderation.domain.queues import SAMPLE_QUEUE
from moderation.lib.arrays import uuid_array
from moderation.models import Decision, ReviewItem
from moderation.models.rows import insert_rows

HELD_QUEUE = "held"
# A severe comment comes before ordinary ones that arrived up to this much earlier.
BONUS_PER_POINT = timedelta(minutes=30)
MOST_BONUS = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class Arrival:
    """A comment that needs a person. `severity` is its score for abuse (0 or more points), `queue` the queue
    it is shown in: the common one unless a rule names another.
    """

    comment: LockedComment
    severity: float = 0.0
    queue: str = HELD_QUEUE


def open_items(arrivals: Sequence[Arrival]) -> None:
    """Put comments into their queues; a comment that is already in one keeps its place."""
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


_CLOSE_SQL = """
UPDATE review_item SET closed_at = statement_timestamp()
WHERE comment_id = ANY(%s::uuid[]) AND closed_at IS NULL
"""


def close_items(comment_ids: Collection[UUID]) -> None:
    """Take comments out of their queues."""
    if comment_ids:
        with connection.cursor() as cursor:
            cursor.execute(_CLOSE_SQL, [uuid_array(comment_ids)])


def reopen_samples(undone: Mapping[UUID, UUID]) -> None:
    """Put samples back whose decisions were undone. `undone` maps comments to those decisions."""
    if not undone:
        return
    decided_at = Decision.objects.filter(id__in=undone.values(), comment_id=OuterRef("comment_id"))
    ReviewItem.objects.filter(
        comment_id__in=undone.keys(),
        queue=SAMPLE_QUEUE,
        closed_at__gte=Subquery(decided_at.values("created_at")[:1]),
    ).update(closed_at=None)
