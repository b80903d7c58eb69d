"""The shipped weights give the scores that they gave when they were made, on every machine."""

import pytest

from moderation.language.fold.normalise import normalise
from moderation.language.models.hashing import hash_grams
from moderation.language.models.linear import linear_model
from moderation.language.models.shape import shape_features

# After `python -m training.linear`: the logits of all rows, in the order of the file.
GOLDEN = {
    "You are a stupid worthless idiot": [
        14.279,
        -0.657,
        -5.569,
        -3.837,
        -7.529,
        -8.007,
        -1.378,
        -1.945,
        0.492,
        0.42,
        -1.83,
        -2.843,
        4.36,
        7.603,
    ],
    "Thank you for this report, it was new to me": [
        -4.46,
        -4.197,
        -5.762,
        -5.377,
        -5.853,
        -1.411,
        -1.86,
        -1.897,
        0.445,
        0.315,
        -6.649,
        -5.202,
        -5.873,
        -5.732,
    ],
    "Cheap pills online, best price http://pills.example/buy now!!!": [
        -3.635,
        -5.437,
        -6.332,
        -5.113,
        -5.883,
        5.33,
        -1.584,
        -1.618,
        0.403,
        0.917,
        -5.377,
        -8.042,
        -7.276,
        -7.282,
    ],
    "The army shelled the town and killed eleven people": [
        -2.049,
        -1.348,
        -1.487,
        -3.638,
        -7.094,
        -6.829,
        -1.512,
        -2.031,
        0.539,
        0.424,
        -5.401,
        -3.664,
        -5.912,
        -2.57,
    ],
    "Ihr seid alle nur dreckige Lügner und asoziales Pack": [
        -1.516,
        -2.119,
        -4.286,
        -3.583,
        -5.614,
        -4.911,
        1.176,
        -1.817,
        0.828,
        0.533,
        -4.266,
        -5.334,
        -4.582,
        -2.503,
    ],
    "f u c k  you, you b1tch": [
        9.621,
        5.072,
        -2.774,
        24.06,
        5.806,
        -4.113,
        -1.213,
        -1.83,
        0.353,
        -0.046,
        8.519,
        -5.292,
        9.261,
        15.882,
    ],
}


@pytest.mark.parametrize("text", GOLDEN)
def test_the_same_text_gets_the_same_score(text):
    folded = normalise(text)
    logits = linear_model().score(hash_grams(folded.text, shape_features(folded)))
    assert logits.tolist() == pytest.approx(GOLDEN[text], abs=2e-3)
