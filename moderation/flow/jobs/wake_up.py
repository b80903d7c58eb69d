"""Asking for work: the job's row, and the wake-up that follows its commit."""

from collections.abc import Sequence
from uuid import UUID

from celery import current_app
from django.db import connection, transaction

from moderation.clients import bell
from moderation.clients.ringer import Ringer
from moderation.flow.jobs.kinds import ALL_SITES, Kind
from moderation.lib.failpoints import failpoint

_ringer: Ringer | None = None

_ENQUEUE_SQL = """
INSERT INTO job (kind, site_id, subject_id, due_at)
SELECT %(kind)s, site_id, subject_id, clock_timestamp() + make_interval(secs => %(delay_s)s)
FROM unnest(%(sites)s::uuid[], %(subjects)s::uuid[]) AS wanted (site_id, subject_id)
ORDER BY subject_id
ON CONFLICT (kind, subject_id) WHERE state = 'open' DO UPDATE
SET again = job.again OR job.leased_at IS NOT NULL, due_at = LEAST(job.due_at, excluded.due_at)
"""

# The column needs a site, and the job of all sites takes the first.
_STAND_SQL = """
INSERT INTO job (kind, site_id, subject_id, due_at)
SELECT wanted.kind, first.id, %(subject)s, clock_timestamp()
FROM unnest(%(kinds)s::text[]) AS wanted (kind) CROSS JOIN (SELECT id FROM site ORDER BY id LIMIT 1) AS first
ON CONFLICT (kind, subject_id) WHERE state = 'open' DO NOTHING
"""


def enqueue(kind: Kind, subjects: Sequence[tuple[UUID, UUID]], *, delay_s: float = 0) -> None:
    """Ask for work on subjects, given as (site id, subject id), and ring after the commit.

    An open job for the same subject is not doubled: if it is running it runs once more.
    Must be called inside a transaction.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            _ENQUEUE_SQL,
            {
                "kind": kind.name,
                "sites": [site_id for site_id, _ in subjects],
                "subjects": [subject_id for _, subject_id in subjects],
                "delay_s": delay_s,
            },
        )
    if not delay_s:
        ring_on_commit(kind)


def start_standing(kinds: Sequence[Kind]) -> None:
    """Make the one job of each of these standing `kinds` where there is none. Waits for the first site."""
    with connection.cursor() as cursor:
        cursor.execute(_STAND_SQL, {"kinds": [kind.name for kind in kinds], "subject": ALL_SITES})


def ring_on_commit(kind: Kind) -> None:
    """Ring for `kind` when the running transaction has committed."""
    transaction.on_commit(lambda: _ring_after_commit(kind), robust=True)


def _ring_after_commit(kind: Kind) -> None:
    failpoint("jobs.before_bell", kind.name)
    if _ringer is None:
        ring(kind)
    else:
        _ringer.ask(kind.name, lambda: ring(kind))
    failpoint("jobs.after_bell", kind.name)


def ring_in_background() -> None:
    """From now on this process rings by a thread of its own: for the web server, where readers wait."""
    global _ringer  # noqa: PLW0603 - what a process is does not change again
    _ringer = Ringer()


def ring(kind: Kind) -> bell.Rung:
    """Wake a worker for `kind`. Never raises; a lost bell costs one look of `run_jobs`."""
    return bell.get_bell().ring(kind.name, lambda: _publish(kind))


def _publish(kind: Kind) -> None:
    current_app.send_task(kind.task_name, queue=kind.queue.name, ignore_result=True, retry=False)
