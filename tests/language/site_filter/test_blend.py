"""How much weight a site's filter gets, and how its logits are calibrated."""

import math

import pytest

from moderation.language.site_filter.blend import (
    CALIBRATION_WINDOW,
    LEAST_OF_EACH,
    Blend,
    CalibrationExample,
    fit_blend,
)
from moderation.language.site_filter.model import Parts

NOTHING = Parts()


def decided(
    label: int, *, shared: float = 0.0, facts: float = 0.0, words: float = 0.0, weight: float = 1.0
) -> CalibrationExample:
    return CalibrationExample(shared, Parts(facts, words), label, weight)


def test_a_site_without_examples_has_the_shared_model():
    assert Blend().rank(1.5, Parts(3.0, 3.0)) == 1.5
    assert Blend().probability(0.0, NOTHING) == 0.5
    assert 0.0 < Blend().probability(-1e9, NOTHING) < Blend().probability(1e9, NOTHING) <= 1.0


def test_words_that_predicted_well_get_weight_and_those_that_misled_get_none():
    right = fit_blend([decided(label, words=2.0 if label else -2.0) for label in (0, 1) * 40])
    wrong = fit_blend([decided(label, words=-2.0 if label else 2.0) for label in (0, 1) * 40])
    assert right.words > fit_blend([]).words > wrong.words == 0.0


def test_probabilities_become_the_sites_own_when_enough_went_each_way():
    """The shared model says 50 %, the site decides against one in five."""
    many = fit_blend([decided(int(number % 5 == 0)) for number in range(5 * LEAST_OF_EACH)])
    assert many.probability(0.0, NOTHING) == pytest.approx(0.2, abs=0.03)
    few = fit_blend([decided(int(number % 5 == 0)) for number in range(5 * LEAST_OF_EACH - 5)])
    assert few.probability(0.0, NOTHING) == 0.5


def test_what_was_drawn_at_random_weighs_against_what_was_held():
    held = [decided(1) for _ in range(LEAST_OF_EACH)]
    drawn = [decided(0) for _ in range(LEAST_OF_EACH)]
    weighed = [decided(0, weight=20.0) for _ in range(LEAST_OF_EACH)]
    plain, real = fit_blend([*held, *drawn]), fit_blend([*held, *weighed])
    assert plain.probability(0.0, NOTHING) == pytest.approx(0.5, abs=0.01)
    assert real.probability(0.0, NOTHING) < 0.1


def test_only_the_latest_examples_count():
    former = [decided(1) for _ in range(1000)]
    latest = [decided(int(number % 4 == 0)) for number in range(CALIBRATION_WINDOW)]
    assert fit_blend([*former, *latest]) == fit_blend(latest)


def test_a_taste_against_the_shared_model_keeps_its_scale_above_zero():
    blend = fit_blend([decided(int(shared < 0), shared=shared) for shared in (-3.0, 3.0) * 100])
    assert blend.scale > 0
    assert math.isfinite(blend.rank(3.0, Parts(1.0, 1.0)))
