import numpy as np
import pytest

from training.encoder.rows import OUTPUTS, Example
from training.encoder.scores import auc, fit_platt, tabulate


@pytest.mark.parametrize(
    ("scores", "labels", "area"),
    [
        ([1, 2, 3, 4], [0, 0, 1, 1], 1),
        ([4, 3, 2, 1], [0, 0, 1, 1], 0),
        ([1, 1, 1], [0, 1, 1], 0.5),
        ([1, 3, 2], [0, 0, 1], 0.5),
    ],
)
def test_the_area_is_the_chance_that_a_positive_ranks_higher(
    scores: list[int], labels: list[int], area: float
):
    assert auc(np.array(scores), np.array(labels)) == area


def test_a_set_is_scored_on_what_it_was_asked_and_on_nothing_small():
    labels = np.full((40, len(OUTPUTS)), np.nan, np.float32)
    labels[:, 0] = np.arange(40) % 2
    labels[:25, 1] = 0
    labels[0, 1] = 1
    examples = [Example("", "set", line) for line in labels]
    logits = np.nan_to_num(labels) * 2
    assert tabulate(logits, examples) == {"all": {OUTPUTS[0]: 1.0}, "set": {OUTPUTS[0]: 1.0}}


def test_calibration_finds_the_slope_and_shift_that_made_the_labels():
    random = np.random.default_rng(7)
    logits = random.normal(0, 2, 20_000)
    labels = (random.random(20_000) < 1 / (1 + np.exp(-(0.5 * logits - 1)))).astype(float)
    assert fit_platt(logits, labels) == pytest.approx((0.5, -1), abs=0.05)
