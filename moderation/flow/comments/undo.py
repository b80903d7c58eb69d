"""Undoes the decisions of one batch together."""

from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from moderation.domain.errors import ActionNotPossible, NotFound
from moderation.flow.comments.decide import NOT_UNDOABLE, Decided, is_undoable, lock_of_site, take_back
from moderation.flow.record import Actor
from moderation.models import Decision

# The ids of a batch and of its decisions are created within this time of each other.
_SPREAD_MS = 60_000


@transaction.atomic
def undo_batch(batch_id: UUID, *, site_id: UUID, actor: Actor) -> list[Decided]:
    """Undo a person's batch of decisions on a site. A decision on a comment that has changed since is refused
    by itself.

    Raises `NotFound` if the site has no decision of that batch. Locks threads and comments.
    """
    decisions = list(_decisions_of_batch(batch_id, site_id))
    if not decisions:
        raise NotFound
    locked = lock_of_site([decision.comment_id for decision in decisions], site_id)
    undoable = [decision for decision in decisions if is_undoable(decision, locked[decision.comment_id])]
    results = {
        d.comment_id: Decided(d.comment_id, refusal=ActionNotPossible(NOT_UNDOABLE)) for d in decisions
    }
    try:
        done = take_back(undoable, locked, actor)
        results |= {comment_id: Decided(comment_id, restored) for comment_id, restored in done.items()}
    except ActionNotPossible:
        for decision in undoable:
            try:
                restored = take_back([decision], locked, actor)[decision.comment_id]
                results[decision.comment_id] = Decided(decision.comment_id, restored)
            except ActionNotPossible as refusal:
                results[decision.comment_id] = Decided(decision.comment_id, refusal=refusal)
    return list(results.values())


def _decisions_of_batch(batch_id: UUID, site_id: UUID) -> QuerySet[Decision]:
    """The decisions of a batch, found by their time along the index of the site's decisions."""
    millis = batch_id.int >> 80
    earliest, latest = max(0, millis - _SPREAD_MS), min(2**48 - 1, millis + _SPREAD_MS)
    near = (UUID(int=earliest << 80), UUID(int=latest << 80))
    return Decision.objects.filter(site_id=site_id, id__range=near, batch_id=batch_id).order_by("id")
