"""The shipped weights give the scores that they gave when they were made, on every machine."""

import pytest

from moderation.language.hashing import hash_grams
from moderation.language.linear import linear_model
from moderation.language.marks import marks_of
from moderation.language.normalise import normalise

# After `python -m training.linear`: the logits of all rows, in the order of the file.
GOLDEN = {
    "You are a stupid worthless idiot": [
        14.891,
        -0.533,
        -5.925,
        -3.811,
        -7.695,
        -7.966,
        -1.405,
        -1.96,
        0.527,
        0.423,
        -1.8,
        -2.854,
        4.508,
        7.943,
    ],
    "Thank you for this report, it was new to me": [
        -4.431,
        -4.261,
        -6.151,
        -5.094,
        -5.883,
        -1.45,
        -1.871,
        -1.914,
        0.489,
        0.31,
        -6.576,
        -5.074,
        -5.747,
        -5.977,
    ],
    "Cheap pills online, best price http://pills.example/buy now!!!": [
        -4.237,
        -5.201,
        -6.433,
        -5.019,
        -5.613,
        5.584,
        -1.562,
        -1.623,
        0.444,
        0.905,
        -5.288,
        -7.834,
        -7.118,
        -7.536,
    ],
    "The army shelled the town and killed eleven people": [
        -1.747,
        -1.457,
        -1.974,
        -3.787,
        -7.347,
        -6.726,
        -1.513,
        -2.046,
        0.581,
        0.425,
        -5.372,
        -3.586,
        -5.794,
        -2.572,
    ],
    "Ihr seid alle nur dreckige Lügner und asoziales Pack": [
        -1.668,
        -1.951,
        -4.491,
        -3.541,
        -6.043,
        -4.925,
        1.158,
        -1.827,
        0.875,
        0.533,
        -4.252,
        -5.253,
        -4.511,
        -2.469,
    ],
    "f u c k  you, you b1tch": [
        9.508,
        4.913,
        -2.781,
        23.835,
        6.544,
        -4.213,
        -1.206,
        -1.834,
        0.391,
        -0.05,
        8.727,
        -5.267,
        9.346,
        15.545,
    ],
}


@pytest.mark.parametrize("text", GOLDEN)
def test_the_same_text_gets_the_same_score(text):
    folded = normalise(text)
    logits = linear_model().score(hash_grams(folded.text, marks_of(folded)))
    assert logits.tolist() == pytest.approx(GOLDEN[text], abs=2e-3)
