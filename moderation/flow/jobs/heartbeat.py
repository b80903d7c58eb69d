"""The heartbeat of a worker, by which the sweep knows that due work is being done."""

from django.db import connection

from moderation.flow.jobs.kinds import CELERY_RUNNER, Kind

# At most five writes a second and kind, whatever the number of workers.
_HEARTBEAT_SQL = """
INSERT INTO job_heartbeat (kind, claimed_at) VALUES (%(kind)s, clock_timestamp())
ON CONFLICT (kind) DO UPDATE SET claimed_at = clock_timestamp()
WHERE job_heartbeat.claimed_at NOT BETWEEN clock_timestamp() - interval '200 ms' AND clock_timestamp()
"""


def record_heartbeat(kind: Kind, runner: str) -> None:
    """Record that a worker is at work on `kind`, so that `run_jobs` leaves due work of this kind to it.

    Called between pieces of work and never by a timer, so that a worker that hangs gives no heartbeat.
    """
    if runner == CELERY_RUNNER:
        with connection.cursor() as cursor:
            cursor.execute(_HEARTBEAT_SQL, {"kind": kind.name})
