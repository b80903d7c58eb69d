"""A broker that is gone, hangs, or is half there: every comment is accepted and screened all the same."""

import json
import time
from collections.abc import Iterator
from datetime import datetime
from itertools import pairwise

import pytest

from tests.faults.broker import BrokerScene, own_broker_scene
from tests.faults.posting import post_for, wait_until_screened
from tests.stack import open_for_all

pytestmark = pytest.mark.faults

# Half a second to connect, as long to answer, twice: for wake-ups; the rest is a busy machine's.
SLOWEST_S = 3.0
# It takes a second or two where nobody else works on the machine.
BACK_WITHIN_S = 15.0
# What the breaker pauses, less the time between a failure and its line in the log.
PAUSE_S = 1.9


@pytest.fixture(scope="module")
def broker_scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BrokerScene]:
    folder = tmp_path_factory.mktemp("broker")
    open_for_all(folder)
    with own_broker_scene(folder) as made:
        yield made


def check_flowing(made: BrokerScene, *, within_s: float = BACK_WITHIN_S) -> None:
    """Celery screens again within the time."""
    deadline = time.monotonic() + within_s
    while True:
        posts = post_for(made.scene, 0.4, rate=5, threads=1)
        if wait_until_screened(made.scene, posts.ids, within_s=30).by_celery:
            return
        assert time.monotonic() < deadline, "the workers get no wake-up"


def test_a_broker_that_is_not_there(broker_scene: BrokerScene) -> None:
    broker_scene.proxy.refuse()
    try:
        posts = post_for(broker_scene.scene, 5)
        screened = wait_until_screened(broker_scene.scene, posts.ids, within_s=30)
    finally:
        broker_scene.proxy.take()
    assert posts.statuses == {202}
    assert screened.by_run_jobs == len(posts.ids)
    check_paused(broker_scene)
    check_flowing(broker_scene)


def test_a_broker_that_hangs_costs_one_slow_answer_at_a_time(broker_scene: BrokerScene) -> None:
    broker_scene.hang()
    try:
        posts = post_for(broker_scene.scene, 7)
        screened = wait_until_screened(broker_scene.scene, posts.ids, within_s=30)
    finally:
        broker_scene.go_on()
    assert posts.statuses == {202}
    assert screened.by_run_jobs == len(posts.ids)
    assert max(post.took_s for post in posts.posts) <= SLOWEST_S
    check_paused(broker_scene)
    check_flowing(broker_scene)


def test_connections_that_are_half_open_delay_nobody_for_long(broker_scene: BrokerScene) -> None:
    check_flowing(broker_scene)
    assert broker_scene.proxy.half_open() >= 3, "every worker and the web process are connected"
    posts = post_for(broker_scene.scene, 4)
    screened = wait_until_screened(broker_scene.scene, posts.ids, within_s=30)
    assert posts.statuses == {202}
    assert screened.by_run_jobs > 0, "no worker gets a wake-up"
    assert screened.longest_s <= 30
    broker_scene.proxy.cut()
    check_flowing(broker_scene)


def test_a_broker_that_flaps_leaves_no_connections_behind(broker_scene: BrokerScene) -> None:
    check_flowing(broker_scene)
    before = broker_scene.proxy.connections
    files = count_files(broker_scene)
    accepted = []
    for _ in range(5):
        broker_scene.proxy.refuse()
        accepted += post_for(broker_scene.scene, 0.6).ids
        broker_scene.proxy.take()
        accepted += post_for(broker_scene.scene, 1.5).ids
    wait_until_screened(broker_scene.scene, accepted, within_s=30)
    check_flowing(broker_scene)
    assert broker_scene.proxy.connections <= before + 2
    assert count_files(broker_scene) <= files + 10


def check_paused(made: BrokerScene) -> None:
    """The web process called the broker in vain at least once, and never twice within a pause."""
    log = (made.scene.stack.var / "log" / "web.log").read_text()
    lines = [json.loads(line) for line in log.splitlines() if line.startswith("{")]
    moments = [
        datetime.fromisoformat(line["timestamp"]) for line in lines if line["event"] == "wake_up.failed"
    ]
    assert moments
    gaps = [(later - earlier).total_seconds() for earlier, later in pairwise(moments)]
    assert all(gap >= PAUSE_S for gap in gaps), gaps


def count_files(made: BrokerScene) -> int:
    """Open files of the web process, the workers and `run_jobs`, children included."""
    names = ("granian", "worker-", "run_jobs")
    processes = made.scene.programs(*names) + made.scene.children(*names)
    return sum(process.num_fds() for process in processes if process.is_running())
