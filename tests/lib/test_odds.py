import pytest

from moderation.lib.odds import sigmoid


@pytest.mark.parametrize(("log_odds", "expected"), [(0.0, 0.5), (2.0, 0.880797), (-2.0, 0.119203)])
def test_log_odds_become_a_probability(log_odds: float, expected: float):
    assert sigmoid(log_odds) == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("log_odds", [-1e300, 1e300, float("inf"), float("-inf")])
def test_no_log_odds_are_too_far_away(log_odds: float):
    assert 0.0 <= sigmoid(log_odds) <= 1.0
