"""What must be true of a service after any fault: nothing lost, nothing twice, every counter right."""

from collections.abc import Sequence
from uuid import UUID

from tests.faults.service import ArmedService

_EFFECTS_SQL = """
SELECT c.id, c.status,
       (SELECT count(*) FROM revision WHERE comment_id = c.id),
       (SELECT count(*) FROM contact WHERE comment_id = c.id),
       (SELECT count(*) FROM idempotency_key WHERE comment_id = c.id),
       (SELECT count(*) FROM screening WHERE comment_id = c.id),
       (SELECT count(*) FROM decision WHERE comment_id = c.id AND actor_kind = 'verdict'),
       (SELECT count(*) FROM decision WHERE comment_id = c.id),
       (SELECT count(*) FROM review_item WHERE comment_id = c.id AND queue <> 'sample' AND closed_at IS NULL),
       (SELECT count(*) FROM job WHERE kind IN ('screen', 'ask') AND subject_id = c.id),
       (SELECT count(*) FROM audit_event WHERE subject_id = c.id::text AND kind = 'comment.submitted'),
       (SELECT count(*) FROM audit_event WHERE subject_id = c.id::text AND kind <> 'comment.submitted')
FROM comment c WHERE c.id = ANY(%s)
"""
_NAMES = (
    *("revisions", "contacts", "keys", "screenings", "verdicts", "decisions", "open items", "jobs"),
    *("submitted", "other events"),
)
_WRONG_COUNTERS_SQL = """
SELECT 'thread', id FROM thread
WHERE published_count <> (SELECT count(*) FROM comment WHERE thread_id = thread.id AND status = 'published')
UNION ALL
SELECT 'author', id FROM author
WHERE (published_count, rejected_count, spam_count) <> (
    SELECT count(*) FILTER (WHERE status = 'published'), count(*) FILTER (WHERE status = 'rejected'),
           count(*) FILTER (WHERE status = 'spam')
    FROM comment WHERE author_id = author.id)
"""
_FORGOTTEN_SQL = """
SELECT id FROM comment
WHERE status = 'screening'
  AND NOT EXISTS (SELECT 1 FROM job WHERE kind IN ('screen', 'ask') AND subject_id = comment.id)
"""


def check_screened_once(service: ArmedService, comments: Sequence[UUID]) -> None:
    """Each was stored once, screened once, judged once, and stands in one place."""
    found = {row[0]: row[1:] for row in service.query(_EFFECTS_SQL, [list(comments)])}
    assert set(found) == set(comments), "an accepted comment was lost"
    for comment_id, (status, *counts) in found.items():
        assert status in ("published", "held", "spam"), (comment_id, status)
        expected = dict.fromkeys(_NAMES, 1) | {"open items": int(status == "held"), "jobs": 0}
        assert dict(zip(_NAMES, counts, strict=True)) == expected, (comment_id, status)
    check_counters(service)


def check_counters(service: ArmedService) -> None:
    """Threads and authors count what is there, and no comment waits without a job."""
    assert service.query(_WRONG_COUNTERS_SQL) == []
    assert service.query(_FORGOTTEN_SQL) == []
