"""What `bench read` and `bench poll` count and tell, and that they still run."""

import json
from array import array
from collections import Counter

import pytest

from bench import poll, read
from bench.poll import Polled
from bench.read import GATES, HELLO, Read, as_json, report
from bench.result import Result, Times
from bench.texts import real_comments


def build_read(**changed: float) -> Read:
    """A run in which every side costs what hello costs, where nothing else is said."""
    found = Read()
    for name in {HELLO, *(gate.side for gate in GATES)}:
        found.costs[name] = [changed.get(name, 0.1)] * 3
    names = ("json_br", "json_new_br", "json_gzip", "page_br", "page_new_br", "page_gzip")
    found.sizes = {"bare_gzip": 1000, **dict.fromkeys(names, 1100)}
    found.warm, found.churned = Times(10, 1.0, 2.0, 3.0), Times(10, 1.0, 5.0, 9.0)
    found.memory_mib = {"before": 70.0, "after": 80.0}
    return found


def test_each_gate_is_told_as_met_or_missed() -> None:
    told = "\n".join(report(build_read()))
    assert "JSON of 50: 1.00 times hello, at most 0.7: MISSED" in told
    assert "whole JSON of 1,000: 1.00 times JSON of 50, at most 3: met" in told
    assert "2.50 times, at most 3: met" in told
    assert "1.100 times the gzip of texts and names (1000), at most 1.15: met" in told
    cheap = build_read(**{"JSON of 50": 0.05})
    assert "JSON of 50: 0.50 times hello, at most 0.7: met" in "\n".join(report(cheap))
    gates = json.loads(json.dumps(as_json(cheap)))["gates"]
    assert gates["JSON of 50 / hello"] == [0.5, 0.7]
    assert len(gates) == len(GATES) + 2


def test_an_answer_of_another_status_is_wrong() -> None:
    found = Read()
    result = Result(sent=3)
    result.latencies[200] = array("d", [0.1, 0.1])
    found.add("304", ({"web": 1.0, "postgres": 0.5}, result), status=304)
    assert found.costs["304"] == [1.5]
    assert found.wrong == {"304": 3}


def test_texts_have_fifty_words_and_a_name() -> None:
    texts = real_comments(1, words=50)
    for _ in range(5):
        name, text = next(texts)
        assert name
        assert len(text.split()) == 50


def build_polled(**changed: object) -> Polled:
    values: dict[str, object] = {
        "statuses": Counter({"200": 5, "304": 50}),
        "delays_s": [0.4, 0.9],
        "memory_mib": [100.0, 105.0],
        "seconds": 10.0,
    }
    return Polled(**(values | changed))  # type: ignore[arg-type]


def test_a_run_without_faults_has_none() -> None:
    assert build_polled().faults == []
    assert "\n".join(poll.report(build_polled())).endswith("met")


@pytest.mark.parametrize(
    ("changed", "fault"),
    [
        ({"statuses": Counter({"200": 5, "503": 1, "TimeoutError": 2})}, "3 errors"),
        ({"statuses": Counter()}, "0 errors"),
        ({"delays_s": [0.4, 1.2]}, "1 changes were not seen in time"),
        ({"unseen": 2}, "2 changes were not seen in time"),
        ({"delays_s": []}, "no change was probed"),
        ({"memory_mib": [100.0, 130.0]}, "memory grew to 1.30 times"),
    ],
)
def test_each_fault_is_told(changed: dict[str, object], fault: str) -> None:
    assert build_polled(**changed).faults == [fault]


@pytest.mark.slow
def test_a_short_run_of_reads_has_right_answers() -> None:
    found = read.measure_all(20, 1)
    assert found.wrong == {}
    assert {gate.side for gate in GATES} <= found.costs.keys()
    assert found.sizes["json_br"] < found.sizes["json_gzip"]
    assert found.warm is not None
    assert found.warm.answers > 0


@pytest.mark.slow
def test_open_pages_get_no_error_and_see_each_change() -> None:
    polled = poll.measure(200, 20.0)
    assert polled.errors == 0
    assert polled.statuses["200"] >= 200
    assert polled.unseen == 0
    assert polled.delays_s
