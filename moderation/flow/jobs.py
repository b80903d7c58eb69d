"""Jobs: enqueue, ring, claim, renew, finish, for every kind of work.

The table is the queue of record and Celery is only its bell: see `docs/architecture.md`.
All times are the database's clock.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from uuid import UUID

import structlog
from celery import current_app
from django.db import connection, transaction

from moderation.clients import bell
from moderation.clients.ringer import Ringer
from moderation.flow.job_kinds import ALL_SITES, Kind
from moderation.flow.job_sql import (
    CLAIM_FRESH_SQL,
    CLAIM_RETRY_SQL,
    ENQUEUE_SQL,
    FAIL_SQL,
    FINISH_SQL,
    GIVE_UP_SQL,
    LAST_ERROR_SQL,
    LOCK_SQL,
    PULSE_SQL,
    RELEASE_SQL,
    RENEW_SQL,
    REPEAT_SQL,
    STAND_SQL,
)
from moderation.lib.database_errors import is_nobodys_fault
from moderation.lib.failpoints import failpoint

log = structlog.get_logger(__name__)
_ringer: Ringer | None = None

# A worker's task ends after this time, so that a deploy never waits long for it.
DRAIN_BUDGET_S = 5.0
CELERY_RUNNER = "celery"
SWEEP_RUNNER = "run_jobs"
# A run that crashes, hangs or eats up the memory is killed, and cannot say so itself.
SILENCE = "No run said why: it crashed, hung or was killed"


@dataclass(frozen=True, slots=True)
class Lease:
    """A claimed job. Nothing is written for it without this very `token`."""

    job_id: int
    site_id: UUID
    subject_id: UUID
    token: UUID
    attempts: int


def enqueue(kind: Kind, subjects: Sequence[tuple[UUID, UUID]], *, delay_s: float = 0) -> None:
    """Ask for work on subjects, given as (site id, subject id), and ring after the commit.

    An open job for the same subject is not doubled: if it is running it runs once more.
    Must be called inside a transaction.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            ENQUEUE_SQL,
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
        cursor.execute(STAND_SQL, {"kinds": [kind.name for kind in kinds], "subject": ALL_SITES})


def ring_on_commit(kind: Kind) -> None:
    """Ring for `kind` when the running transaction has committed."""
    transaction.on_commit(lambda: _ring_after_commit(kind), robust=True)


class LeaseLost(Exception):
    """The job was taken over by another run. Undoes the transaction in which it is raised."""


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


def claim(kind: Kind, *, retries: bool = False) -> list[Lease]:
    """Lease due jobs of `kind`, an equal share for each site; an attempt is counted at once.

    With `retries` it leases at most one job, which has failed before: a job that crashes its
    worker must not burn the attempts of its neighbours.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            CLAIM_RETRY_SQL if retries else CLAIM_FRESH_SQL,
            {"kind": kind.name, "limit": kind.batch, "lease_s": kind.lease_s},
        )
        return [Lease(*row) for row in cursor.fetchall()]


def renew(leases: Sequence[Lease]) -> int:
    """Hold `leases` for another full term; return how many are still ours."""
    with connection.cursor() as cursor:
        cursor.execute(RENEW_SQL, _tokens(leases))
        return int(cursor.rowcount)


def show_life(kind: Kind, runner: str) -> None:
    """Leave a worker's pulse, by which `run_jobs` knows that due work of `kind` is in good hands.

    Called between pieces of work, never by a timer: who hangs falls silent.
    """
    if runner == CELERY_RUNNER:
        with connection.cursor() as cursor:
            cursor.execute(PULSE_SQL, {"kind": kind.name})


def release(leases: Sequence[Lease], *, delay_s: float = 0) -> None:
    """Give back what was not run, or failed through no fault of its own: the attempt is not counted."""
    with connection.cursor() as cursor:
        cursor.execute(RELEASE_SQL, {**_tokens(leases), "delay_s": delay_s})


def lock(kind: Kind, leases: Sequence[Lease], subject_ids: Sequence[UUID]) -> None:
    """Lock the jobs of `leases` and the open ones for `subject_ids`, in id order, until the transaction ends.

    For those who finish the former and ask for the latter: two who do so with each other's jobs would wait
    for each other.
    """
    ids = [lease.job_id for lease in leases]
    with connection.cursor() as cursor:
        cursor.execute(LOCK_SQL, {"kind": kind.name, "ids": ids, "subjects": list(subject_ids)})


def finish(leases: Sequence[Lease], *, again_in_s: float = 0) -> list[Lease]:
    """End the jobs of `leases` and return those that were still ours to end.

    Part of the transaction that writes the results: whatever is not returned was taken over by
    another run, and nothing may be written for it. Jobs asked for `again` stay, due in `again_in_s`.
    """
    with connection.cursor() as cursor:
        # In this order: a request for `again` that the first waits for is seen by the second.
        cursor.execute(FINISH_SQL, _tokens(leases))
        ours = {row[0] for row in cursor.fetchall()}
        cursor.execute(REPEAT_SQL, {**_tokens(leases), "again_in_s": again_in_s})
        ours |= {row[0] for row in cursor.fetchall()}
    return [lease for lease in leases if lease.job_id in ours]


def finish_and_repeat(lease: Lease, *, in_s: float) -> bool:
    """End this run of a periodic job and make it due again after `in_s`; False if it was not ours.

    If it was asked for `again` meanwhile it is due at once.
    """
    return _fail_or_repeat(lease, in_s=in_s, error="", is_repeat=True)


def fail(kind: Kind, lease: Lease, error: str) -> bool:
    """Give the job back after a failure, due after a growing pause; False if it was not ours.

    `error` names the kind of failure only: no text, no address.
    """
    pause_s = kind.backoff_s * 2**lease.attempts
    return _fail_or_repeat(lease, in_s=pause_s, error=error[:200], is_repeat=False)


def _fail_or_repeat(lease: Lease, *, in_s: float, error: str, is_repeat: bool) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            FAIL_SQL,
            {
                "id": lease.job_id,
                "token": lease.token,
                "in_s": in_s,
                "error": error,
                "attempts": 0 if is_repeat else lease.attempts,
                "is_repeat": is_repeat,
            },
        )
        return bool(cursor.rowcount == 1)


def last_words(lease: Lease) -> str:
    """What is known of the runs that failed: the last error that one of them lived to name."""
    with connection.cursor() as cursor:
        cursor.execute(LAST_ERROR_SQL, {"id": lease.job_id, "silence": SILENCE})
        row = cursor.fetchone()
        return row[0] if row else SILENCE


def give_back(kind: Kind, leases: Sequence[Lease], error: Exception) -> None:
    """After a batch failed as a whole: each job runs alone next time, unless nobody was at fault."""
    if is_nobodys_fault(error):
        release(leases, delay_s=kind.backoff_s)
        return
    for lease in leases:
        fail(kind, lease, type(error).__name__)


def give_up(lease: Lease) -> bool:
    """Mark the job dead, for a person to see; False if it was not ours."""
    with connection.cursor() as cursor:
        cursor.execute(GIVE_UP_SQL, {"id": lease.job_id, "token": lease.token, "silence": SILENCE})
        return bool(cursor.rowcount == 1)


def drain(kind: Kind, run: Callable[[list[Lease], str], None], *, runner: str) -> int:
    """Claim and run batch after batch until nothing is due or the time is up; return how many ran.

    `run(leases, runner)` writes its results and ends the jobs itself. The bell's flag is deleted
    before the first claim, so that whatever is committed later rings again.
    """
    bell.get_bell().answer(kind.name)
    started = time.monotonic()
    count = 0
    # Fresh work first: a worker that dies of a job that has failed before has done the others by then.
    takes_retry = False
    while leases := _claim_next(kind, runner, takes_retry=takes_retry):
        failpoint("jobs.after_claim", kind.name, runner)
        takes_retry = not takes_retry
        if len(leases) > kind.batch // 2:
            ring(kind)  # there may be more than one worker's work
        run(leases, runner)
        failpoint("jobs.after_run", kind.name, runner)
        count += len(leases)
        if time.monotonic() - started > DRAIN_BUDGET_S:
            ring(kind)
            break
    return count


def run_each(
    kind: Kind,
    leases: Sequence[Lease],
    run: Callable[[Lease], None],
    give_up: Callable[[Lease], object],
    give_back: Callable[[Lease, str], object] | None = None,
) -> None:
    """Run leases one by one, each by itself: one that fails is given back with the name of the error (by
    `fail`, where no `give_back` is given), one that failed too often is given up, and the others go on.
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
    """Run leases as one batch: what failed too often is given up, and when the batch fails as a whole its
    jobs are given back.
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


def _claim_next(kind: Kind, runner: str, *, takes_retry: bool) -> list[Lease]:
    """By turns what failed before and what is fresh, so that neither waits for all of the other."""
    leases = claim(kind, retries=takes_retry) or claim(kind, retries=not takes_retry)
    if leases:
        show_life(kind, runner)
    return leases


def _tokens(leases: Sequence[Lease]) -> dict[str, list[object]]:
    in_order = sorted(leases, key=lambda lease: lease.job_id)  # rows are locked as they come, by and large
    return {"ids": [lease.job_id for lease in in_order], "tokens": [lease.token for lease in in_order]}
