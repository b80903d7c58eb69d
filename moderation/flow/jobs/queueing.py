"""Adds work to the queue: the job's row, and the wake-up that follows the commit."""

from collections.abc import Sequence
from uuid import UUID

from celery import current_app
from django.db import connection, transaction

from moderation.clients import wake_up
from moderation.clients.wake_up_thread import WakeUpThread
from moderation.flow.jobs.kinds import ALL_SITES, Kind
from moderation.lib.failpoints import failpoint

_thread: WakeUpThread | None = None

_ENQUEUE_SQL = """
INSERT INTO job (kind, site_id, subject_id, due_at)
SELECT %(kind)s, site_id, subject_id, clock_timestamp() + make_interval(secs => %(delay_s)s)
FROM unnest(%(sites)s::uuid[], %(subjects)s::uuid[]) AS wanted (site_id, subject_id)
ORDER BY subject_id
ON CONFLICT (kind, subject_id) WHERE state = 'open' DO UPDATE
SET again = job.again OR job.leased_at IS NOT NULL, due_at = LEAST(job.due_at, excluded.due_at)
"""

# The column needs a site, so the job for all sites names the first one.
_STAND_SQL = """
INSERT INTO job (kind, site_id, subject_id, due_at)
SELECT wanted.kind, first.id, %(subject)s, clock_timestamp()
FROM unnest(%(kinds)s::text[]) AS wanted (kind) CROSS JOIN (SELECT id FROM site ORDER BY id LIMIT 1) AS first
ON CONFLICT (kind, subject_id) WHERE state = 'open' DO NOTHING
"""


def enqueue(kind: Kind, subjects: Sequence[tuple[UUID, UUID]], *, delay_s: float = 0) -> None:
    """Add jobs for subjects, given as (site id, subject id), and wake a worker after the commit.

    A subject has at most one open job of a kind; if that job is running, it runs once more. Must be called
    inside a transaction.
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
        wake_on_commit(kind)


def start_standing(kinds: Sequence[Kind]) -> None:
    """Create the single job of each standing kind in `kinds` where it is missing, once there is a site."""
    with connection.cursor() as cursor:
        cursor.execute(_STAND_SQL, {"kinds": [kind.name for kind in kinds], "subject": ALL_SITES})


def wake_on_commit(kind: Kind) -> None:
    """Wake a worker for `kind` once the running transaction has committed."""
    transaction.on_commit(lambda: _wake_after_commit(kind), robust=True)


def _wake_after_commit(kind: Kind) -> None:
    failpoint("jobs.before_wake_up", kind.name)
    if _thread is None:
        wake_worker(kind)
    else:
        _thread.ask(kind.name, lambda: wake_worker(kind))
    failpoint("jobs.after_wake_up", kind.name)


def wake_in_background() -> None:
    """From now on send this process's wake-ups from a thread: for the web server, where readers wait."""
    global _thread  # noqa: PLW0603 - what a process is does not change again
    _thread = WakeUpThread()


def wake_worker(kind: Kind) -> wake_up.WakeUpResult:
    """Wake a worker for `kind`. Never raises; a lost wake-up costs one interval of `run_jobs`."""
    return wake_up.get_wake_ups().send(kind.name, lambda: _publish(kind))


def _publish(kind: Kind) -> None:
    current_app.send_task(kind.task_name, queue=kind.queue.name, ignore_result=True, retry=False)
