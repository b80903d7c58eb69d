"""The faults: what is killed, stopped, crashed or emptied, chosen by a seeded dice."""

import random
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

import psutil
import psycopg

from tests.faults.chaos.scene import Scene, send

# Beyond the lease of screening (10 s), within the time limit that would kill the worker (15 s).
STOPPED_S = 11.5
BROKER_HANGS_S = 3.0
_BATCH_WITHIN_S = 1.0
_OLD_LEASE_S = 0.3
_WORKERS = ("worker-local", "worker-remote", "worker-background")
_LEASED_SQL = """
SELECT count(*) FROM job WHERE kind = 'screen' AND state = 'open'
AND clock_timestamp() - leased_at BETWEEN make_interval(secs => %s) AND make_interval(secs => %s)
"""


@dataclass(slots=True)
class Tormentor:
    """Does one fault after another to a scene, and counts them."""

    scene: Scene
    dice: random.Random
    kills: Counter[str] = field(default_factory=Counter)
    others: Counter[str] = field(default_factory=Counter)
    zombies_with_lease: int = 0
    _stopped: list[tuple[psutil.Process, float]] = field(default_factory=list)

    def kill_one(self, label: str, victims: Sequence[psutil.Process], number: signal.Signals) -> bool:
        """Kill a random victim, if there is any."""
        if not victims or not send(self.dice.choice(victims), number):
            return False
        self.kills[label] += 1
        return True

    def stop_for(self, process: psutil.Process, seconds: float) -> None:
        """Stop a process now and wake it later, in `wake`."""
        if send(process, signal.SIGSTOP):
            self._stopped.append((process, time.monotonic() + seconds))

    def wake(self, *, all_of_them: bool = False) -> None:
        """Let those go on whose time has come."""
        now = time.monotonic()
        for process, until in list(self._stopped):
            if all_of_them or now >= until:
                send(process, signal.SIGCONT)
                self._stopped.remove((process, until))

    @property
    def has_sleepers(self) -> bool:
        """Whether somebody still has to be woken."""
        return bool(self._stopped)

    def stop_a_screening(self) -> bool:
        """Stop the workers beyond their leases, in the middle of a batch if there is one to be had.

        The table that a batch reads after its claim is locked for a moment, so that it waits there,
        with no transaction open.
        """
        workers = self.scene.children("worker-local")
        if not workers:
            return False
        with suppress(psycopg.Error), self.scene.connect() as connection, connection.transaction():
            connection.execute("SET LOCAL lock_timeout = 500; LOCK TABLE fingerprint")
            deadline = time.monotonic() + _BATCH_WITHIN_S
            while not self._somebody_works() and time.monotonic() < deadline:
                time.sleep(0.02)
            for worker in workers:
                self.stop_for(worker, STOPPED_S)
        # Those who still run need milliseconds: a lease as old as this is a stopped one's.
        time.sleep(_OLD_LEASE_S)
        self.zombies_with_lease += self._somebody_works()
        self.others["workers stopped beyond their leases"] += 1
        return True

    def _somebody_works(self) -> bool:
        rows = self.scene.ask(_LEASED_SQL, [_OLD_LEASE_S / 2, STOPPED_S])
        return bool(rows and rows[0][0])


Fault = Callable[[Tormentor], bool]


def kill_programs(label: str, *names: str, number: signal.Signals = signal.SIGKILL) -> Fault:
    """One of the supervisor's own children."""
    return lambda t: t.kill_one(label, t.scene.programs(*names), number)


def kill_children(label: str, *names: str) -> Fault:
    """One of their children; where there is none the parent has to do."""
    return lambda t: (
        t.kill_one(label, t.scene.children(*names), signal.SIGKILL)
        or t.kill_one(label, t.scene.programs(*names), signal.SIGKILL)
    )


def kill_backend(tormentor: Tormentor) -> bool:
    """PostgreSQL ends all connections and recovers when one of its processes is killed."""
    return tormentor.kill_one("database backend", tormentor.scene.backends(), signal.SIGKILL)


def flush_broker(tormentor: Tormentor) -> bool:
    """Wake-ups, messages and rate buckets are gone."""
    done = tormentor.scene.flush_broker()
    if done:
        tormentor.others["broker emptied"] += 1
    return done


def hang_broker(tormentor: Tormentor) -> bool:
    """The broker takes connections and says nothing."""
    for process in tormentor.scene.programs("valkey-server"):
        tormentor.stop_for(process, BROKER_HANGS_S)
        tormentor.others["broker hung"] += 1
        return True
    return False


# A round of faults; what stands here twice is done twice as often.
ROUND: tuple[Fault, ...] = (
    kill_programs("web", "granian"),
    kill_children("web worker", "granian"),
    kill_children("web worker", "granian"),
    kill_programs("celery", *_WORKERS),
    kill_programs("celery", *_WORKERS),
    kill_children("celery child", *_WORKERS),
    kill_children("celery child", *_WORKERS),
    kill_programs("run_jobs", "run_jobs"),
    kill_children("run_jobs child", "run_jobs"),
    kill_programs("broker", "valkey-server"),
    kill_programs("broker", "valkey-server"),
    kill_programs("database, immediate stop", "postgres", number=signal.SIGQUIT),
    kill_programs("database, killed", "postgres"),
    kill_backend,
    flush_broker,
    hang_broker,
    Tormentor.stop_a_screening,
)


def endless_faults(dice: random.Random) -> Iterator[Fault]:
    """Round after round, each in another order."""
    while True:
        bag = list(ROUND)
        dice.shuffle(bag)
        yield from bag
