"""A broker that dies, and one that never was: every comment is accepted and screened all the same."""

import csv
import json
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import suppress
from io import StringIO
from pathlib import Path
from uuid import uuid4

import pytest

from tests.e2e.test_replay import STREAMS, number
from tests.stack import LiveStack, start_stack, stop_stack

pytestmark = pytest.mark.faults


@pytest.fixture
def some_rows(tmp_path: Path) -> Path:
    """A short stream under ids of its own: the service may have seen the whole one before."""
    rows = list(csv.DictReader(StringIO(STREAMS[0].read_text(encoding="utf-8"))))[:80]
    path = tmp_path / "some.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, rows[0].keys())
        writer.writeheader()
        writer.writerows(row | {"id": uuid4().hex} for row in rows)
    return path


@pytest.fixture
def stack_without_broker() -> Iterator[LiveStack]:
    var = Path(os.environ["VAR_DIR"]) / "nobroker"
    stack = start_stack(var, "--demo", environment={"REDIS_URL": "unix:///nowhere/broker.sock"})
    yield stack
    stop_stack(stack)


def replay(stack: LiveStack, rows: Path) -> str:
    made = json.loads(stack.manage("demo", "--json"))
    return stack.manage(
        "replay", str(rows), "--url", stack.url, "--key", made["api_key"], "--rate", "15", within_s=200
    )


def test_without_a_broker_the_sweeper_screens_everything(
    stack_without_broker: LiveStack, some_rows: Path
) -> None:
    output = replay(stack_without_broker, some_rows)
    assert number(output, "accepted") + number(output, "repeated") == 80
    assert number(output, "screening") == 0
    assert number(output, "run_jobs") == number(output, "accepted")


def test_a_broker_that_is_killed_again_and_again_loses_nothing(
    live_stack: LiveStack, some_rows: Path
) -> None:
    stopped = threading.Event()

    def keep_killing() -> None:
        while not stopped.wait(0.7):
            for pid in live_stack.pids("valkey-server"):
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)

    killer = threading.Thread(target=keep_killing)
    killer.start()
    try:
        output = replay(live_stack, some_rows)
    finally:
        stopped.set()
        killer.join()
    assert number(output, "accepted") + number(output, "repeated") == 80
    assert number(output, "screening") == 0
