"""The words that a verdict hangs on."""

from dataclasses import replace

import pytest

from moderation.domain.status import Outcome
from moderation.engine.counterfactual import words_to_flip
from moderation.engine.run import run_checks
from moderation.engine.verdict.judging import judge
from moderation.engine.verdict.policy_io import default_policy
from tests.engine.contexts import make_context

DEFAULT = default_policy()


def flipped(text: str, **given: object) -> tuple[list[str], Outcome] | None:
    context = make_context(text, **given)
    flip = words_to_flip(context, run_checks(context).signals, DEFAULT)
    return ([text[span.start : span.end] for span in flip.spans], flip.outcome) if flip else None


def test_one_word_that_makes_the_difference_is_named():
    found = flipped("I read all of it twice, and the author is a worthless idiot")
    assert found is not None
    words, outcome = found
    assert outcome == Outcome.PUBLISH
    assert "idiot" in " ".join(words)


def test_a_text_without_the_named_words_is_judged_so_when_it_is_sent():
    text = "You are such a stupid pathetic idiot and everybody here knows it"
    found = flipped(text)
    assert found is not None
    words, outcome = found
    rest = text
    for word in words:
        rest = rest.replace(word, "", 1)
    assert judge(run_checks(make_context(rest)).signals, DEFAULT).outcome == outcome != Outcome.HOLD


@pytest.mark.parametrize(
    "text", ["Thank you, that was a good article.", "Look at https://city.example/rents please."]
)
def test_where_no_word_is_to_blame_none_is_named(text: str):
    assert flipped(text) is None


def test_blocked_words_of_the_site_count_too():
    found = flipped("The new casino opens in May.", lists={"blocked_words": ["casino"]})
    assert found == (["casino"], Outcome.PUBLISH)


def test_a_comment_that_is_held_anyway_hangs_on_no_word():
    text = "I read all of it twice, and the author is a worthless idiot"
    context = make_context(text)
    strict = replace(DEFAULT, premoderate=True)
    assert words_to_flip(context, run_checks(context).signals, strict) is None
