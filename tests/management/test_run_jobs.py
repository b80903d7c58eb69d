"""`manage.py run_jobs`: it looks until it is told to stop, and waits for a database that is away."""

import os
import signal
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.management import call_command
from django.db import OperationalError
from structlog.testing import capture_logs

from moderation.management.commands import run_jobs


class FakeSweeper:
    """Does at each look what the test says, and remembers how it was ended."""

    def __init__(self, *looks: Callable[[], None]) -> None:
        self.looks = list(looks)
        self.ended: list[str] = []

    def look(self) -> None:
        self.looks.pop(0)()

    def wait(self) -> None:
        self.ended.append("waited")

    def stop(self) -> None:
        self.ended.append("stopped")


@pytest.fixture(autouse=True)
def nothing_is_loaded_and_no_time_passes(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(run_jobs, "warm_up", lambda: None)
    monkeypatch.setattr(run_jobs, "LOOK_EVERY_S", 0.0)
    kept = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    yield
    for number, handler in kept.items():
        signal.signal(number, handler)


def run(monkeypatch: pytest.MonkeyPatch, sweeper: FakeSweeper, *arguments: str) -> list[Any]:
    monkeypatch.setattr(run_jobs, "Sweeper", lambda: sweeper)
    with capture_logs() as logs:
        call_command("run_jobs", *arguments)
    return logs


def look() -> None:
    """Find nothing to do."""


def be_told_to_stop() -> None:
    os.kill(os.getpid(), signal.SIGTERM)


def miss_the_database() -> None:
    raise OperationalError("the connection was closed, says ada@reader.example")


def test_it_looks_once_and_waits_for_what_it_began(monkeypatch: pytest.MonkeyPatch) -> None:
    sweeper = FakeSweeper(look)
    assert run(monkeypatch, sweeper, "--once") == []
    assert sweeper.ended == ["waited", "stopped"]


def test_it_goes_on_until_it_is_told_to_stop(monkeypatch: pytest.MonkeyPatch) -> None:
    sweeper = FakeSweeper(look, look, be_told_to_stop)
    run(monkeypatch, sweeper)
    assert (sweeper.looks, sweeper.ended) == ([], ["stopped"])


@pytest.mark.django_db
def test_a_database_that_is_away_is_told_of_once_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    sweeper = FakeSweeper(miss_the_database, miss_the_database, look, be_told_to_stop)
    monkeypatch.setattr("moderation.management.commands.run_jobs.connection.close", lambda: None)
    (line,) = run(monkeypatch, sweeper)
    assert (line["log_level"], line["error"]) == ("warning", "OperationalError")
    assert "reader.example" not in str(line)
    assert sweeper.looks == []
