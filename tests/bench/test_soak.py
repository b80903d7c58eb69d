"""Three minutes of a usual day: nothing grows. And what grows is seen."""

import random

import pytest

from bench import soak
from bench.cpu import Use
from bench.result import Result
from bench.series import grow
from bench.soak import Figures, Samples
from bench.stack import running_stack

MINUTES = 3


@pytest.mark.slow
def test_nothing_grows_in_three_minutes():
    with running_stack(environment=soak.ENVIRONMENT) as stack:
        figures = soak.measure(stack, MINUTES * 60)
    assert figures.faults == [], soak.describe(figures)
    assert figures.load.statuses[202] > 0
    # All of the mix was there, and was taken for what it is.
    wanted = {
        "submit 202",
        "read_page 200",
        "read_page 304",
        "read_thread 200",
        "read_status 200",
        "list 200",
    }
    wanted |= {"decide 201", "undo 201", "post_form 303", "send_nonsense 400"}
    assert wanted <= set(figures.told)


def build_figures(*, seconds: float = 3600, **growth: float) -> Figures:
    """A service that stands still, but for what grows: by how much in all, spread evenly, amid noise."""
    chance, looks = random.Random(7), 40
    calm = {"own": 100.0, "files": 50.0, "sockets": 10.0, "threads": 8.0}
    samples = Samples()
    for look in range(looks):
        held = {
            name: value * chance.uniform(0.98, 1.02) + growth.get(name, 0) * look / looks
            for name, value in calm.items()
        }
        use = Use(1, round(held["threads"]), 0, 0, held["own"], round(held["files"]), round(held["sockets"]))
        samples.at.append(3.0 * look)
        samples.uses.append({"workers": use, "valkey": use})
        samples.database_connections.append(round(12 + growth.get("database", 0) * look / looks))
    return Figures(rate=1.0, load=Result(seconds=seconds), told={}, samples=samples)


def test_noise_is_no_growth():
    assert build_figures().faults == []


@pytest.mark.parametrize(
    ("growth", "told"),
    [
        ({"own": 15.0}, "workers memory"),
        ({"files": 8.0}, "workers files"),
        ({"sockets": 8.0}, "broker connections"),
        ({"threads": 8.0}, "workers threads"),
        ({"database": 8.0}, "database connections"),
    ],
)
def test_a_leak_is_told(growth: dict[str, float], told: str):
    assert any(fault.startswith(told) for fault in build_figures(**growth).faults)


def test_what_fills_in_the_first_minutes_is_no_leak_and_what_goes_on_is():
    assert build_figures(seconds=180, own=30.0).faults == []
    assert build_figures(seconds=180, own=60.0).faults
    assert build_figures(seconds=3600, own=30.0).faults


def test_a_child_that_is_replaced_is_no_leak():
    """Its memory climbs and falls back, again and again."""
    sawtooth = [100 + 3 * (look % 10) for look in range(60)]
    assert not grow("memory", sawtooth).exceeds(share=0.1, least=4)


def test_a_single_spike_is_no_leak():
    assert grow("memory", [100.0] * 59 + [400.0]).added == 0


def test_a_straight_line_is_told_from_end_to_end():
    growth = grow("memory", [100 + look for look in range(61)])
    assert growth.first == pytest.approx(100, abs=1)
    assert growth.last == pytest.approx(160, abs=1)
    assert growth.share == pytest.approx(0.6, abs=0.02)


def test_errors_and_silence_are_told():
    figures = build_figures()
    figures.load.latencies[500].extend([0.1, 0.1])
    figures.load.latencies[503].append(0.1)
    figures.load.timed_out = 1
    assert figures.faults == ["2 answers of status 500", "1 requests without an answer"]
