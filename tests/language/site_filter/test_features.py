"""The features of a site's filter: deterministic, bounded, and without a way back to the text."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from moderation.language.fold.normalise import normalise
from moderation.language.models.heads import Head
from moderation.language.site_filter.features import (
    DENSE,
    MOST_TOKENS,
    NAMES,
    SIZE,
    UNPROVEN,
    Facts,
    Features,
    SharedPrediction,
    build_features,
    share_of_capitals,
    token_places,
)
from tests.language.site_filter.examples import row


@given(st.text(max_size=300), st.floats(-50, 50), st.floats(0, 1))
def test_a_row_of_any_text_has_each_index_once_and_within_bounds(text, logit, probability):
    shared = SharedPrediction(logit, -logit, {Head.INSULT: probability})
    features = build_features(normalise(text).text, Facts(links=3, author="a"), shared)
    assert len(set(features.indices.tolist())) == features.indices.size == features.values.size
    assert int(features.indices.max()) < SIZE
    assert np.isfinite(features.values).all()
    assert np.abs(features.values).max() <= 2.0


def test_a_row_is_the_same_in_every_process():
    """Fixed figures: another hash, order or scale would make stored training examples worthless."""
    features = row("a bad bicycle", abuse=2.0, author="x", domains=("shop.example",))
    words = features.indices[features.indices >= DENSE].tolist()
    assert words == GOLDEN_INDICES
    assert features.values[:4].tolist() == pytest.approx([1.0, 0.125, 0.0, 0.0])


GOLDEN_INDICES = [32631, 6564, 64125, 52567, 27301, 69763, 67667]


def test_stored_rows_come_back():
    features = row("a bad bicycle", author="x", is_proven=True)
    again = Features.from_bytes(features.to_bytes())
    assert again.indices.tolist() == features.indices.tolist()
    assert again.values.tolist() == features.values.tolist()


def test_places_lead_from_the_words_of_a_row_to_the_text():
    text = "it's a bad bicycle 🚲"
    features = row(text)
    places = list(token_places(text))
    assert [text[start:end] for _, start, end in places][:5] == ["it's", "a", "bad", "bicycle", "🚲"]
    assert {index for index, _, _ in places} == {each for each in features.indices.tolist() if each >= DENSE}


def test_scripts_without_blanks_are_read_sign_by_sign():
    assert [place[1:] for place in token_places("東京都 한국어")][:4] == [(0, 1), (1, 2), (2, 3), (4, 7)]


def test_a_long_text_is_read_as_far_as_it_goes():
    features = row(" ".join(f"w{number}" for number in range(5 * MOST_TOKENS)))
    assert features.indices.size <= DENSE + 2 * MOST_TOKENS


def test_an_author_counts_by_whether_the_address_is_proven():
    typed, proven = row("", author="x"), row("", author="x", is_proven=True)
    assert typed.indices[-1] >= UNPROVEN
    assert NAMES <= proven.indices[-1] < UNPROVEN


@pytest.mark.parametrize(
    ("text", "share"), [("STOP IT RIGHT NOW", 1.0), ("OK", 0.0), ("", 0.0), ("Quiet words here", 1 / 14)]
)
def test_capitals_are_counted_among_letters(text, share):
    assert share_of_capitals(text) == pytest.approx(share)
