"""The unit in which tests bound what a piece of work costs."""

import sys

from tests import pace


def test_the_loop_itself_costs_one():
    assert 0.7 < pace.count_loops(pace._loop) < 1.5


def test_what_is_done_three_times_costs_three():
    assert 2 < pace.count_loops(lambda: [pace._loop() for _ in range(3)]) < 4.5


def test_the_work_is_not_traced_and_the_tracer_comes_back():
    before = sys.gettrace()
    seen = []
    pace.count_loops(lambda: seen.append(sys.gettrace()), tries=2)
    assert seen == [None, None]
    assert sys.gettrace() is before
