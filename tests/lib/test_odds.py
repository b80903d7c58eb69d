import pytest

from moderation.lib.odds import log_odds, sigmoid


@pytest.mark.parametrize(("odds", "expected"), [(0.0, 0.5), (2.0, 0.880797), (-2.0, 0.119203)])
def test_log_odds_become_a_probability(odds: float, expected: float):
    assert sigmoid(odds) == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("odds", [-1e300, 1e300, float("inf"), float("-inf")])
def test_no_log_odds_are_too_far_away(odds: float):
    assert 0.0 <= sigmoid(odds) <= 1.0


@pytest.mark.parametrize("probability", [0.001, 0.2, 0.5, 0.99])
def test_a_probability_comes_back_from_its_log_odds(probability: float):
    assert sigmoid(log_odds(probability)) == pytest.approx(probability)


def test_certainty_has_log_odds_too():
    assert log_odds(0.0) == -log_odds(1.0) == -40.0
    assert log_odds(1e-300) == -40.0
