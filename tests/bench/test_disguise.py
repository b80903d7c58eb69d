"""The measurement of disguises measures what it says."""

from random import Random

import pytest

from bench.disguise import Found, is_reached, is_recovered, listed_words, measure, rewrite
from bench.disguises import PLAIN_KINDS, LookAlikes, leave_out, masked, mixed
from moderation.language.fold.normalise import normalise


def test_plain_listed_words_are_found_and_rewritten_at_their_place():
    text = "You fucking liar, what a shit show"
    words = listed_words(text)
    assert [text[word.start : word.end] for word in words] == ["fucking", "shit"]
    hidden, places = rewrite(text, words, lambda word, chance: f"<{word}>", Random(1))
    assert hidden == "You <fucking> liar, what a <shit> show"
    assert [hidden[place.start : place.end] for place in places] == ["<fucking>", "<shit>"]


def test_recovery_asks_for_the_word_at_its_very_place():
    folded = normalise("f*ck and shit")
    assert is_recovered(folded, Found(0, 4, "fuck"))
    assert not is_recovered(folded, Found(9, 13, "fuck"))
    assert not is_recovered(folded, Found(0, 3, "fuck"))


@pytest.mark.parametrize("kind", [*PLAIN_KINDS, "mixed"])
def test_every_way_changes_the_word_and_is_the_same_from_run_to_run(kind):
    disguise = PLAIN_KINDS.get(kind, mixed)
    words = ["bitch", "shitty", "asshole"]
    hidden = [disguise(word, Random(7)) for word in words]
    assert hidden == [disguise(word, Random(7)) for word in words]
    assert all(one != other for one, other in zip(hidden, words, strict=True))


def test_what_is_left_out_is_unknown():
    known, left_out = leave_out(1)
    assert len(left_out) > 100
    assert not left_out.keys() & (known.lookalikes.keys() | known.typed.keys() | known.homoglyphs.keys())
    assert not LookAlikes(left_out)("bitch", Random(1)).isascii()


def test_masks_keep_the_first_letter():
    assert all(masked("bitch", Random(seed))[0] == "b" for seed in range(50))


def test_rows_compare_with_the_clean_text():
    rows = measure(["what a bitch", "harmless words"], ["a fine day", "thanks"], seed=1)
    clean, *others = rows
    assert (clean.kind, clean.words, clean.recovered, clean.of_clean) == ("clean", 1, 1.0, 1.0)
    assert {row.kind for row in others} > {"leet", "masked", "unknown look-alikes"}
    assert is_reached(clean)
    assert not is_reached(clean._replace(recovered=0.1))


def test_a_scorer_of_ones_own_is_asked():
    rows = measure(
        ["what a bitch"], ["thanks"], seed=1, scorer=lambda folded: float("thanks" not in folded.text)
    )
    assert {row.recall for row in rows} == {1.0}
