"""Purge: removes what is past its retention time, a step at a time."""

from collections.abc import Sequence

from django.db import connection, transaction

from moderation.flow import jobs
from moderation.flow.jobs import Lease
from moderation.flow.jobs.kinds import ALL_SITES, BACKGROUND, Kind
from moderation.flow.jobs.registry import register
from moderation.lib.clock import now
from moderation.lib.failpoints import failpoint
from moderation.privacy.retention import due_before

EVERY_S = 3_600.0
# There is one job, and a batch of two is never full: no wake-up for a second worker is sent.
PURGE = Kind("purge", BACKGROUND, lease_s=60, batch=2, repeats_in_s=EVERY_S, is_standing=True)
# Rows per statement, so that no lock is held long. A full step is followed by the next at once.
STEP = 5_000
NEXT_STEP_S = 1.0

# For each field of the schedule in `privacy/retention.py` the statement that removes one step. Ids rise with
# time, so the oldest rows are at the head of the primary key, and at most one step of them is read. Only rows
# that are past their time are locked.
_OLDEST_DUE = """
SELECT {key} FROM {table} WHERE {key} = ANY(ARRAY(
    SELECT {key} FROM (
        SELECT {key}, created_at FROM {table} {where} ORDER BY {key} LIMIT %(step)s
    ) AS oldest WHERE created_at < %(before)s
)) AND created_at < %(before)s ORDER BY {key}
"""
_DELETE = "DELETE FROM {table} WHERE {key} IN ({due} FOR UPDATE SKIP LOCKED)"
_FORGET_IP = """
UPDATE comment SET ip_hash = NULL, ip_prefix = '' WHERE id IN ({due} FOR NO KEY UPDATE SKIP LOCKED)
"""
_FORGET_DOMAINS = """
DELETE FROM domain_record WHERE domain IN (
    SELECT domain FROM domain_record WHERE last_seen_at < %(before)s
    ORDER BY last_seen_at LIMIT %(step)s FOR UPDATE SKIP LOCKED
)
"""


def _delete(table: str, key: str) -> str:
    return _DELETE.format(table=table, key=key, due=_OLDEST_DUE.format(table=table, key=key, where=""))


_STATEMENTS = {
    "idempotency_key": _delete("idempotency_key", "id"),
    "used_challenge": _delete("used_challenge", "id"),
    "fingerprint": _delete("text_fingerprint", "comment_id"),
    "rule_match": _delete("rule_match", "id"),
    "domain_label": _delete("domain_label", "id"),
    "campaign_key": _delete("campaign_key", "id"),
    "late_verdict": _delete("late_verdict", "comment_id"),
    "domain": _FORGET_DOMAINS,
    "contact": _delete("contact", "comment_id"),
    "ip": _FORGET_IP.format(due=_OLDEST_DUE.format(table="comment", key="id", where="WHERE ip_prefix <> ''")),
}


def _purge_batch(leases: Sequence[Lease], runner: str) -> None:
    jobs.run_each(PURGE, leases, _purge, lambda lease: jobs.finish_and_repeat(lease, in_s=EVERY_S))


purge_due = register(PURGE, _purge_batch)


def _purge(lease: Lease) -> None:
    if lease.subject_id != ALL_SITES:
        jobs.finish([lease])  # from the time when each site had a job of its own
        return
    is_full = STEP in purge_step().values()
    jobs.finish_and_repeat(lease, in_s=NEXT_STEP_S if is_full else EVERY_S)


@transaction.atomic
def purge_step() -> dict[str, int]:
    """Remove one step of everything that is past its time; return the counts."""
    counts = {}
    limits = due_before(now())
    with connection.cursor() as cursor:
        for name, statement in _STATEMENTS.items():
            cursor.execute(statement, {"before": limits[name], "step": STEP})
            counts[name] = cursor.rowcount
            failpoint("purge.half_way", name)
    return counts
