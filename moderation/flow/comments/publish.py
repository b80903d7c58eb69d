"""Publication: the only place where a comment's status changes, with the counters that depend on it."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from uuid import UUID

import orjson
from django.db import connection

from moderation.domain.locked import LockedComment
from moderation.domain.status import Status
from moderation.lib.arrays import int_array, uuid_array
from moderation.lib.markup import render_body
from moderation.models import Revision

# An author's decided comments are counted by status, in the order of the columns of `_AUTHORS_SQL`.
_COUNTED = (Status.PUBLISHED.value, Status.REJECTED.value, Status.SPAM.value)


@dataclass(frozen=True, slots=True)
class StatusChange:
    """A locked comment and its new status."""

    comment: LockedComment
    to_status: Status
    by_person: bool

    @property
    def published_delta(self) -> int:
        """How the thread's count of published comments changes: +1, 0 or -1."""
        return (self.to_status == Status.PUBLISHED) - (self.comment.status == Status.PUBLISHED)


_LOCK_THREADS_SQL = "SELECT id FROM thread WHERE id = ANY(%s::uuid[]) ORDER BY id FOR NO KEY UPDATE"
_LOCK_COMMENTS_SQL = f"""
SELECT {", ".join(each.name for each in fields(LockedComment))}
FROM comment WHERE id = ANY(%s::uuid[]) ORDER BY id FOR NO KEY UPDATE
"""


def lock_comments(comment_ids: Iterable[UUID], *, thread_ids: Iterable[UUID]) -> dict[UUID, LockedComment]:
    """Lock threads, then comments, each in id order, until the transaction ends.

    Replies can still be added meanwhile: only the rows that a status change touches are locked.
    """
    with connection.cursor() as cursor:
        if threads := set(thread_ids):
            cursor.execute(_LOCK_THREADS_SQL, [uuid_array(threads)])
        cursor.execute(_LOCK_COMMENTS_SQL, [uuid_array(set(comment_ids))])
        locked = [LockedComment(*row) for row in cursor.fetchall()]
    return {comment.id: comment for comment in locked}


def apply_status_changes(changes: Sequence[StatusChange]) -> None:
    """Write the new statuses, and update the counters and versions of threads and authors.

    The comments must be locked by `lock_comments`; their instances are updated, too. Authors are locked
    before comments, because a repeated submission holds its author while it waits for the comment.
    """
    _update_authors(changes)
    _render_missing(changes)
    _update_comments(changes)
    _update_threads(changes)
    _update_branches(changes)
    for change in changes:
        change.comment.status = change.to_status.value
        change.comment.version += 1
        change.comment.is_decided_by_person |= change.by_person


_COMMENTS_SQL = """
UPDATE comment SET
    status = change.status,
    version = comment.version + 1,
    is_decided_by_person = comment.is_decided_by_person OR change.by_person,
    published_revision_id = CASE WHEN change.status = 'published' THEN comment.current_revision_id END,
    published_at = CASE WHEN change.status = 'published'
                   THEN COALESCE(comment.published_at, clock_timestamp()) ELSE comment.published_at END
FROM json_to_recordset(%s::json) AS change (id uuid, status text, by_person bool)
WHERE comment.id = change.id
"""


def _update_comments(changes: Sequence[StatusChange]) -> None:
    rows = [{"id": c.comment.id, "status": c.to_status.value, "by_person": c.by_person} for c in changes]
    with connection.cursor() as cursor:
        cursor.execute(_COMMENTS_SQL, [orjson.dumps(rows).decode()])


def _render_missing(changes: Sequence[StatusChange]) -> None:
    """Render the bodies of comments that a person publishes before or against the verdict."""
    wanted = [
        c.comment.current_revision_id for c in changes if c.to_status == Status.PUBLISHED and c.by_person
    ]
    missing = Revision.objects.filter(id__in=wanted, body_html="").select_related("site")
    for revision in missing if wanted else ():
        revision.body_html = render_body(revision.body, revision.site.text_format)
        revision.save(update_fields=["body_html"])


_THREADS_SQL = """
UPDATE thread SET published_count = GREATEST(0, published_count + change.delta),
                  version = version + 1, changed_at = clock_timestamp()
FROM unnest(%s::uuid[], %s::int[]) AS change (id, delta)
WHERE thread.id = change.id
"""


def _update_threads(changes: Sequence[StatusChange]) -> None:
    deltas: Counter[UUID] = Counter()
    for change in changes:
        if change.published_delta:
            deltas[change.comment.thread_id] += change.published_delta
    if deltas:
        with connection.cursor() as cursor:
            cursor.execute(_THREADS_SQL, [uuid_array(deltas), int_array(deltas.values())])


# A published root has a row from the beginning, so that the most discussed roots are found along one index.
# The thread's lock keeps others away.
_BRANCHES_SQL = """
INSERT INTO branch_size (root_id, site_id, thread_id, replies)
SELECT * FROM unnest(%s::uuid[], %s::uuid[], %s::uuid[], %s::int[])
ON CONFLICT (root_id) DO UPDATE SET replies = GREATEST(0, branch_size.replies + excluded.replies)
"""


def _update_branches(changes: Sequence[StatusChange]) -> None:
    deltas: Counter[tuple[UUID, UUID, UUID]] = Counter()
    for change in changes:
        comment = change.comment
        if change.published_delta:
            branch = (comment.root_id or comment.id, comment.site_id, comment.thread_id)
            deltas[branch] += change.published_delta if comment.root_id else 0
    if deltas:
        branches = sorted(deltas)
        columns = [uuid_array(column) for column in zip(*branches, strict=True)]
        with connection.cursor() as cursor:
            cursor.execute(_BRANCHES_SQL, [*columns, int_array(deltas[branch] for branch in branches)])


# Two batches may name the same authors in a different order, so the rows are locked in id order first.
_AUTHORS_SQL = """
WITH change AS (
    SELECT * FROM unnest(%s::uuid[], %s::int[], %s::int[], %s::int[]) AS c (id, published, rejected, spam)
), locked AS MATERIALIZED (
    SELECT author.id FROM author JOIN change USING (id) ORDER BY author.id FOR NO KEY UPDATE OF author
)
UPDATE author SET published_count = GREATEST(0, published_count + change.published),
                  rejected_count = GREATEST(0, rejected_count + change.rejected),
                  spam_count = GREATEST(0, spam_count + change.spam)
FROM change JOIN locked USING (id)
WHERE author.id = change.id
"""


def _update_authors(changes: Sequence[StatusChange]) -> None:
    deltas: dict[UUID, list[int]] = {}
    for change in changes:
        delta = deltas.setdefault(change.comment.author_id, [0] * len(_COUNTED))
        for status, step in ((change.comment.status, -1), (change.to_status.value, 1)):
            if status in _COUNTED:
                delta[_COUNTED.index(status)] += step
    deltas = {author: delta for author, delta in deltas.items() if any(delta)}
    if not deltas:
        return
    columns = [int_array(column) for column in zip(*deltas.values(), strict=True)]
    with connection.cursor() as cursor:
        cursor.execute(_AUTHORS_SQL, [uuid_array(deltas), *columns])
