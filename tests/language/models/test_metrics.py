import numpy as np
import pytest

from moderation.language.models.metrics import (
    Answers,
    area_under_curve,
    best_macro_f1,
    calibration_error,
    macro_f1,
    measure,
    rank_correlation,
    recall_at,
)


def _answers(*values: int) -> Answers:
    return np.array(values, dtype=bool)


def test_the_area_counts_pairs_and_halves_ties():
    assert area_under_curve(np.array([0.1, 0.9]), _answers(0, 1)) == 1
    assert area_under_curve(np.array([0.9, 0.1]), _answers(0, 1)) == 0
    assert area_under_curve(np.array([0.5, 0.5, 0.7]), _answers(0, 1, 1)) == pytest.approx(0.75)


def test_rank_correlation_sees_the_order_alone_and_ties_share_a_rank():
    one = np.array([1.0, 2.0, 3.0, 4.0])
    assert rank_correlation(one, one**3) == pytest.approx(1)
    assert rank_correlation(one, -one) == pytest.approx(-1)
    assert rank_correlation(one, np.array([1.0, 1.0, 2.0, 2.0])) == pytest.approx(0.894, abs=1e-3)


def test_recall_at_a_share_lets_no_more_harmless_through():
    scores = np.concatenate([np.arange(100) / 100, [0.995, 0.985, 0.5]])
    answers = np.concatenate([np.zeros(100), np.ones(3)]).astype(bool)
    assert recall_at(scores, answers, 0.0) == pytest.approx(1 / 3)
    assert recall_at(scores, answers, 0.01) == pytest.approx(2 / 3)
    assert recall_at(scores, answers, 0.5) == 1
    assert recall_at(scores, answers, 1.0) == 1


def test_recall_at_a_share_does_not_profit_from_ties():
    assert recall_at(np.ones(20), _answers(*[0] * 10, *[1] * 10), 0.05) == 0


def test_the_best_line_is_the_best_of_all_lines():
    chance = np.random.default_rng(4)
    scores, answers = chance.integers(0, 30, 200) / 10, chance.random(200) < 0.3
    lines = [macro_f1(scores >= line, answers) for line in np.unique(scores)]
    assert best_macro_f1(scores, answers) == pytest.approx(max(lines))
    assert best_macro_f1(np.array([0.1, 0.9]), _answers(0, 1)) == 1


def test_macro_f1_is_the_mean_of_both_classes():
    assert macro_f1(_answers(1, 1, 0, 0), _answers(1, 0, 0, 0)) == pytest.approx((2 / 3 + 4 / 5) / 2)
    assert macro_f1(_answers(0, 0), _answers(0, 0)) == pytest.approx(0.5)


def test_the_calibration_error_is_zero_for_true_odds():
    assert calibration_error(np.array([0.5, 0.5]), _answers(0, 1)) == pytest.approx(0)
    assert calibration_error(np.array([1.0, 1.0]), _answers(0, 0)) == pytest.approx(1)


def test_what_rows_of_one_class_cannot_tell_is_left_open():
    only_harmless = measure([0.1, 0.2], [0.1, 0.2], [False, True], [0, 0])
    assert only_harmless.auc is None
    assert only_harmless.recall is None
    assert only_harmless.false_positives == 0.5
    only_abuse = measure([0.1, 0.2], [0.1, 0.2], [False, True], [1, 1])
    assert only_abuse.false_positives is None
    assert only_abuse.recall == 0.5
