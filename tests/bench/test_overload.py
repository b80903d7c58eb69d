"""Twice what the service can take, for 45 seconds: some are told to come later, nothing else goes wrong."""

import pytest

from bench.overload import Figures, measure
from bench.result import Result, Times
from bench.stack import running_stack

SECONDS = 45


@pytest.mark.slow
def test_an_overload_does_no_harm():
    with running_stack() as stack:
        figures = measure(stack, SECONDS, patience=6, timeout_s=30.0)
    # How fast answers come and the backlog goes are figures of the measurement: here other tests take what
    # CPU they can. Only what has not gone in six times the time is counted as never screened.
    assert [fault for fault in figures.faults if "backlog" not in fault] == []
    assert figures.load.statuses[503] > 0, "it was no overload"
    assert figures.load.statuses[202] > SECONDS, "it went on accepting"


def build_result(**statuses: int) -> Result:
    result = Result(seconds=1.0, sent=sum(statuses.values()))
    for name, count in statuses.items():
        result.latencies[int(name.removeprefix("s"))].extend([0.1] * count)
    return result


def build_figures(**changed: object) -> Figures:
    calm = {
        "seconds": 45.0,
        "capacity": 100.0,
        "empty": Times(10, 1.0, 2.0, 3.0),
        "load": build_result(s202=10, s503=10, s429=1),
        "without_retry_after": 0,
        "backlog": [(0.0, 0)],
        "drained_after_s": 3.0,
        "lost": 0,
        "unasked": 0,
        "unscreened": 0,
        "after": build_result(s202=5),
    }
    return Figures(**{**calm, **changed})  # type: ignore[arg-type]


def test_a_clean_run_has_no_faults():
    assert build_figures().faults == []


@pytest.mark.parametrize(
    ("changed", "fault"),
    [
        ({"load": build_result(s202=9, s500=1)}, "1 answers of status 500"),
        ({"load": Result(sent=1, refused=1)}, "1 connections not taken"),
        ({"load": Result(sent=1, broken=1)}, "1 connections broken before the answer"),
        ({"load": Result(sent=1, timed_out=1)}, "1 requests without an answer in time"),
        ({"without_retry_after": 2}, "2 refusals without Retry-After"),
        ({"lost": 1}, "1 accepted comments lost"),
        ({"unasked": 1}, "1 comments that nobody submitted"),
        ({"unscreened": 4}, "4 comments never screened"),
        ({"after": build_result(s202=5, s503=1)}, "1 answers but 202 afterwards"),
        ({"drained_after_s": 46.0}, "the backlog took 46 s to go"),
    ],
)
def test_every_fault_is_told(changed: dict[str, object], fault: str):
    assert build_figures(**changed).faults == [fault]
