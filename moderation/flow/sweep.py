"""The look into the table that needs no broker: it rings for due work, and runs what nobody comes for."""

import os
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import structlog
from django.db import connection, connections

from moderation.clients.bell import Rung
from moderation.flow import jobs
from moderation.flow.comments.ask import ask_due
from moderation.flow.comments.screen import screen_due
from moderation.flow.job_sql import HEAL_SQL, LOOK_SQL
from moderation.flow.jobs import Kind
from moderation.flow.keeping.purge import purge_due
from moderation.flow.keeping.seal import seal_due
from moderation.flow.learning.learn import learn_due
from moderation.flow.notify import notify_due, send_due
from moderation.flow.site.backtest import backtest_due
from moderation.lib.failpoints import failpoint
from moderation.lib.limits import limit_memory

log = structlog.get_logger(__name__)

RUNNERS: dict[Kind, Callable[..., int]] = {
    jobs.SCREEN: screen_due,
    jobs.ASK: ask_due,
    jobs.NOTIFY: notify_due,
    jobs.MAIL: send_due,
    jobs.PURGE: purge_due,
    jobs.BACKTEST: backtest_due,
    jobs.SEAL: seal_due,
    jobs.LEARN: learn_due,
}


HEAL_EVERY_LOOKS = 60


# Far longer than a worker takes over one comment on a busy machine: healthy workers keep their work.
PATIENCE_S = 2.5


@dataclass(frozen=True, slots=True)
class Ignored:
    """Due work that no worker has come for: the last pulse then, and since when (monotonic)."""

    claimed_at: datetime | None
    since: float


class Sweeper:
    """Looks at every kind of job; keeps what it saw at its last look, and its running children.

    It runs work itself only when the bell cannot be rung, or when work stays due although it rings
    and no worker has shown life at that kind for `PATIENCE_S`.
    """

    def __init__(self) -> None:
        self._ignored: dict[Kind, Ignored] = {}
        self._children: dict[Kind, int] = {}
        self._looks = 0

    def look(self) -> None:
        """One look. Raises `DatabaseError` when the database is away."""
        self._reap()
        self._heal_now_and_then()
        for kind, is_due, claimed_at in self._read():
            if not is_due:
                self._ignored.pop(kind, None)
            elif self._must_run(kind, jobs.ring(kind), claimed_at):
                self._run_in_child(kind)
                self._ignored.pop(kind, None)

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
                HEAL_SQL,
                {"kinds": [k.name for k in jobs.KINDS], "furthest": [k.furthest_s for k in jobs.KINDS]},
            )

    def _read(self) -> list[tuple[Kind, bool, datetime | None]]:
        by_name = {kind.name: kind for kind in jobs.KINDS}
        with connection.cursor() as cursor:
            cursor.execute(
                LOOK_SQL,
                {"kinds": list(by_name), "leases": [kind.lease_s for kind in by_name.values()]},
            )
            return [(by_name[name], is_due, claimed_at) for name, is_due, claimed_at in cursor.fetchall()]

    def _must_run(self, kind: Kind, rung: Rung, claimed_at: datetime | None) -> bool:
        if kind in self._children:
            return False
        if rung in (Rung.FAILED, Rung.SKIPPED):
            return True
        ignored = self._ignored.get(kind)
        if ignored is None or ignored.claimed_at != claimed_at:
            self._ignored[kind] = Ignored(claimed_at, time.monotonic())
            return False
        return time.monotonic() - ignored.since > PATIENCE_S

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
        # The parent's connection is the parent's: it is forgotten here, not closed.
        for inherited in connections.all(initialized_only=True):
            inherited.connection = None
        failpoint("sweep.before_claim", kind.name)
        RUNNERS[kind](runner=jobs.SWEEP_RUNNER)
        code = 0
    except Exception:
        log.exception("batch failed", kind=kind.name)
    finally:
        sys.stdout.flush()
        os._exit(code)
