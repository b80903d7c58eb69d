"""One chaos run: clients post, faults happen, then the ledger is compared with the database."""

import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial

from tests.faults.chaos.clients import Clients
from tests.faults.chaos.comparison import compare
from tests.faults.chaos.comparison_sql import PENDING_SQL, RUNNERS_SQL, RUNS_SQL
from tests.faults.chaos.faults import Tormentor, endless_faults
from tests.faults.chaos.ledger import Ledger
from tests.faults.chaos.report import Report
from tests.faults.chaos.scene import Scene

SETTLES_WITHIN_S = 30.0
# From fault to fault. Shorter, and the supervisor's growing pauses leave nothing to be killed.
SPACING_S = (0.9, 1.3)
# Most faults wait until something was accepted since the last one, but not for ever: a busy machine
# takes long to start a program, and nothing can be lost where nothing is promised.
PATIENT_SHARE = 0.8
PATIENCE_S = 8.0
# For clients to begin with, and for what is still to be killed when hardly anything lives.
_WARM_UP_S = 1.0
_LONGEST_S_PER_KILL = 6.0
_SAY_EVERY = 10


@dataclass(frozen=True, slots=True)
class Outcome:
    """The figures, and the ledger for whoever wants to compare again."""

    report: Report
    ledger: Ledger


def run_chaos(scene: Scene, *, kills: int, seed: int, say: Callable[[str], None]) -> Outcome:
    """Kill `kills` processes of a running service under load, and judge what is left.

    Ends in bounded time. Raises `AssertionError` when the supervisor itself has ended.
    """
    ledger = Ledger()
    tormentor = Tormentor(scene, random.Random(seed))
    scene.count_claims()
    began = time.monotonic()
    with waking_sleepers(tormentor), Clients(scene.stack.url, scene.demo["api_key"], ledger, seed=seed) as c:
        time.sleep(_WARM_UP_S)
        torment(tormentor, ledger, kills=kills, say=say)
        chaos_s = time.monotonic() - began
        ended = time.monotonic()
        c.finish(within_s=SETTLES_WITHIN_S)
        settle(scene, deadline=ended + SETTLES_WITHIN_S)
        settle_s = time.monotonic() - ended
    report = judge(scene, ledger, tormentor, seed=seed, chaos_s=chaos_s, settle_s=settle_s)
    return Outcome(report, ledger)


@contextmanager
def waking_sleepers(tormentor: Tormentor) -> Iterator[None]:
    """Leave nobody stopped behind, whatever happens."""
    try:
        yield
    finally:
        tormentor.wake(all_of_them=True)


def torment(tormentor: Tormentor, ledger: Ledger, *, kills: int, say: Callable[[str], None]) -> None:
    """Fault after fault until enough were killed, then wait for the last who was only stopped."""
    deadline = time.monotonic() + 30 + kills * _LONGEST_S_PER_KILL
    faults = endless_faults(tormentor.dice)
    said = 0
    while (count := sum(tormentor.kills.values())) < kills and time.monotonic() < deadline:
        assert tormentor.scene.stack.process.poll() is None, "the supervisor has ended"
        before = ledger.accepted_count
        if next(faults)(tormentor):
            _pause(tormentor, tormentor.dice.uniform(*SPACING_S))
            if tormentor.dice.random() < PATIENT_SHARE:
                _pause(tormentor, PATIENCE_S, unless=partial(_has_more, ledger, before))
        if count // _SAY_EVERY > said:
            said = count // _SAY_EVERY
            say(f"{count} of {kills} kills, {ledger.accepted_count} accepted")
    while tormentor.has_sleepers:
        _pause(tormentor, 0.1)


def _has_more(ledger: Ledger, before: int) -> bool:
    return ledger.accepted_count > before


def _pause(tormentor: Tormentor, seconds: float, *, unless: Callable[[], bool] = lambda: False) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until and not unless():
        tormentor.wake()
        time.sleep(0.05)


def settle(scene: Scene, *, deadline: float) -> None:
    """Wait until nothing is being screened any more, or the time is up."""
    while time.monotonic() < deadline:
        if (scene.ask(PENDING_SQL) or [(1,)])[0][0] == 0:
            return
        time.sleep(0.1)


def judge(
    scene: Scene, ledger: Ledger, tormentor: Tormentor, *, seed: int, chaos_s: float, settle_s: float
) -> Report:
    """Compare and count."""
    ledger.settle_repeated()
    with scene.connect() as connection:
        found = compare(ledger, connection)
        ((extra_runs, given_to_person),) = connection.execute(RUNS_SQL).fetchall()
        runners = dict(connection.execute(RUNNERS_SQL).fetchall())
    return Report(
        seed=seed,
        chaos_s=chaos_s,
        settle_s=settle_s,
        accepted=len(ledger.accepted),
        by_form=sum(entry.way == "form" for entry in ledger.accepted),
        repeated=sum(entry.outcome == "repeated" for entry in ledger.entries),
        unanswered=len(ledger.unfinished),
        retries=ledger.retries,
        replays=ledger.replays,
        surprises=ledger.surprises,
        kills=tormentor.kills,
        others=tormentor.others,
        zombies_with_lease=tormentor.zombies_with_lease,
        lost=found.lost,
        unscreened=found.unscreened,
        doubled=found.doubled,
        examples=found.examples,
        extra_runs=extra_runs,
        given_to_person=given_to_person,
        runners=runners,
    )
