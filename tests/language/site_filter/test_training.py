"""A site's filter is a function of its training examples: their order and removed ones leave no trace."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moderation.domain.signals import Axis
from moderation.language.site_filter.model import Parts
from moderation.language.site_filter.training import (
    AXES,
    LEAST_EXAMPLES,
    AxisFilter,
    Prediction,
    dump_weights,
    fit_filters,
    load_weights,
)
from tests.language.site_filter.examples import DISLIKED, example, row, tasteful

EXAMPLES = tasteful(40)


def as_bytes(filters: dict[Axis, AxisFilter]) -> list[object]:
    return [(dump_weights(f.weights), f.blend, f.example_count, f.validation) for f in filters.values()]


FITTED = as_bytes(fit_filters(EXAMPLES, {}))


@settings(max_examples=25, deadline=None)
@given(st.permutations(EXAMPLES))
def test_the_order_of_examples_does_not_matter(shuffled):
    assert as_bytes(fit_filters(shuffled, {})) == FITTED


@settings(max_examples=25, deadline=None)
@given(st.sets(st.integers(0, len(EXAMPLES) - 1), max_size=30))
def test_fitting_without_undone_examples_is_never_having_fitted_on_them(undone):
    kept = [each for each in EXAMPLES if each.key not in undone]
    fitted = fit_filters(EXAMPLES, {})
    assert as_bytes(fit_filters(kept, fitted)) == as_bytes(fit_filters(kept, {}))


def test_fitting_twice_is_fitting_once():
    assert as_bytes(fit_filters(EXAMPLES, fit_filters(EXAMPLES, {}))) == FITTED


def test_it_is_not_fitted_until_there_are_enough_of_each_label():
    assert fit_filters(EXAMPLES[: LEAST_EXAMPLES - 1], {})[Axis.ABUSE].weights is None
    one_sided = [example(key, f"text {key}", 0) for key in range(3 * LEAST_EXAMPLES)]
    unfitted = fit_filters(one_sided, {})[Axis.ABUSE]
    assert (unfitted.weights, unfitted.is_in_use, unfitted.example_count) == (None, False, 3 * LEAST_EXAMPLES)
    assert unfitted.predict(row(DISLIKED), 0.7) == Prediction(0.7, None, 0.7)
    assert fit_filters(EXAMPLES, {})[Axis.ABUSE].is_in_use


def test_an_axis_is_fitted_only_on_examples_with_its_label():
    fitted = fit_filters(EXAMPLES, {})
    assert fitted[Axis.SPAM].example_count == 0
    assert [fitted[axis].example_count for axis in AXES] == [len(EXAMPLES), 0]


def test_a_taste_is_learned():
    filters = fit_filters(tasteful(60), {})[Axis.ABUSE]
    with_word = filters.predict(row(f"what about a {DISLIKED}"), 0.0)
    without = filters.predict(row("what about the council"), 0.0)
    assert filters.probability(with_word) > 0.5 > filters.probability(without)
    assert with_word.rank > without.rank


def test_an_hour_of_bad_faith_does_not_turn_a_site_round():
    """A thousand clicks against what a site's filter has learned within many hours."""
    honest = tasteful(200)
    hostile = [
        example(
            each.key + 1000, "", 1 - each.labels[Axis.ABUSE], features=each.features, moderator_hour="evil/1"
        )
        for each in tasteful(1000)
    ]
    filters = fit_filters([*honest, *hostile], {})[Axis.ABUSE]
    assert filters.predict(row(f"what about a {DISLIKED}"), 0.0).parts.words > 0  # type: ignore[union-attr]


def test_an_hour_of_bad_faith_does_not_set_what_a_probability_means():
    """Its hundreds of decisions move the calibration no further than those that one hour may weigh."""

    def probability(clicks: int) -> float:
        judged = Prediction(0.0, Parts(), 0.0)
        honest = [example(key, f"text {key}", int(key % 4 == 0), prior=judged) for key in range(160)]
        hostile = [
            example(1000 + key, f"other {key}", 1, prior=judged, moderator_hour="evil/1")
            for key in range(clicks)
        ]
        own = fit_filters([*honest, *hostile], {})[Axis.ABUSE]
        return own.probability(judged)

    assert probability(0) < probability(60) < 0.6
    assert probability(200) == pytest.approx(probability(60), abs=0.02)


def test_a_filter_that_is_behind_is_switched_off():
    misled = [
        example(each.key, "", each.labels[Axis.ABUSE], features=each.features,
               prior=Prediction(float(each.key % 2), Parts(), 0.0))
        for each in EXAMPLES
    ]  # fmt: skip
    filters = fit_filters(misled, {})[Axis.ABUSE]
    assert (filters.validation.is_on, filters.is_in_use) == (False, False)
    assert filters.weights is not None  # it is still fitted


def test_weights_come_back_as_they_were():
    weights = fit_filters(EXAMPLES, {})[Axis.ABUSE].weights
    assert weights is not None
    assert np.array_equal(load_weights(dump_weights(weights)), weights)
    assert dump_weights(None) == b""


@pytest.mark.parametrize(
    "broken", [b"123", b"\xff\xff\xff\xff\x00\x00", b"\x00\x00\x00\x00\x00\x7e"], ids=["cut", "index", "nan"]
)
def test_broken_weights_are_refused(broken):
    with pytest.raises(ValueError, match="not the weights"):
        load_weights(broken)
