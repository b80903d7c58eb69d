"""The shipped weights give the scores that they gave when they were made, on every machine."""

import pytest

from moderation.language.hashing import hash_grams
from moderation.language.linear import linear_model
from moderation.language.marks import marks_of
from moderation.language.normalise import normalise

# After `python -m training.linear`: the logits of all rows, in the order of the file.
GOLDEN = {
    "You are a stupid worthless idiot": [
        15.141,
        -0.343,
        -5.993,
        -3.823,
        -7.988,
        -7.937,
        -1.386,
        -1.956,
        0.5,
        0.423,
        -1.794,
        -2.803,
        4.506,
        8.095,
    ],
    "Thank you for this report, it was new to me": [
        -4.404,
        -4.213,
        -6.275,
        -4.997,
        -6.053,
        -1.155,
        -1.863,
        -1.917,
        0.469,
        0.31,
        -6.522,
        -5.005,
        -5.781,
        -5.896,
    ],
    "Cheap pills online, best price http://pills.example/buy now!!!": [
        -4.317,
        -5.121,
        -6.124,
        -5.076,
        -5.513,
        5.619,
        -1.582,
        -1.627,
        0.428,
        0.904,
        -5.373,
        -7.737,
        -7.105,
        -7.586,
    ],
    "The army shelled the town and killed eleven people": [
        -1.74,
        -1.358,
        -1.854,
        -3.63,
        -7.013,
        -6.829,
        -1.502,
        -2.039,
        0.558,
        0.421,
        -5.486,
        -3.531,
        -5.756,
        -2.458,
    ],
    "Ihr seid alle nur dreckige Lügner und asoziales Pack": [
        -1.546,
        -2.101,
        -4.492,
        -3.584,
        -6.205,
        -4.952,
        1.174,
        -1.817,
        0.851,
        0.533,
        -4.287,
        -5.164,
        -4.536,
        -2.538,
    ],
    "f u c k  you, you b1tch": [
        9.304,
        5.111,
        -2.926,
        23.995,
        6.361,
        -4.19,
        -1.204,
        -1.831,
        0.383,
        -0.05,
        8.712,
        -5.249,
        9.323,
        15.525,
    ],
}


@pytest.mark.parametrize("text", GOLDEN)
def test_the_same_text_gets_the_same_score(text):
    folded = normalise(text)
    logits = linear_model().score(hash_grams(folded.text, marks_of(folded)))
    assert logits.tolist() == pytest.approx(GOLDEN[text], abs=2e-3)
