import numpy as np
import pytest

from moderation.language.fold.normalise import normalise
from moderation.language.models.spun import (
    BUCKETS,
    MODEL_PATH,
    MOST_WORDS,
    SpunModel,
    dump_model,
    fold_words,
    hash_shingles,
    parse_model,
    spun_model,
)
from moderation.language.models.weight_file import BrokenModel


def folded(text: str) -> list[str]:
    return [word for word, _, _ in fold_words(normalise(text).text)]


def test_words_of_one_meaning_are_one_class():
    assert folded("Superb web page") == folded("nice blog") == ["GOOD", "SITE"]
    assert folded("This piece of writing is really very helpful") == ["this", "POST", "is", "USEFUL"]


def test_short_forms_are_written_out_and_repeats_dropped():
    assert folded("I've read 12 and it isn't") == ["i", "have", "READ", "0", "and", "it", "is", "not"]
    assert folded("nice good great o'clock") == ["GOOD", "o"]


def test_places_are_those_of_the_folded_text():
    text = "a superb web page here"
    (word, start, end) = fold_words(text)[2]
    assert (word, text[start:end]) == ("SITE", "web page")


def test_a_long_text_is_read_as_far_as_templates_go():
    assert len(fold_words("one two " * 5000)) <= MOST_WORDS


def test_shingles_are_the_same_everywhere():
    assert hash_shingles(["GOOD", "SITE", "you"]).tolist() == GOLDEN_SHINGLES
    assert hash_shingles(["GOOD"]).size == 1


GOLDEN_SHINGLES = [4523, 56097, 54565, 54632, 43794, 10544]


def test_a_file_that_was_changed_is_refused():
    good = dump_model(np.zeros(BUCKETS, dtype=np.int8), {"scale": 1.0, "bias": -1.0})
    assert parse_model(good).score(normalise("one two three four five six seven")) == -1.0
    for broken in (b"", good[:-1], good[:-1] + b"\x01", b"x" + good):
        with pytest.raises(BrokenModel):
            parse_model(broken)


def test_spans_are_the_loudest_runs_in_order():
    words = "one two three four five six seven eight nine ten"
    weights = np.zeros(BUCKETS, dtype=np.int8)
    spelt = [word for word, _, _ in fold_words(words)]
    weights[hash_shingles(spelt[6:9])[-1]] = 9
    weights[hash_shingles(spelt[1:4])[-1]] = 5
    spans = SpunModel(weights, {}).strongest_spans(normalise(words))
    assert [words[span.start : span.end] for span in spans] == ["two three four", "seven eight nine"]


def test_the_shipped_file_is_small():
    assert MODEL_PATH.stat().st_size < 300_000


# After `python -m training.spun`: the log-odds of texts, and the thresholds.
GOLDEN = {
    "Hello, I really like your web page, every post here is very informative. Thanks for sharing!": 7.732,
    "The council should have asked the people who live there before it closed the road.": -9.997,
    "What a lovely recipe, my children ate all of it. Next time I will take less salt, though.": -5.251,
}


@pytest.mark.parametrize(("text", "score"), GOLDEN.items())
def test_the_shipped_weights_give_the_same_scores_everywhere(text, score):
    assert spun_model().score(normalise(text)) == pytest.approx(score, abs=0.01)
