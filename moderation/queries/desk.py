"""What moderators work on: pages of comments by keyset, and one comment with all its details."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection
from django.db.models import Count, QuerySet

from moderation.domain.errors import NotFound
from moderation.domain.status import Status
from moderation.lib.uuid7 import first_uuid7
from moderation.models import AuditEvent, Comment, Decision, Revision, Screening
from moderation.queries.comments import latest_screenings
from moderation.queries.samples import samples_among

# The queues of each site in which a comment waits, found by jumping along the index from one to the next: all
# but the samples, or the queue that is named.
_QUEUES = """
WITH RECURSIVE line AS (
    SELECT given.site_id, (
        SELECT queue FROM review_item
        WHERE review_item.site_id = given.site_id AND closed_at IS NULL ORDER BY queue LIMIT 1
    ) AS queue
    FROM unnest(%(sites)s::uuid[]) AS given (site_id)
    UNION ALL
    SELECT line.site_id, (
        SELECT queue FROM review_item
        WHERE review_item.site_id = line.site_id AND closed_at IS NULL AND review_item.queue > line.queue
        ORDER BY queue LIMIT 1
    )
    FROM line WHERE line.queue IS NOT NULL
), wanted AS (
    SELECT site_id, queue FROM line WHERE queue IS NOT NULL
      AND (queue = %(queue)s OR (%(queue)s = '' AND queue <> 'sample'))
)
"""

HELD_SQL = f"""
{_QUEUES}
SELECT item.comment_id, item.priority_at, item.id
FROM wanted CROSS JOIN LATERAL (
    SELECT comment_id, priority_at, id FROM review_item
    WHERE review_item.site_id = wanted.site_id AND review_item.queue = wanted.queue AND closed_at IS NULL
      AND (priority_at, id) > (%(at)s::timestamptz, %(id)s::bigint)
    ORDER BY priority_at, id LIMIT %(limit)s
) AS item
ORDER BY item.priority_at, item.id LIMIT %(limit)s
"""

STATUS_SQL = """
SELECT found.id
FROM unnest(%(sites)s::uuid[]) AS wanted (site_id) CROSS JOIN LATERAL (
    SELECT id FROM comment
    WHERE comment.site_id = wanted.site_id AND status = %(status)s AND id < %(before)s::uuid
    ORDER BY id DESC LIMIT %(limit)s
) AS found
ORDER BY found.id DESC LIMIT %(limit)s
"""

COUNT_SQL = f"""
{_QUEUES}
SELECT wanted.site_id, wanted.queue, counted.number
FROM wanted CROSS JOIN LATERAL (
    SELECT count(*) AS number FROM (
        SELECT 1 FROM review_item
        WHERE review_item.site_id = wanted.site_id AND review_item.queue = wanted.queue AND closed_at IS NULL
        LIMIT %(limit)s
    ) AS waiting
) AS counted
ORDER BY wanted.site_id, wanted.queue
"""

PAGE_SIZE = 25
# Comments are counted up to this number: "1000+" is enough to know.
MOST_COUNTED = 1000
_LAST_ID = "ffffffff-ffff-ffff-ffff-ffffffffffff"


@dataclass(frozen=True, slots=True)
class DeskRow:
    """One comment with its latest screening and latest decision, if there are any.

    A sample is published, but was drawn for a person to look at.
    """

    comment: Comment
    screening: Screening | None
    decision: Decision | None
    is_sample: bool = False


@dataclass(frozen=True, slots=True)
class DeskPage:
    """Rows in the order in which to work on them; `next_after` names the next page and is empty on the last
    one.
    """

    rows: tuple[DeskRow, ...]
    next_after: str = ""


@dataclass(frozen=True, slots=True)
class Dossier:
    """Everything about one comment that helps to decide on it."""

    row: DeskRow
    screenings: tuple[Screening, ...]
    decisions: tuple[Decision, ...]
    revisions: tuple[Revision, ...]
    events: tuple[AuditEvent, ...]
    of_author: tuple[Comment, ...]
    above: tuple[Comment, ...]
    beside: tuple[Comment, ...]
    replies: tuple[Comment, ...]


def held_page(
    site_ids: Sequence[UUID], *, queue: str = "", after: str = "", limit: int = PAGE_SIZE
) -> DeskPage:
    """Held comments of these sites after the place `after`, the most urgent first: of all queues, or of the
    queue that is named, which may be that of the samples.
    """
    at, item_id = _read_place(after)
    with connection.cursor() as cursor:
        cursor.execute(
            HELD_SQL,
            {"sites": list(site_ids), "queue": queue, "at": at, "id": item_id, "limit": limit + 1},
        )
        found = cursor.fetchall()
    last = found[limit - 1] if len(found) > limit else None
    return DeskPage(
        rows=_load_rows([row[0] for row in found[:limit]]),
        next_after=f"{last[1].isoformat()}_{last[2]}" if last else "",
    )


def status_page(
    site_ids: Sequence[UUID], status: Status, *, after: str = "", limit: int = PAGE_SIZE
) -> DeskPage:
    """Comments of these sites with `status`, the newest first, after the place `after`."""
    with connection.cursor() as cursor:
        cursor.execute(
            STATUS_SQL,
            {
                "sites": list(site_ids),
                "status": status.value,
                "before": _read_id(after),
                "limit": limit + 1,
            },
        )
        found = [row[0] for row in cursor.fetchall()]
    more = len(found) > limit
    return DeskPage(rows=_load_rows(found[:limit]), next_after=str(found[limit - 1]) if more else "")


def held_counts(site_ids: Sequence[UUID]) -> dict[tuple[UUID, str], int]:
    """How many comments wait on each site in each queue, counted up to `MOST_COUNTED`."""
    with connection.cursor() as cursor:
        cursor.execute(COUNT_SQL, {"sites": list(site_ids), "queue": "", "limit": MOST_COUNTED})
        return {(site_id, queue): number for site_id, queue, number in cursor.fetchall()}


def done_since(site_ids: Sequence[UUID], user_id: int, since: datetime) -> Counter[str]:
    """The number of a person's decisions on these sites since then, by action. Decisions that were undone do
    not count. Reads only the decisions of that time.
    """
    made = Decision.objects.filter(
        site_id__in=site_ids, id__gte=first_uuid7(since), actor_user_id=user_id, reversed_by__isnull=True
    )
    return Counter(dict(made.values_list("action").annotate(number=Count("id")).order_by()))


def sites_of_comments(comment_ids: Sequence[UUID], site_ids: Sequence[UUID]) -> dict[UUID, UUID]:
    """The site of each comment; comments of other sites are missing."""
    found = Comment.objects.filter(id__in=comment_ids, site_id__in=site_ids)
    return dict(found.values_list("id", "site_id"))


def site_of_decision(decision_id: UUID, comment_id: UUID) -> UUID | None:
    """The site of a decision on this comment; None if there is no such decision."""
    found = Decision.objects.filter(id=decision_id, comment_id=comment_id)
    return found.values_list("site_id", flat=True).first()


def desk_rows(site_ids: Sequence[UUID], comment_ids: Sequence[UUID]) -> dict[UUID, DeskRow]:
    """The comments that belong to these sites, by id, in their present state."""
    rows = _load_rows(comment_ids)
    return {row.comment.id: row for row in rows if row.comment.site_id in site_ids}


def access_dossier(site_ids: Sequence[UUID], comment_id: UUID) -> Dossier:
    """One comment of these sites with everything around it. Raises `NotFound`."""
    comment = _comments().filter(id=comment_id, site_id__in=site_ids).first()
    if comment is None:
        raise NotFound
    screenings = tuple(Screening.objects.filter(comment=comment).order_by("-created_at")[:20])
    decisions = tuple(_decisions().filter(comment=comment).order_by("-comment_version")[:100])
    return Dossier(
        row=DeskRow(
            comment,
            next(iter(screenings), None),
            next(iter(decisions), None),
            is_sample=bool(samples_among(_published([comment]))),
        ),
        screenings=screenings,
        decisions=decisions,
        revisions=tuple(Revision.objects.filter(comment=comment).order_by("-number")[:20]),
        events=tuple(
            AuditEvent.objects.filter(subject_id=str(comment.id), site_id=comment.site_id)
            .select_related("actor_user")
            .order_by("-id")[:100]
        ),
        of_author=tuple(_texts().filter(author=comment.author).exclude(id=comment.id)[:10]),
        above=_ancestors(comment),
        beside=_beside(comment),
        replies=tuple(_texts().filter(parent=comment)[:10]),
    )


def _ancestors(comment: Comment) -> tuple[Comment, ...]:
    """The comments above this one, from the nearest up, three at most."""
    found: list[Comment] = []
    above = comment.parent
    while above is not None and len(found) < 3:
        found.append(above)
        above = _texts().filter(id=above.parent_id).first() if above.parent_id else None
    return tuple(found)


def _beside(comment: Comment) -> tuple[Comment, ...]:
    """The published comments just before it on its level of the thread, three at most."""
    level = _texts().filter(thread=comment.thread, parent=comment.parent, status=Status.PUBLISHED)
    return tuple(level.filter(id__lt=comment.id)[:3])


def _load_rows(comment_ids: Sequence[UUID]) -> tuple[DeskRow, ...]:
    """The comments in the given order, in three or four queries however many they are."""
    if not comment_ids:
        return ()
    comments = {comment.id: comment for comment in _comments().filter(id__in=comment_ids)}
    screenings = latest_screenings(comment_ids)
    latest = _decisions().filter(comment_id__in=comment_ids).order_by("comment_id", "-comment_version")
    decisions = {decision.comment_id: decision for decision in latest.distinct("comment_id")}
    samples = samples_among(_published(comments.values()))
    return tuple(
        DeskRow(comments[each], screenings.get(each), decisions.get(each), is_sample=each in samples)
        for each in comment_ids
        if each in comments
    )


def _published(comments: Iterable[Comment]) -> list[UUID]:
    return [comment.id for comment in comments if comment.status == Status.PUBLISHED]


def _comments() -> QuerySet[Comment]:
    return Comment.objects.select_related(
        "site", "thread", "author", "current_revision", "parent", "parent__current_revision"
    )


def _texts() -> QuerySet[Comment]:
    return Comment.objects.select_related("current_revision", "thread").order_by("-id")


def _decisions() -> QuerySet[Decision]:
    return Decision.objects.select_related("actor_user", "actor_key")


def _read_place(after: str) -> tuple[str, int]:
    """The place that `held_page` wrote; anything else is the beginning."""
    at, _, item_id = after.rpartition("_")
    try:
        return datetime.fromisoformat(at).isoformat(), min(int(item_id), 2**63 - 1)
    except ValueError:
        return "-infinity", 0


def _read_id(after: str) -> str:
    try:
        return str(UUID(after))
    except ValueError:
        return _LAST_ID
