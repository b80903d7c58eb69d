"""Failpoints: nothing happens unless an order lies there, and each order is carried out once."""

import faulthandler
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from moderation.lib import failpoints
from moderation.lib.failpoints import FailpointError, failpoint


@pytest.fixture
def orders(tmp_path: Path) -> Iterator[Path]:
    failpoints.arm(tmp_path)
    yield tmp_path
    failpoints.arm(None)


def test_they_are_off_unless_armed(tmp_path: Path) -> None:
    (tmp_path / "place.1").write_text("error")
    assert not failpoints.is_armed()
    failpoint("place")


def test_an_order_is_carried_out_once(orders: Path) -> None:
    (orders / "place.1").write_text("error on purpose")
    with pytest.raises(FailpointError, match="on purpose"):
        failpoint("place")
    failpoint("place")
    assert [each.name for each in orders.iterdir()] == ["place.1.done"]


def test_orders_are_taken_in_their_order_and_pass_lets_one_go_by(orders: Path) -> None:
    (orders / "place.1").write_text("pass")
    (orders / "place.2").write_text("error")
    failpoint("place")
    with pytest.raises(FailpointError):
        failpoint("place")


def test_a_standing_order_stays(orders: Path) -> None:
    (orders / "place.always").write_text("error")
    for _ in range(2):
        with pytest.raises(FailpointError):
            failpoint("place")


def test_an_order_waits_for_what_it_is_meant_for(orders: Path) -> None:
    (orders / "place.1").write_text("error\nscreen\nhidden word")
    failpoint("elsewhere", "screen", "a hidden word")
    failpoint("place", "screen")
    with pytest.raises(FailpointError):
        failpoint("place", "screen", "a hidden word in it")


def test_sleeping_takes_its_time(orders: Path) -> None:
    (orders / "place.1").write_text("sleep 0.05")
    began = time.monotonic()
    failpoint("place")
    assert time.monotonic() - began >= 0.05


@pytest.mark.parametrize(("action", "end"), [("kill", signal.SIGKILL), ("crash", signal.SIGSEGV)])
def test_a_process_ends_at_the_very_place(orders: Path, action: str, end: signal.Signals) -> None:
    (orders / "place.1").write_text(action)
    pid = os.fork()
    if pid == 0:
        faulthandler.disable()
        failpoint("place")
        os._exit(0)
    assert os.WTERMSIG(os.waitpid(pid, 0)[1]) == end
