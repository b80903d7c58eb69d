from dataclasses import replace

import pytest

from moderation.engine.checks.model import Model, grade
from moderation.language.models.hashing import hash_grams
from moderation.language.models.heads import ABUSE_HEADS, Head
from moderation.language.models.judgement import AxisLogit, Judgement
from tests.engine.contexts import marked, run


def _axis(logit: float) -> AxisLogit:
    return AxisLogit("abuse", logit, one_in_100=1.0, one_in_1000=3.0)


@pytest.mark.parametrize(
    ("logit", "points"), [(-5, 0), (0, 0), (0.5, 3.25), (1, 4), (2, 5.5), (3, 7), (9, 9)]
)
def test_points_grow_through_both_anchors(logit, points):
    assert grade(_axis(logit), (4.0, 7.0), 9.0) == points


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("You are such a stupid pathetic idiot", "model.insult"),
        ("I will kill you and burn your house down, watch out", "model.threat"),
        ("Hot girls want to meet you, earn 5000 dollars a week at http://money.example now!!!", "model.spam"),
        ("f u c k  you, you b1tch", "model.insult"),
        ("Immigrants are vermin and should be driven out of this country, all of them", "model.identity"),
    ],
)
def test_each_head_names_what_it_sees(text, code):
    assert code in run(Model(), text)


def test_each_head_has_a_sentence():
    assert {f"model.{head.value}" for head in ABUSE_HEADS} <= Model.sentences.keys()


@pytest.mark.parametrize(
    "text",
    [
        "Thank you, that was the best article on the subject that I have read this year.",
        "The army shelled the town on Monday and killed eleven people, two of them children.",
        "As a gay man I was glad to read this report.",
        "Does anyone know when the bridge will open again?",
        "Yesterday a court sentenced the man who had threatened to kill the mayor.",
    ],
)
def test_plain_talk_and_reporting_pass(text):
    assert run(Model(), text) == {}


def test_without_the_encoder_a_head_counts_less_and_sexual_words_alone_say_nothing():
    logit = _axis(2.0)
    asked = Judgement("en", {}, logit, logit, hash_grams("", []), has_second_opinion=True)
    alone = replace(asked, has_second_opinion=False)
    model = Model()
    assert model._grade_alone(Head.THREAT, logit, asked) == 4.6
    assert model._grade_alone(Head.THREAT, logit, alone) == 3.91
    assert model._grade_alone(Head.SEXUAL, logit, asked) == 2.75
    assert model._grade_alone(Head.SEXUAL, logit, alone) == 0


def test_the_words_that_speak_most_are_shown():
    text = "I read it twice and you are a stupid worthless idiot"
    signal = run(Model(), text)["model.insult"]
    assert "idiot" in " ".join(marked(signal, text))


def test_an_unread_language_is_said_and_costs_nothing():
    signals = run(Model(), "Ez egy nagyon érdekes cikk volt, köszönöm szépen a szerzőnek a munkáját.")
    assert signals["model.unjudged"].points == 0


def test_german_abuse_is_held_and_no_more():
    signals = run(Model(), "Merkel muss weg, dieses dreckige Pack von Volksverrätern")
    assert 4.0 <= signals["model.abuse"].points <= 5.0
