"""The sweep looks for due jobs without a broker: it wakes workers, and runs the jobs that no worker takes."""

import os
import signal
import sys
import time
from dataclasses import dataclass
from datetime import datetime

import structlog
from django.db import connection, connections

from moderation.clients.wake_up import WakeUpResult
from moderation.flow.jobs import queueing
from moderation.flow.jobs.kinds import ALL_SITES, SWEEP_RUNNER, Kind
from moderation.flow.jobs.registry import all_kinds, run_due_of
from moderation.lib.failpoints import failpoint
from moderation.lib.limits import limit_memory

log = structlog.get_logger(__name__)

HEAL_EVERY_LOOKS = 60

# A due time further away than any pause of its kind means that a clock was set back.
_HEAL_SQL = """
UPDATE job SET due_at = clock_timestamp()
FROM unnest(%(kinds)s::text[], %(furthest)s::float8[]) AS wanted (kind, furthest_s)
WHERE job.kind = wanted.kind AND job.state = 'open'
  AND job.due_at > clock_timestamp() + make_interval(secs => wanted.furthest_s)
"""

# For each kind: whether a due job is unclaimed, the worker's last heartbeat, and whether the job for all
# sites exists.
_LOOK_SQL = """
SELECT wanted.kind,
       EXISTS (
           SELECT 1 FROM job
           WHERE job.kind = wanted.kind AND job.state = 'open' AND job.due_at <= clock_timestamp()
             AND (job.leased_at IS NULL
                  OR job.leased_at < clock_timestamp() - make_interval(secs => wanted.lease_s)
                  OR job.leased_at > clock_timestamp() + interval '1 second')
       ),
       (SELECT claimed_at FROM job_heartbeat WHERE job_heartbeat.kind = wanted.kind),
       EXISTS (
           SELECT 1 FROM job
           WHERE job.kind = wanted.kind AND job.subject_id = %(standing)s AND job.state = 'open'
       )
FROM unnest(%(kinds)s::text[], %(leases)s::float8[]) AS wanted (kind, lease_s)
"""


@dataclass(frozen=True, slots=True)
class KindState:
    """What one look found for a kind: whether a due job is unclaimed, the worker's last heartbeat, and
    whether the job of a standing kind exists.
    """

    kind: Kind
    is_due: bool
    claimed_at: datetime | None
    stands: bool


@dataclass(frozen=True, slots=True)
class Ignored:
    """Due work that no worker has taken: the last heartbeat at that time, and since when (monotonic)."""

    claimed_at: datetime | None
    since: float


class Sweeper:
    """Looks at every kind of job; keeps what it saw last, and its running children.

    It runs work itself only if no wake-up can be sent, or if work stays due after wake-ups and no worker of
    that kind has given a heartbeat for as long as its queue may take.
    """

    def __init__(self) -> None:
        self._ignored: dict[Kind, Ignored] = {}
        self._children: dict[Kind, int] = {}
        self._looks = 0

    def look(self) -> None:
        """Look once. Raises `DatabaseError` when the database is away."""
        self._reap()
        self._heal_now_and_then()
        seen = self._read()
        for found in seen:
            if not found.is_due:
                self._ignored.pop(found.kind, None)
            elif self._must_run(found.kind, queueing.wake_worker(found.kind), found.claimed_at):
                self._run_in_child(found.kind)
                self._ignored.pop(found.kind, None)
        if missing := [found.kind for found in seen if found.kind.is_standing and not found.stands]:
            queueing.start_standing(missing)

    def wait(self) -> None:
        """Wait for the running children to finish."""
        for pid in self._children.values():
            os.waitpid(pid, 0)
        self._children.clear()

    def stop(self) -> None:
        """End the running children; their leases expire and the work is done again."""
        for pid in self._children.values():
            os.kill(pid, signal.SIGTERM)
            os.waitpid(pid, 0)
        self._children.clear()

    def _heal_now_and_then(self) -> None:
        self._looks += 1
        if self._looks % HEAL_EVERY_LOOKS != 1:
            return
        with connection.cursor() as cursor:
            cursor.execute(
                _HEAL_SQL,
                {"kinds": [k.name for k in all_kinds()], "furthest": [k.furthest_s for k in all_kinds()]},
            )

    def _read(self) -> list[KindState]:
        by_name = {kind.name: kind for kind in all_kinds()}
        with connection.cursor() as cursor:
            cursor.execute(
                _LOOK_SQL,
                {
                    "kinds": list(by_name),
                    "leases": [kind.lease_s for kind in by_name.values()],
                    "standing": ALL_SITES,
                },
            )
            return [KindState(by_name[name], *found) for name, *found in cursor.fetchall()]

    def _must_run(self, kind: Kind, sent: WakeUpResult, claimed_at: datetime | None) -> bool:
        if kind in self._children:
            return False
        if sent in (WakeUpResult.FAILED, WakeUpResult.SKIPPED):
            return True
        ignored = self._ignored.get(kind)
        if ignored is None or ignored.claimed_at != claimed_at:
            self._ignored[kind] = Ignored(claimed_at, time.monotonic())
            return False
        return time.monotonic() - ignored.since > kind.queue.patience_s

    def _run_in_child(self, kind: Kind) -> None:
        """Run a batch in a child, so that a crash, a leak or a hang affects only this batch."""
        pid = os.fork()
        if pid == 0:
            run_child(kind)
        self._children[kind] = pid

    def _reap(self) -> None:
        for kind, pid in list(self._children.items()):
            ended, status = os.waitpid(pid, os.WNOHANG)
            if ended:
                del self._children[kind]
                if status:
                    log.warning("batch ended badly", kind=kind.name, status=status)


def run_child(kind: Kind) -> None:
    """The main function of the forked child: its own connection, the limits of a worker, one run."""
    code = 1
    try:
        for signal_number in (signal.SIGTERM, signal.SIGINT, signal.SIGALRM):
            signal.signal(signal_number, signal.SIG_DFL)
        signal.setitimer(signal.ITIMER_REAL, kind.time_limit_s)
        limit_memory()
        os.nice(kind.queue.niceness)
        # The connection belongs to the parent: it is forgotten here, not closed.
        for inherited in connections.all(initialized_only=True):
            inherited.connection = None
        failpoint("sweep.before_claim", kind.name)
        run_due_of(kind)(runner=SWEEP_RUNNER)
        code = 0
    except Exception:
        log.exception("batch failed", kind=kind.name)
    finally:
        sys.stdout.flush()
        os._exit(code)
