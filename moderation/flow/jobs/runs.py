"""A worker's run: claims batch after batch, runs them, and gives back what failed."""

import time
from collections.abc import Callable, Sequence
from functools import partial

import structlog

from moderation.clients import wake_up
from moderation.flow.jobs.claims import Lease, claim
from moderation.flow.jobs.heartbeat import record_heartbeat
from moderation.flow.jobs.kinds import Kind
from moderation.flow.jobs.queueing import wake_worker
from moderation.flow.jobs.results import fail, give_back
from moderation.lib.failpoints import failpoint

log = structlog.get_logger(__name__)

# A worker's task ends after this time, so that a deploy never waits long.
DRAIN_BUDGET_S = 5.0


class LeaseLost(Exception):
    """The job was taken over by another run. Undoes the transaction in which it is raised."""


def drain(kind: Kind, run: Callable[[list[Lease], str], None], *, runner: str) -> int:
    """Claim and run batch after batch until nothing is due or the time is up; return how many ran.

    `run(leases, runner)` writes its results and ends the jobs itself. The wake-up's flag is deleted
    before the first claim, so that whatever is committed later sends a wake-up again. The first large batch
    wakes one more worker, which does the same: all of them are soon at work, and each goes on until nothing
    is due.
    """
    wake_up.get_wake_ups().clear(kind.name)
    started = time.monotonic()
    count = most = 0
    # New jobs first: when an earlier failure crashes the worker again, the others have been done.
    takes_retry = has_called_help = False
    while leases := _claim_next(kind, runner, takes_retry=takes_retry, most=most):
        failpoint("jobs.after_claim", kind.name, runner)
        takes_retry = not takes_retry
        if not has_called_help and len(leases) > kind.batch // 2:
            wake_worker(kind)
            has_called_help = True
        most = kind.backlog_batch if len(leases) >= kind.batch else 0
        run(leases, runner)
        failpoint("jobs.after_run", kind.name, runner)
        count += len(leases)
        if time.monotonic() - started > DRAIN_BUDGET_S:
            wake_worker(kind)
            break
    return count


def _claim_next(kind: Kind, runner: str, *, takes_retry: bool, most: int) -> list[Lease]:
    """Claim failed jobs and new jobs in turn, so that neither has to wait for all of the other."""
    leases = claim(kind, retries=takes_retry, most=most) or claim(kind, retries=not takes_retry, most=most)
    if leases:
        record_heartbeat(kind, runner)
    return leases


def run_each(
    kind: Kind,
    leases: Sequence[Lease],
    run: Callable[[Lease], None],
    give_up: Callable[[Lease], object],
    give_back: Callable[[Lease, str], object] | None = None,
) -> None:
    """Run leases one by one. A job that fails is given back with the name of the error (by `fail`, unless
    `give_back` is given), a job that failed too often is given up, and the others go on.
    """
    for lease in leases:
        if kind.is_exhausted(lease.attempts):
            give_up(lease)
            continue
        try:
            run(lease)
        except LeaseLost:
            log.warning("lease lost", kind=kind.name)
        except Exception as error:
            log.exception("job failed", kind=kind.name)
            (give_back or partial(fail, kind))(lease, type(error).__name__)


def run_together(
    kind: Kind,
    leases: Sequence[Lease],
    run: Callable[[Sequence[Lease]], None],
    give_up: Callable[[Lease], object],
    *,
    runner: str,
) -> None:
    """Run leases as one batch. Jobs that failed too often are given up, and when the batch fails as a whole
    its jobs are given back.
    """
    exhausted = [lease for lease in leases if kind.is_exhausted(lease.attempts)]
    for lease in exhausted:
        give_up(lease)
    runnable = [lease for lease in leases if lease not in exhausted]
    if not runnable:
        return
    try:
        run(runnable)
    except Exception as error:
        log.exception("batch failed", kind=kind.name, runner=runner, jobs=len(runnable))
        give_back(kind, runnable, error)
