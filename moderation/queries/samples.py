"""Published comments that were drawn at random and wait for a person to review them."""

from collections.abc import Collection
from uuid import UUID

from moderation.domain.queues import SAMPLE_QUEUE
from moderation.models import ReviewItem


def samples_among(comment_ids: Collection[UUID]) -> set[UUID]:
    """The comments among these that wait in the sample queue."""
    if not comment_ids:
        return set()
    waiting = ReviewItem.objects.filter(
        comment_id__in=comment_ids, queue=SAMPLE_QUEUE, closed_at__isnull=True
    )
    return set(waiting.values_list("comment_id", flat=True))
