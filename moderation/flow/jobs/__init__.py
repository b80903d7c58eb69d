"""Jobs: functions to enqueue, claim, renew and finish any kind of work.

The table is the queue of record, and Celery only wakes the workers: see `docs/architecture.md`. All times are
the database's clock.
"""

from moderation.flow.jobs.claims import Lease, claim, claim_subject, release, renew
from moderation.flow.jobs.heartbeat import record_heartbeat
from moderation.flow.jobs.kinds import CELERY_RUNNER, SWEEP_RUNNER
from moderation.flow.jobs.queueing import (
    enqueue,
    start_standing,
    wake_in_background,
    wake_on_commit,
    wake_worker,
)
from moderation.flow.jobs.results import (
    fail,
    finish,
    finish_and_repeat,
    give_back,
    give_up,
    last_error,
    lock,
)
from moderation.flow.jobs.runs import DRAIN_BUDGET_S, LeaseLost, drain, run_each, run_together

__all__ = [
    "CELERY_RUNNER",
    "DRAIN_BUDGET_S",
    "SWEEP_RUNNER",
    "Lease",
    "LeaseLost",
    "claim",
    "claim_subject",
    "drain",
    "enqueue",
    "fail",
    "finish",
    "finish_and_repeat",
    "give_back",
    "give_up",
    "last_error",
    "lock",
    "record_heartbeat",
    "release",
    "renew",
    "run_each",
    "run_together",
    "start_standing",
    "wake_in_background",
    "wake_on_commit",
    "wake_worker",
]
