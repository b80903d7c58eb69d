"""The examples of one moderator and hour, and of one text, have a bounded weight."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moderation.language.site_filter.caps import MOST_OF_MODERATOR_HOUR, MOST_OF_TEXT, cap_weights


def test_a_quiet_hour_counts_in_full():
    assert cap_weights(["mo/1"] * 30 + ["bo/1"] * 30, [()] * 60).tolist() == [1.0] * 60


def test_a_thousand_clicks_in_an_hour_count_as_an_hours_work():
    weights = cap_weights(["mo/1"] * 1000 + ["bo/1"] * 10, [()] * 1010)
    assert weights[:1000].sum() == pytest.approx(MOST_OF_MODERATOR_HOUR)
    assert weights[1000:].tolist() == [1.0] * 10


def test_the_same_text_many_times_counts_a_few_times():
    weights = cap_weights([f"mo/{hour}" for hour in range(50)], [(1, 2)] * 40 + [()] * 10)
    assert weights[:40].sum() == pytest.approx(MOST_OF_TEXT)
    assert weights[40:].tolist() == [1.0] * 10


def test_the_commonest_of_a_texts_bands_counts():
    bands = [(1, 2)] * 6 + [(2, 3)] * 6 + [(3,)]
    weights = cap_weights([f"mo/{hour}" for hour in range(13)], bands)
    assert weights.tolist() == pytest.approx([3 / 12] * 12 + [3 / 7])


def test_texts_that_are_linked_through_others_only_are_not_one():
    """A chain of small likenesses must not make one text of all that a site says."""
    chain = [(number, number + 1) for number in range(30)]
    assert cap_weights([f"mo/{hour}" for hour in range(30)], chain).tolist() == [1.0] * 30


def test_no_examples_have_no_weights():
    assert cap_weights([], []).size == 0


@given(
    st.lists(st.tuples(st.integers(0, 3), st.lists(st.integers(0, 5), max_size=3, unique=True)), max_size=200)
)
def test_no_moderator_hour_and_no_text_weighs_more_than_it_may(rows):
    hours, bands = [hour for hour, _ in rows], [each for _, each in rows]
    weights = cap_weights(hours, bands)
    assert ((weights > 0) & (weights <= 1)).all()
    for hour in set(hours):
        total = sum(w for w, own in zip(weights, hours, strict=True) if own == hour)
        assert total <= MOST_OF_MODERATOR_HOUR + 1e-9
    for band in {band for each in bands for band in each}:
        assert sum(w for w, own in zip(weights, bands, strict=True) if band in own) <= MOST_OF_TEXT + 1e-9
