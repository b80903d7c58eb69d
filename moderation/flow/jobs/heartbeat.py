"""A worker's sign of life, by which the sweep knows that due work is being looked after."""

from django.db import connection

from moderation.flow.jobs.kinds import CELERY_RUNNER, Kind

# At most five writes a second and kind, whatever the number of workers.
_PULSE_SQL = """
INSERT INTO job_pulse (kind, claimed_at) VALUES (%(kind)s, clock_timestamp())
ON CONFLICT (kind) DO UPDATE SET claimed_at = clock_timestamp()
WHERE job_pulse.claimed_at NOT BETWEEN clock_timestamp() - interval '200 ms' AND clock_timestamp()
"""


def show_life(kind: Kind, runner: str) -> None:
    """Leave a worker's pulse, by which `run_jobs` knows that due work of `kind` is in good hands.

    Called between pieces of work, never by a timer: who hangs falls silent.
    """
    if runner == CELERY_RUNNER:
        with connection.cursor() as cursor:
            cursor.execute(_PULSE_SQL, {"kind": kind.name})
