"""Wake-ups sent beside the requests: nothing asked for is lost, and nobody who asks waits."""

import os
import threading
from functools import partial
from time import monotonic, sleep

import pytest

from moderation.clients.wake_up_thread import WakeUpThread


def wait_until(condition) -> None:
    deadline = monotonic() + 20
    while not condition():
        assert monotonic() < deadline
        sleep(0.005)


def test_what_is_asked_for_is_called():
    thread, sent = WakeUpThread(), []
    thread.ask("screen", lambda: sent.append("screen"))
    thread.ask("mail", lambda: sent.append("mail"))
    wait_until(lambda: sorted(sent) == ["mail", "screen"])


def test_many_who_ask_while_a_call_hangs_share_the_next_and_do_not_wait():
    sent: list[int] = []
    thread, hangs, began = WakeUpThread(), threading.Event(), threading.Event()

    def hang() -> None:
        began.set()
        hangs.wait(20)

    thread.ask("screen", hang)
    assert began.wait(20)
    for number in range(100):
        thread.ask("screen", partial(sent.append, number))
    assert sent == []  # all of them were asked for while the first hung
    hangs.set()
    wait_until(lambda: sent)
    sleep(0.1)
    assert sent == [99]


def test_what_is_asked_for_during_a_call_is_done_by_a_later_one():
    thread, sent = WakeUpThread(), []

    def ask_again() -> None:
        sent.append("first")
        thread.ask("screen", lambda: sent.append("second"))

    thread.ask("screen", ask_again)
    wait_until(lambda: sent == ["first", "second"])


def test_a_forked_child_sends_from_a_thread_of_its_own():
    thread, sent = WakeUpThread(), []
    thread.ask("screen", lambda: sent.append("parent"))
    wait_until(lambda: sent)
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        thread.ask("screen", lambda: os.write(writer, b"child"))
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
def test_a_thread_that_has_died_is_replaced():
    thread, sent = WakeUpThread(), []

    def die() -> None:
        raise SystemExit  # the thread ends without a word

    thread.ask("screen", die)
    wait_until(lambda: thread._thread is not None and not thread._thread.is_alive())
    thread.ask("screen", lambda: sent.append("again"))
    wait_until(lambda: sent)
