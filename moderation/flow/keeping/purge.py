"""Purge: what has served its time is removed, a little at a time."""

from collections.abc import Sequence

from django.db import connection, transaction

from moderation.flow import jobs
from moderation.flow.job_kinds import ALL_SITES, BACKGROUND, Kind
from moderation.flow.job_registry import register
from moderation.flow.jobs import Lease
from moderation.lib.clock import now
from moderation.lib.failpoints import failpoint
from moderation.privacy.retention import due_before

EVERY_S = 3_600.0
# A batch of two, of which there is one: it never rings for a second worker.
PURGE = Kind("purge", BACKGROUND, lease_s=60, batch=2, repeats_in_s=EVERY_S, is_standing=True)
# Rows per statement: no lock is held long. A full step is followed by the next at once.
STEP = 5_000
NEXT_STEP_S = 1.0

# Field of the schedule in `privacy/retention.py` → what removes one step of what is past its time.
# Ids rise with time, so the oldest rows are at the head of the primary key; the schedule is the
# same for all sites, so whichever site's turn it is clears them for all.
_DELETE = """
DELETE FROM {table} WHERE {key} IN (
    SELECT {key} FROM (
        SELECT {key}, created_at FROM {table} ORDER BY {key} LIMIT %(step)s FOR UPDATE SKIP LOCKED
    ) AS oldest WHERE created_at < %(before)s
)
"""
_STATEMENTS = {
    "idempotency_key": _DELETE.format(table="idempotency_key", key="id"),
    "fingerprint": _DELETE.format(table="text_fingerprint", key="comment_id"),
    "rule_match": _DELETE.format(table="rule_match", key="id"),
    "domain_lesson": _DELETE.format(table="domain_lesson", key="id"),
    "campaign_key": _DELETE.format(table="campaign_key", key="id"),
    "domain": """
DELETE FROM domain_record WHERE domain IN (
    SELECT domain FROM domain_record WHERE last_seen_at < %(before)s
    ORDER BY last_seen_at LIMIT %(step)s FOR UPDATE SKIP LOCKED
)
""",
    "contact": _DELETE.format(table="contact", key="comment_id"),
    "ip": """
UPDATE comment SET ip_hash = NULL, ip_prefix = '' WHERE id IN (
    SELECT id FROM (
        SELECT id, created_at FROM comment WHERE ip_prefix <> ''
        ORDER BY id LIMIT %(step)s FOR NO KEY UPDATE SKIP LOCKED
    ) AS oldest WHERE created_at < %(before)s
)
""",
}


def _purge_batch(leases: Sequence[Lease], runner: str) -> None:
    jobs.run_each(PURGE, leases, _purge, lambda lease: jobs.finish_and_repeat(lease, in_s=EVERY_S))


purge_due = register(PURGE, _purge_batch)


def _purge(lease: Lease) -> None:
    if lease.subject_id != ALL_SITES:
        jobs.finish([lease])  # from when each site had a job of its own for the schedule of all
        return
    is_full = STEP in purge_step().values()
    jobs.finish_and_repeat(lease, in_s=NEXT_STEP_S if is_full else EVERY_S)


@transaction.atomic
def purge_step() -> dict[str, int]:
    """Remove one step's worth of everything that is past its time; return the counts."""
    counts = {}
    limits = due_before(now())
    with connection.cursor() as cursor:
        for name, statement in _STATEMENTS.items():
            cursor.execute(statement, {"before": limits[name], "step": STEP})
            counts[name] = cursor.rowcount
            failpoint("purge.half_way", name)
    return counts
