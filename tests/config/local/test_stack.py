"""The whole service as one tree: it starts, heals, answers, and leaves nothing behind."""

import os
import signal
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from time import monotonic, sleep

import psutil
import pytest

from tests.stack import LiveStack, fetch, start_stack, stop_stack

pytestmark = pytest.mark.slow


@pytest.fixture
def own_stack(tmp_path: Path) -> Iterator[LiveStack]:
    """A service that only this test uses."""
    stack = start_stack(tmp_path / "var")
    yield stack
    stop_stack(stack)


def survivors(stack: LiveStack) -> list[int]:
    """Processes that still work for the stack: dead ones that nobody has buried yet do not count."""
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            is_ours = str(stack.var) in (*process.environ().values(), *process.cmdline(), process.cwd())
            if is_ours and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process.pid)
    return found


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
    wait_for(lambda: live_stack.pids(name))
    (victim,) = live_stack.pids(name)
    os.kill(victim, signal.SIGKILL)
    wait_for(lambda: live_stack.pids(name) not in ([], [victim]))
    wait_for(lambda: answers(f"{live_stack.url}/admin/login/"))


def test_a_killed_web_server_leaves_no_worker_on_the_port(live_stack: LiveStack):
    wait_for(lambda: answers(f"{live_stack.url}/livez"))
    (victim,) = live_stack.pids("granian")
    workers = psutil.Process(victim).children()
    assert workers
    os.kill(victim, signal.SIGKILL)
    wait_for(lambda: not any(worker.is_running() and worker.status() != "zombie" for worker in workers))


def test_it_stops_cleanly_when_told(own_stack: LiveStack):
    own_stack.process.send_signal(signal.SIGINT)
    assert own_stack.process.wait(timeout=30) == 0
    assert survivors(own_stack) == []


def test_nothing_survives_its_death_and_it_starts_again(own_stack: LiveStack):
    own_stack.process.kill()
    own_stack.process.wait()
    wait_for(lambda: survivors(own_stack) == [])
    again = start_stack(own_stack.var)
    try:
        assert answers(f"{again.url}/livez")
    finally:
        stop_stack(again)


def test_commands_use_the_running_servers(live_stack: LiveStack):
    assert "[X]" in live_stack.manage("showmigrations", "moderation")
    assert live_stack.pids("postgres"), "a command must not stop servers that it did not start"
