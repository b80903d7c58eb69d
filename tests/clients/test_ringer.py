"""The bell beside the requests: nothing asked for is lost, and nobody who asks waits."""

import os
import threading
from functools import partial
from time import monotonic, sleep

import pytest

from moderation.clients.ringer import Ringer


def wait_until(condition) -> None:
    deadline = monotonic() + 20
    while not condition():
        assert monotonic() < deadline
        sleep(0.005)


def test_what_is_asked_for_is_called():
    ringer, rung = Ringer(), []
    ringer.ask("screen", lambda: rung.append("screen"))
    ringer.ask("mail", lambda: rung.append("mail"))
    wait_until(lambda: sorted(rung) == ["mail", "screen"])


def test_many_who_ask_while_a_call_hangs_share_the_next_and_do_not_wait():
    rung: list[int] = []
    ringer, hangs, began = Ringer(), threading.Event(), threading.Event()

    def hang() -> None:
        began.set()
        hangs.wait(20)

    ringer.ask("screen", hang)
    assert began.wait(20)
    for number in range(100):
        ringer.ask("screen", partial(rung.append, number))
    assert rung == []  # all of them were asked for while the first hung
    hangs.set()
    wait_until(lambda: rung)
    sleep(0.1)
    assert rung == [99]


def test_what_is_asked_for_during_a_call_is_done_by_a_later_one():
    ringer, rung = Ringer(), []

    def ask_again() -> None:
        rung.append("first")
        ringer.ask("screen", lambda: rung.append("second"))

    ringer.ask("screen", ask_again)
    wait_until(lambda: rung == ["first", "second"])


def test_a_forked_child_rings_by_a_thread_of_its_own():
    ringer, rung = Ringer(), []
    ringer.ask("screen", lambda: rung.append("parent"))
    wait_until(lambda: rung)
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        ringer.ask("screen", lambda: os.write(writer, b"child"))
        sleep(5)
        os._exit(1)
    try:
        assert os.read(reader, 5) == b"child"
    finally:
        os.kill(pid, 9)
        os.waitpid(pid, 0)
        os.close(reader)
        os.close(writer)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_ringer_whose_thread_has_died_starts_another():
    ringer, rung = Ringer(), []

    def die() -> None:
        raise SystemExit  # the thread ends without a word

    ringer.ask("screen", die)
    wait_until(lambda: ringer._thread is not None and not ringer._thread.is_alive())
    ringer.ask("screen", lambda: rung.append("again"))
    wait_until(lambda: rung)
