import json

import numpy as np
import pytest

from moderation.language.models.hashing import BUCKETS, hash_grams
from moderation.language.models.linear import (
    ABUSE,
    MODEL_PATH,
    LinearModel,
    dump_model,
    linear_model,
    parse_model,
)
from moderation.language.models.weight_file import BrokenModel


def _small_model() -> bytes:
    weights = np.zeros((BUCKETS, 2), dtype=np.int8)
    grams = hash_grams("bad")
    weights[grams.buckets[0], 1] = 100
    header = {"scales": [1.0, 0.5], "biases": [0.25, -1.0], "specialists": {}}
    return dump_model(("calm", "angry"), weights, header)


def test_a_row_is_a_sum_of_weights():
    model = parse_model(_small_model())
    assert model.score(hash_grams("bad")).tolist() == [0.25, 49.0]
    assert model.score(hash_grams("good")).tolist() == [0.25, -1.0]


def test_contributions_add_up_to_the_score():
    model, grams = linear_model(), hash_grams("you are a bloody idiot")
    for column, row in enumerate(model.rows):
        if row == ABUSE:  # the specialists add to it by a curve
            continue
        added = model.contributions(grams, row).sum() + model.biases[column]
        assert added == pytest.approx(model.score(grams)[column], abs=1e-3)


def _with_specialist(share: float) -> LinearModel:
    weights = np.zeros((BUCKETS, 2), dtype=np.int8)
    weights[hash_grams("bad").buckets[0]] = (20, 100)
    header = {"scales": [0.1, 0.1], "biases": [0.0, -5.0], "specialists": {"place": share}}
    return parse_model(dump_model((ABUSE, "place"), weights, header))


def test_a_specialist_adds_where_it_speaks_up_and_never_takes_away():
    model = _with_specialist(2.0)
    assert model.judge(hash_grams("bad"))[ABUSE] == pytest.approx(2.0 + 2 * np.log1p(np.exp(5.0)), abs=1e-4)
    assert 0 < model.judge(hash_grams("good"))[ABUSE] < 0.02


def test_the_places_of_a_specialist_are_shown_as_far_as_it_spoke_up():
    grams = hash_grams("bad")
    alone = _with_specialist(0.0).contributions(grams, ABUSE)
    both = _with_specialist(2.0).contributions(grams, ABUSE)
    slope = 2 / (1 + np.exp(-5.0))
    assert both[0] - alone[0] == pytest.approx(slope * 10.0, rel=1e-3)


def test_many_texts_are_judged_like_one():
    model = linear_model()
    logits = [model.judge(hash_grams(text)) for text in ("you are a bloody idiot", "a nice day")]
    arrays = {row: np.array([each[row] for each in logits]) for row in model.rows}
    arrays[ABUSE] = np.array(
        [model.score(hash_grams(t))[-1] for t in ("you are a bloody idiot", "a nice day")]
    )
    assert model.add_specialists(arrays).tolist() == pytest.approx([each[ABUSE] for each in logits], abs=1e-3)


def test_a_file_that_was_changed_is_not_used():
    content = _small_model()
    with pytest.raises(BrokenModel, match="differ from the hash"):
        parse_model(content[:-1] + b"\x01")
    with pytest.raises(BrokenModel, match="not a weight file"):
        parse_model(b"PK" + content)


def test_a_file_for_other_buckets_is_not_used():
    content = _small_model().replace(f'"buckets": {BUCKETS}'.encode(), b'"buckets": 1024')
    with pytest.raises(BrokenModel, match="another number of buckets"):
        parse_model(content)


def test_the_shipped_file_is_small_and_says_what_it_was_made_from():
    assert MODEL_PATH.stat().st_size <= 4 * 2**20
    made_from = linear_model().header["made_from"]
    assert {"set": "wikitalk", "licence": "Apache-2.0, text CC-BY-SA", "rows": 15229} in made_from
    assert all(source["licence"] and source["rows"] > 0 for source in made_from)
    assert json.dumps(linear_model().header["calibration"])
