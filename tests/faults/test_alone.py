"""Either of the two that see to due work suffices alone, and restarts one by one lose nothing."""

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import psutil
import pytest

from tests.faults.chaos.clients import Clients
from tests.faults.chaos.comparison import compare
from tests.faults.chaos.comparison_sql import PENDING_SQL
from tests.faults.chaos.ledger import Ledger
from tests.faults.chaos.scene import Scene, send, wait_until
from tests.faults.posting import post_for, wait_until_screened

pytestmark = pytest.mark.faults

PARTS = ("granian", "worker-local-1", "worker-local-2", "worker-remote", "worker-background", "run_jobs")
# More than a worker needs to finish what it has in hand, and to start.
RESTARTED_WITHIN_S = 60.0


@pytest.fixture(autouse=True)
def well(scene: Scene) -> None:
    """Each test begins with a service that works."""
    wait_until(lambda: post_for(scene, 0.1, threads=1).ids, within_s=60)


@contextmanager
def asleep(scene: Scene, *names: str) -> Iterator[None]:
    """As good as dead, but that the supervisor starts no other in their place."""
    sleepers = scene.children(*names) + scene.programs(*names)
    for process in sleepers:
        send(process, signal.SIGSTOP)
    try:
        yield
    finally:
        for process in sleepers:
            send(process, signal.SIGCONT)


def test_workers_alone_suffice(scene: Scene) -> None:
    with asleep(scene, "run_jobs"):
        posts = post_for(scene, 3)
        screened = wait_until_screened(scene, posts.ids, within_s=30)
    assert posts.statuses == {202}
    assert screened.by_celery == len(posts.ids)


def test_run_jobs_alone_suffices(scene: Scene) -> None:
    with asleep(scene, "worker-"):
        posts = post_for(scene, 3)
        screened = wait_until_screened(scene, posts.ids, within_s=30)
    assert posts.statuses == {202}
    assert screened.by_run_jobs == len(posts.ids)


def test_restarting_one_after_another_loses_nothing(scene: Scene) -> None:
    ledger = Ledger("restarts")
    with Clients(scene.stack.url, scene.demo["api_key"], ledger) as clients:
        for part in PARTS:
            restart(scene, part)
            time.sleep(0.5)
        clients.finish(within_s=30)
    wait_until(lambda: scene.ask(PENDING_SQL) == [(0,)], within_s=30)
    ledger.settle_repeated()
    with scene.connect() as connection:
        found = compare(ledger, connection)
    assert ledger.accepted
    assert found.is_clean, found.examples
    assert not ledger.surprises
    assert not ledger.unfinished


def restart(scene: Scene, part: str) -> None:
    """Tell a part to end, and wait for the next."""
    (former,) = scene.programs(part)
    send(former, signal.SIGTERM)
    wait_until(lambda: is_replaced(scene, part, former), within_s=RESTARTED_WITHIN_S)


def is_replaced(scene: Scene, part: str, former: psutil.Process) -> bool:
    """Whether another runs in its place, and it is gone itself."""
    with suppress(psutil.Error):
        if former.is_running() and former.status() != psutil.STATUS_ZOMBIE:
            return False
    return [process.pid for process in scene.programs(part)] not in ([], [former.pid])
