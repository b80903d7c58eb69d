"""A chaos run takes half an hour: what it found is told whole, in both forms."""

import json
from collections import Counter
from typing import Any

from tests.faults.chaos.report import Report


def _report(**changed: Any) -> Report:
    figures: dict[str, Any] = {
        "seed": 1,
        "accepted": 20,
        "by_form": 5,
        "repeated": 2,
        "unanswered": 0,
        "retries": Counter({503: 3, 0: 1}),
        "replays": 4,
        "kills": Counter({"web": 6, "worker": 4}),
        "others": Counter({"flush": 1}),
        "zombies_with_lease": 0,
        "chaos_s": 9.5,
        "settle_s": 1.0,
        "lost": 0,
        "unscreened": 0,
        "doubled": 0,
        "extra_runs": 15,
        "given_to_person": 0,
        "runners": Counter({"celery": 20}),
        "surprises": Counter(),
        "examples": {},
    }
    return Report(**(figures | changed))


def test_the_figures_survive_json():
    said = json.loads(json.dumps(_report().as_json()))
    assert said["kills"] == {"web": 6, "worker": 4}
    assert said["retries"] == {"503": 3, "0": 1}
    assert said["kill_count"] == 10
    assert said["extra_runs_per_kill"] == 1.5
    assert said["bound"] == 0.3


def test_the_text_names_the_bound_only_of_a_clean_run():
    assert "fewer than 30.00%" in _report().as_text()
    assert "fewer than" not in _report(lost=1).as_text()
