"""The sweep: looks into the table without a broker, wakes workers, and runs what no worker comes for."""

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

# A due time further away than any pause of its kind comes from a clock that was set back.
_HEAL_SQL = """
UPDATE job SET due_at = clock_timestamp()
FROM unnest(%(kinds)s::text[], %(furthest)s::float8[]) AS wanted (kind, furthest_s)
WHERE job.kind = wanted.kind AND job.state = 'open'
  AND job.due_at > clock_timestamp() + make_interval(secs => wanted.furthest_s)
"""

# Per kind: is something due and unclaimed, when did a worker last give a heartbeat, and is there an open job
# of all sites?
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
    """What one look found of a kind: due work that nobody has claimed, a worker's last heartbeat, and whether
    a standing kind has its job.
    """

    kind: Kind
    is_due: bool
    claimed_at: datetime | None
    stands: bool


@dataclass(frozen=True, slots=True)
class Ignored:
    """Due work that no worker has come for: the last heartbeat then, and since when (monotonic)."""

    claimed_at: datetime | None
    since: float


class Sweeper:
    """Looks at every kind of job; keeps what it saw at its last look, and its running children.

    It runs work itself only when no wake-up can be sent, or when work stays due although wake-ups are sent
    and no worker of that kind has given a heartbeat for as long as its queue may take.
    """

    def __init__(self) -> None:
        self._ignored: dict[Kind, Ignored] = {}
        self._children: dict[Kind, int] = {}
        self._looks = 0

    def look(self) -> None:
        """One look. Raises `DatabaseError` when the database is away."""
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
        """Let the running children finish."""
        for pid in self._children.values():
            os.waitpid(pid, 0)
        self._children.clear()

    def stop(self) -> None:
        """End the running children; their leases run out and the work is done again."""
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
        """Run a batch where a crash, a leak or a hang takes only itself along."""
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
    """The forked child's whole life: its own connection, the workers' limits, one round of work."""
    code = 1
    try:
        for signal_number in (signal.SIGTERM, signal.SIGINT, signal.SIGALRM):
            signal.signal(signal_number, signal.SIG_DFL)
        signal.setitimer(signal.ITIMER_REAL, kind.time_limit_s)
        limit_memory()
        os.nice(kind.queue.niceness)
        # The parent's connection is the parent's: it is forgotten here, not closed.
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
