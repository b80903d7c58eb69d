import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from moderation.language.fold.normalise import normalise
from moderation.language.models.hashing import BUCKETS, FEATURE_VALUE, gram_places, hash_grams

any_text = st.text(alphabet=st.characters(codec=None, exclude_categories=()), max_size=200)


def test_words_and_runs_are_told_apart_and_stand_where_they_stand():
    grams = hash_grams("you idiot")
    starts, ends = gram_places(grams)
    pieces = ["you idiot"[start:end] for start, end in zip(starts, ends, strict=True)]
    assert pieces[:3] == ["you", "idiot", "you idiot"]
    assert {"idi", "diot", "idiot", "yo", "ot"} <= set(pieces[3:])
    assert "u i" not in pieces


def test_a_run_may_not_cross_words():
    apart = hash_grams("ab cd")
    starts, ends = gram_places(apart)
    runs = {"ab cd"[start:end] for start, end in zip(starts[3:], ends[3:], strict=True)}
    assert runs == {"ab", "cd"}  # with an edge before, behind, or on both sides


def test_the_hash_is_the_same_on_every_machine():
    assert hash_grams("the same").buckets[:3].tolist() == [162984, 241181, 255167]


def test_a_word_has_the_same_bucket_wherever_it_stands():
    first, last = hash_grams("idiot that you are").buckets[0], hash_grams("are you that idiot").buckets[3]
    assert first == last


def test_words_and_runs_each_have_length_one_and_shape_features_stand_last():
    grams = hash_grams("one two three", ["links 1", "phone"])
    words, runs = grams.values[:5], grams.values[5:-2]
    assert np.square(words).sum() == pytest.approx(1)
    assert np.square(runs).sum() == pytest.approx(1, abs=1e-5)
    assert grams.values[-2:].tolist() == [FEATURE_VALUE, FEATURE_VALUE]


def test_a_mark_is_no_word():
    assert hash_grams("", ["phone"]).buckets[0] not in hash_grams("phone").buckets


@given(any_text)
def test_any_text_has_grams_inside_it(text):
    folded = normalise(text).text
    grams = hash_grams(folded, ["asks"])
    starts, ends = gram_places(grams)
    assert len(grams.buckets) == len(grams.values) == len(starts) + 1
    assert ((grams.buckets >= 0) & (grams.buckets < BUCKETS)).all()
    assert (starts < ends).all()
    assert (starts >= 0).all()
    assert (ends <= len(folded)).all()
