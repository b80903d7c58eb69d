"""A burst may wait, a queue that stands is cut short, and calm returns."""

import pytest

from config.web.admission import (
    BURST_WAIT_S,
    CALM_AFTER_S,
    STANDING_WAIT_S,
    STANDS_AFTER_S,
    TOO_LATE,
    Admission,
)

THREADS, QUEUE = 4, 40


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def admission(clock: Clock) -> Admission:
    """Each request takes 40 ms of one of four threads: one more in the queue waits 10 ms longer."""
    admission = Admission(threads=THREADS, queue_length=QUEUE, clock=clock)
    for _ in range(500):
        admission.note(0.04)
    return admission


def let_in(admission: Admission) -> int:
    """How many of a crowd that comes at this moment are let in."""
    count = 0
    while not admission.is_full():
        admission.enter()
        count += 1
        assert count < 1000
    return count


def test_a_burst_fills_the_queue(admission: Admission):
    assert let_in(admission) == THREADS + QUEUE


def test_a_burst_of_slow_requests_is_bounded_by_its_wait(admission: Admission):
    for _ in range(500):
        admission.note(0.5)
    assert let_in(admission) - THREADS == pytest.approx(BURST_WAIT_S * THREADS / 0.5, abs=1)


def test_without_any_experience_only_the_number_counts(clock: Clock):
    assert let_in(Admission(threads=THREADS, queue_length=QUEUE, clock=clock)) == THREADS + QUEUE


def test_after_a_refusal_only_as_many_are_let_in_as_are_answered_soon(admission: Admission, clock: Clock):
    let_in(admission)
    for _ in range(THREADS + QUEUE):
        admission.leave()
    clock.now += 0.5
    assert let_in(admission) - THREADS == pytest.approx(STANDING_WAIT_S * THREADS / 0.04, abs=1)


def test_threads_that_were_busy_for_a_second_end_the_burst(admission: Admission, clock: Clock):
    for _ in range(THREADS):
        assert not admission.is_full()
        admission.enter()
    clock.now += STANDS_AFTER_S + 0.1
    assert let_in(admission) == pytest.approx(STANDING_WAIT_S * THREADS / 0.04, abs=1)


def test_calm_brings_the_burst_back(admission: Admission, clock: Clock):
    for _ in range(let_in(admission)):
        admission.leave()
    clock.now += CALM_AFTER_S + 0.1
    assert let_in(admission) == THREADS + QUEUE


def test_a_free_thread_takes_whoever_comes(admission: Admission, clock: Clock):
    for _ in range(1000):
        admission.note(30.0)
    clock.now += 60
    assert not admission.is_full(), "however slow: nobody waits"


def test_who_waited_far_longer_than_was_guessed_is_too_late(admission: Admission, clock: Clock):
    let_in(admission)
    moment = admission.enter()
    clock.now += TOO_LATE * STANDING_WAIT_S - 0.01
    assert not admission.is_past(moment)
    clock.now += 0.02
    assert admission.is_past(moment)
