"""A site's filter is a function of its lessons: their order, repeats and undone ones leave no trace."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moderation.domain.signals import Axis
from moderation.language.site_filter.learning import (
    AXES,
    LEAST_LESSONS,
    AxisFilter,
    Before,
    dump_weights,
    learn,
    load_weights,
)
from moderation.language.site_filter.model import Parts
from tests.language.site_filter.lessons import DISLIKED, lesson, row, tasteful

LESSONS = tasteful(40)


def as_bytes(filters: dict[Axis, AxisFilter]) -> list[object]:
    return [(dump_weights(f.weights), f.blend, f.lessons, f.running) for f in filters.values()]


LEARNED = as_bytes(learn(LESSONS, {}))


@settings(max_examples=25, deadline=None)
@given(st.permutations(LESSONS))
def test_the_order_of_lessons_does_not_matter(shuffled):
    assert as_bytes(learn(shuffled, {})) == LEARNED


@settings(max_examples=25, deadline=None)
@given(st.sets(st.integers(0, len(LESSONS) - 1), max_size=30))
def test_learning_and_undoing_is_never_having_learned(undone):
    kept = [each for each in LESSONS if each.key not in undone]
    learned = learn(LESSONS, {})
    assert as_bytes(learn(kept, learned)) == as_bytes(learn(kept, {}))


def test_learning_twice_is_learning_once():
    assert as_bytes(learn(LESSONS, learn(LESSONS, {}))) == LEARNED


def test_it_is_silent_until_enough_went_each_way():
    assert learn(LESSONS[: LEAST_LESSONS - 1], {})[Axis.ABUSE].weights is None
    one_sided = [lesson(key, f"text {key}", 0) for key in range(3 * LEAST_LESSONS)]
    silent = learn(one_sided, {})[Axis.ABUSE]
    assert (silent.weights, silent.is_in_use, silent.lessons) == (None, False, 3 * LEAST_LESSONS)
    assert silent.say(row(DISLIKED), 0.7) == Before(0.7, None, 0.7)
    assert learn(LESSONS, {})[Axis.ABUSE].is_in_use


def test_an_axis_learns_only_from_decisions_that_speak_of_it():
    learned = learn(LESSONS, {})
    assert learned[Axis.SPAM].lessons == 0
    assert [learned[axis].lessons for axis in AXES] == [len(LESSONS), 0]


def test_a_taste_is_learned():
    filters = learn(tasteful(60), {})[Axis.ABUSE]
    with_word = filters.say(row(f"what about a {DISLIKED}"), 0.0)
    without = filters.say(row("what about the council"), 0.0)
    assert filters.probability(with_word) > 0.5 > filters.probability(without)
    assert with_word.rank > without.rank


def test_an_hour_of_bad_faith_does_not_turn_a_site_round():
    """A thousand clicks against what a site has learned within many hours."""
    honest = tasteful(200)
    hostile = [
        lesson(each.key + 1000, "", 1 - each.answers[Axis.ABUSE], features=each.features, shift="evil/1")
        for each in tasteful(1000)
    ]
    filters = learn([*honest, *hostile], {})[Axis.ABUSE]
    assert filters.say(row(f"what about a {DISLIKED}"), 0.0).parts.words > 0  # type: ignore[union-attr]


def test_an_hour_of_bad_faith_does_not_set_what_a_probability_means():
    """Its hundreds of decisions move the calibration no further than those that one hour may weigh."""

    def probability(clicks: int) -> float:
        judged = Before(0.0, Parts(), 0.0)
        honest = [
            lesson(key, f"text {key}", int(key % 4 == 0), before={Axis.ABUSE: judged}) for key in range(160)
        ]
        hostile = [
            lesson(1000 + key, f"other {key}", 1, before={Axis.ABUSE: judged}, shift="evil/1")
            for key in range(clicks)
        ]
        own = learn([*honest, *hostile], {})[Axis.ABUSE]
        return own.probability(judged)

    assert probability(0) < probability(60) < 0.6
    assert probability(200) == pytest.approx(probability(60), abs=0.02)


def test_it_rolls_itself_back():
    misled = [
        lesson(each.key, "", each.answers[Axis.ABUSE], features=each.features,
               before={Axis.ABUSE: Before(float(each.key % 2), Parts(), 0.0)})
        for each in LESSONS
    ]  # fmt: skip
    filters = learn(misled, {})[Axis.ABUSE]
    assert (filters.running.is_on, filters.is_in_use) == (False, False)
    assert filters.weights is not None  # it learns on, unheard


def test_weights_come_back_as_they_were():
    weights = learn(LESSONS, {})[Axis.ABUSE].weights
    assert weights is not None
    assert np.array_equal(load_weights(dump_weights(weights)), weights)
    assert dump_weights(None) == b""


@pytest.mark.parametrize(
    "broken", [b"123", b"\xff\xff\xff\xff\x00\x00", b"\x00\x00\x00\x00\x00\x7e"], ids=["cut", "index", "nan"]
)
def test_broken_weights_are_refused(broken):
    with pytest.raises(ValueError, match="not the weights"):
        load_weights(broken)
