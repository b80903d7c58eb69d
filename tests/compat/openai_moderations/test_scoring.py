"""What makes a category likely, and what makes it flagged."""

from dataclasses import replace

import pytest

from moderation.compat.analysis import ToAnalyse, analyse
from moderation.compat.openai_moderations.categories import BY_PHRASE, Category
from moderation.compat.openai_moderations.mapping import JudgedText, build_result, judge_text
from moderation.compat.openai_moderations.phrases import find_phrases
from moderation.compat.openai_moderations.reading import Bundle
from moderation.compat.openai_moderations.scoring import (
    FLAGGED_FROM,
    NOT_DETECTED,
    PHRASE,
    flag_categories,
    score_categories,
)
from moderation.engine.facts import SiteFacts
from moderation.engine.rules.site_rules import SiteRules
from moderation.engine.verdict.policy import Policy
from moderation.engine.verdict.policy_io import default_policy
from moderation.language.fold.normalise import normalise
from moderation.queries.site_facts import JudgingSite

POLICY = default_policy()
THREAT = "You are a stupid idiot and I will find you and kill you."


def judged(text: str, policy: Policy = POLICY) -> JudgedText:
    site = JudgingSite(SiteFacts(site_id=""), policy, SiteRules())
    return judge_text(text, analyse(ToAnalyse(text=text), site))


def flagged(text: str, policy: Policy = POLICY) -> set[str]:
    found = build_result(Bundle((text,)), [judged(text, policy)], policy)["categories"]
    return {name for name, is_flagged in found.items() if is_flagged}


@pytest.mark.parametrize(
    ("text", "categories"),
    [
        ("The bridge opens in May, and the ferry stops then.", set()),
        (THREAT, {"harassment", "harassment/threatening", "violence"}),
        ("I hate jews", {"hate", "harassment"}),
        ("I want to kill my self, k1ll y0urself too", {"self-harm", "self-harm/instructions"}),
        ("I am suicidal and need help", {"self-harm", "self-harm/intent"}),
        ("He asks how to make a bomb", {"illicit", "illicit/violent"}),
        ("He tells us how to shoplift", {"illicit"}),
        ("They were beheaded", {"violence", "violence/graphic"}),
        ("He sells child porn", {"sexual", "sexual/minors"}),
    ],
)
def test_the_categories_of_a_text(text: str, categories: set[str]):
    assert categories <= flagged(text)
    assert categories or not flagged(text)


def test_every_category_but_those_of_the_models_has_phrases():
    spoken_for = {Category.SELF_HARM: Category.SELF_HARM_INTENT}
    texts = "i am suicidal. kys. how to shoplift. how to make a bomb. child porn. beheaded."
    found = {phrase.category for phrase in find_phrases(normalise(texts))}
    assert {spoken_for.get(category, category) for category in BY_PHRASE} <= found


def test_what_nothing_speaks_for_has_a_constant_score():
    text = judged("The bridge opens in May.")
    scores = score_categories(text.analysis, text.phrases)
    assert {scores[category] for category in BY_PHRASE} == {NOT_DETECTED}
    assert scores[Category.HARASSMENT] > NOT_DETECTED


def test_a_phrase_raises_what_follows_from_it():
    text = judged("how to make a bomb")
    scores = score_categories(text.analysis, text.phrases)
    assert scores[Category.ILLICIT] == scores[Category.ILLICIT_VIOLENT] == PHRASE


def test_a_site_that_minds_no_abuse_flags_none_and_still_gets_scores():
    lenient = replace(POLICY, abuse_hold_at=1000.0)
    assert flagged(THREAT, lenient) == set()
    text = judged(THREAT, lenient)
    assert score_categories(text.analysis, text.phrases)[Category.HARASSMENT] >= FLAGGED_FROM


def test_a_site_that_minds_more_flags_at_least_the_strongest_category():
    strict = replace(POLICY, abuse_hold_at=0.5)
    text = judged("What the hell, damn it.", strict)
    scores = score_categories(text.analysis, text.phrases)
    found = flag_categories(text.analysis, scores, strict)
    assert max(set(Category) - set(BY_PHRASE), key=lambda category: scores[category]) in found
    assert not flagged("What the hell, damn it.")


def test_a_code_that_the_site_refuses_counts_as_abuse():
    lenient = replace(POLICY, abuse_hold_at=1000.0)
    assert "violence" in flagged(THREAT, replace(lenient, reject_codes=frozenset({"wordlist.threat"})))
    assert not flagged(THREAT, replace(lenient, reject_codes=frozenset({"wordlist.slur"})))


def test_spam_is_no_category_of_openai_but_shows_in_the_policys_outcome():
    spam = "Buy cheap viagra now http://spam.example/casino http://pills.example/x"
    result = build_result(Bundle((spam,)), [judged(spam)], POLICY)
    assert result["flagged"] is False
    assert result["policy"]["outcome"] == "spam"
    assert {reason["axis"] for reason in result["reasons"]} == {"spam"}


def test_spans_are_code_points_of_the_text_with_their_number():
    texts = ("Nice 🌉.", "🌉🌉 you idiot, kys")
    result = build_result(Bundle(texts), [judged(text) for text in texts], POLICY)
    found = {(span["text"], texts[span["text"]][span["start"] : span["end"]]) for span in result["spans"]}
    assert (1, "kys") in found
    assert {span["text"] for span in result["spans"]} == {1}
    assert "phrase.self-harm/instructions" in {span["code"] for span in result["spans"]}


def test_of_several_texts_the_highest_score_counts():
    texts = ("Nice.", THREAT)
    result = build_result(Bundle(texts), [judged(text) for text in texts], POLICY)
    alone = build_result(Bundle((THREAT,)), [judged(THREAT)], POLICY)
    assert result["category_scores"] == {
        name: max(score, result["category_scores"][name]) for name, score in alone["category_scores"].items()
    }
    assert result["flagged"]
    assert result["policy"]["outcome"] == "hold"


def test_images_are_not_judged_and_this_is_said():
    result = build_result(Bundle((), images=2), [], POLICY)
    assert result["flagged"] is False
    assert set(result["category_scores"].values()) == {0.0}
    assert set(map(tuple, result["category_applied_input_types"].values())) == {()}
    assert result["not_judged"]["images"] == 2
