"""The parts of the fit of attribute scores that need no data."""

import gzip
import json
from pathlib import Path

import numpy as np
import pytest

from moderation.engine import attribute_scale
from moderation.engine.attribute_scale import scale, score_of_rarity
from training import perspective_scale as fit


def test_no_weight_is_negative_and_a_useful_one_is_found() -> None:
    rng = np.random.default_rng(1)
    values = rng.normal(size=(500, 3))
    target = 2.0 * values[:, 0] - 1.0 * values[:, 1] + 3.0
    weights = fit.fit_not_negative(values, target, np.ones(500))
    assert weights[0] == pytest.approx(2.0, abs=0.15)
    assert (weights >= 0).all()
    assert weights[1] == 0.0


def test_shares_and_rarities() -> None:
    assert [fit.rarity_of_share(share) for share in (0.1, 0.01, 0.001)] == [-1.0, 0.0, 1.0]
    values = np.arange(100.0)
    assert (fit.quantile(values, 0.01), fit.quantile(values, 0.5), fit.quantile(values, 1.0)) == (99, 50, 0)


def test_curves_go_on_straight_and_rise() -> None:
    assert fit.slope_of([(0.0, 1.0), (1.0, 3.0), (2.0, 5.0)]) == pytest.approx(2.0)
    assert fit.extend([(0.0, 0.0), (1.0, 1.0)], 0.5, until=3.0) == [[0.0, 0.0], [1.0, 1.0], [5.0, 3.0]]
    assert fit.rounded([(0.0, 0.0), (0.0, 1.0), (1.0, -1.0), (2.0, 2.0)]) == [[0.0, 0.0], [2.0, 2.0]]


def test_a_whole_fit_maps_equal_shares_to_equal_scores(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = ["ferry", "bridge", "idiot", "fool", "shit", "damn", "thanks", "report", "lovely", "stupid"]
    rng = np.random.default_rng(2)
    rows = []
    for _ in range(300):
        text = " ".join(rng.choice(words, size=6))
        bad = sum(text.count(word) for word in ("idiot", "fool", "shit", "damn", "stupid"))
        score = round(min(0.98, 0.05 + 0.14 * bad), 3)
        rows.append({"text": text, "split": "train", "perspective": score})
    path = tmp_path / "rows.jsonl.gz"
    with gzip.open(path, "wt") as file:
        dev = [{**row, "split": "dev"} for row in rows[:100]]
        file.writelines(json.dumps(row) + "\n" for row in [*rows, *dev])
    monkeypatch.setattr(fit, "SCALE_PATH", tmp_path / "scale.json")
    monkeypatch.setattr(attribute_scale, "SCALE_PATH", tmp_path / "scale.json")
    monkeypatch.setattr(fit, "STEPS", 500)
    monkeypatch.setattr("sys.argv", ["fit", "--data", str(path), "--version", "try"])
    try:
        fit.main()
        stored = json.loads((tmp_path / "scale.json").read_text())
        assert (stored["version"], stored["rows"]) == ("try", 300)
        assert scale() == stored
        assert abs(stored["toxicity"]["both"]["shift"]) < 0.3
        assert score_of_rarity(-1.5) < score_of_rarity(0.0) < score_of_rarity(2.0)
    finally:
        scale.cache_clear()
