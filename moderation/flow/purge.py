"""Purge: what has served its time is removed, site by site, a little at a time."""

from collections.abc import Sequence
from uuid import UUID

from celery import shared_task
from django.db import connection, transaction

from moderation.flow import jobs
from moderation.flow.jobs import Lease
from moderation.lib.clock import now
from moderation.privacy.retention import due_before

EVERY_S = 3600.0
# Rows per statement: no lock is held long, and whatever is left goes with the next round.
STEP = 5_000

# Field of the schedule in `privacy/retention.py` → what removes one step of what is past its time.
_STATEMENTS = {
    "idempotency_key": "DELETE FROM idempotency_key WHERE id IN (SELECT id FROM idempotency_key "
    "WHERE site_id = %(site)s AND created_at < %(before)s LIMIT %(step)s)",
    "fingerprint": "DELETE FROM fingerprint WHERE id IN (SELECT id FROM fingerprint "
    "WHERE site_id = %(site)s AND created_at < %(before)s LIMIT %(step)s)",
    "contact": "DELETE FROM contact WHERE comment_id IN (SELECT comment_id FROM contact "
    "WHERE site_id = %(site)s AND created_at < %(before)s LIMIT %(step)s)",
    "ip": "UPDATE comment SET ip_hash = NULL, ip_prefix = '' WHERE id IN (SELECT id FROM comment "
    "WHERE site_id = %(site)s AND created_at < %(before)s "
    "AND (ip_hash IS NOT NULL OR ip_prefix <> '') LIMIT %(step)s)",
}


@shared_task(name=jobs.PURGE.task_name)
def purge_due_task() -> None:
    """The bell's task: purge the sites that are due."""
    purge_due(runner=jobs.CELERY_RUNNER)


def purge_due(*, runner: str) -> int:
    """Purge the sites whose hour has come; return how many leases were run."""
    return jobs.drain(jobs.PURGE, _purge_batch, runner=runner)


def _purge_batch(leases: Sequence[Lease], runner: str) -> None:
    for lease in leases:
        purge_site(lease.site_id)
        jobs.finish_and_repeat(lease, in_s=EVERY_S)


@transaction.atomic
def purge_site(site_id: UUID) -> dict[str, int]:
    """Remove one step's worth of everything that is past its time; return the counts."""
    counts = {}
    limits = due_before(now())
    with connection.cursor() as cursor:
        for name, statement in _STATEMENTS.items():
            cursor.execute(statement, {"site": site_id, "before": limits[name], "step": STEP})
            counts[name] = cursor.rowcount
    return counts
