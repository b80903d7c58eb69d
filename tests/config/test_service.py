"""The whole service as one tree: it starts, heals, answers, and leaves nothing behind."""

import os
import signal
from time import monotonic, sleep

import psutil
import pytest

from tests.stack import LiveStack, fetch

pytestmark = pytest.mark.slow


def wait_for(condition, *, within_s: float = 30) -> None:
    deadline = monotonic() + within_s
    while not condition():
        assert monotonic() < deadline, "it did not happen in time"
        sleep(0.1)


def answers(url: str) -> bool:
    try:
        return bool(fetch(url))
    except OSError:
        return False


@pytest.mark.parametrize("name", ["granian", "run_jobs", "worker-local-1", "valkey-server", "postgres"])
def test_it_restarts_what_is_killed(live_stack: LiveStack, name: str):
    (victim,) = live_stack.pids(name)
    os.kill(victim, signal.SIGKILL)
    wait_for(lambda: live_stack.pids(name) not in ([], [victim]))
    wait_for(lambda: answers(f"{live_stack.url}/admin/login/"))


def test_a_killed_web_server_leaves_no_worker_on_the_port(live_stack: LiveStack):
    (victim,) = live_stack.pids("granian")
    workers = psutil.Process(victim).children()
    assert workers
    os.kill(victim, signal.SIGKILL)
    wait_for(lambda: not any(worker.is_running() and worker.status() != "zombie" for worker in workers))


def test_commands_use_the_running_servers(live_stack: LiveStack):
    assert "[X]" in live_stack.manage("showmigrations", "moderation")
    assert live_stack.pids("postgres"), "a command must not stop servers that it did not start"
