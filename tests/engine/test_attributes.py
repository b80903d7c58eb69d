"""Scores by attribute: which text scores high on what, and that nothing else moves them."""

import hashlib
import json
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moderation.domain.signals import Axis, Signal
from moderation.engine.attribute_scale import (
    SCALE_PATH,
    interpolate,
    rarity,
    scale,
    scale_version,
    score_of_rarity,
    toxicity_rarity,
)
from moderation.engine.attributes import Attribute, attributes_of
from moderation.engine.run import Run, run_checks
from moderation.engine.verdict.judging import judge as judge_signals
from moderation.engine.verdict.policy_io import default_policy
from moderation.language.fold.normalise import normalise
from moderation.language.models.cascade import linear_alone
from moderation.language.models.judgement import AxisLogit, judge
from tests.engine.contexts import make_context

CALM = "Thanks for the clear report. I would like to read more about how the council decided on this road."


def scores(text: str, *, is_reply: bool = False, **site: object) -> dict[Attribute, float]:
    context = make_context(text, is_reply=is_reply, **site)
    run, policy = run_checks(context), default_policy()
    verdict = judge_signals(run.signals, policy, failed=run.failed)
    found = attributes_of(run, judge(context.normalised), verdict, policy, text=text, is_reply=is_reply)
    return dict(found)


def test_a_calm_text_scores_low_on_all_attributes() -> None:
    found = scores(CALM)
    assert found.keys() == set(Attribute)
    assert {name for name, value in found.items() if value >= 0.5} == set()


@pytest.mark.parametrize(
    ("text", "high"),
    [
        ("You are a stupid worthless idiot and everybody hates you.", {"TOXICITY", "INSULT"}),
        ("What the fuck, this fucking printer is a piece of shit again.", {"PROFANITY", "OBSCENE"}),
        ("I know where you live and I am going to kill you tonight.", {"THREAT", "TOXICITY"}),
        ("I hate all Muslims, they are vermin and should be thrown out.", {"IDENTITY_ATTACK", "TOXICITY"}),
        ("asdkjh qwlekjq zxmcnb qpwoei alskdj fghqwe mznxbc", {"INCOHERENT"}),
        ("lol", {"UNSUBSTANTIAL"}),
        (
            "Earn $5000 weekly from home, click https://bit.ly/x9 now, cheap viagra casino bonus!!!",
            {"SPAM", "LIKELY_TO_REJECT"},
        ),
    ],
)
def test_a_text_scores_high_on_what_it_is(text: str, high: set[str]) -> None:
    found = scores(text)
    assert {name: found[Attribute(name)] for name in high if found[Attribute(name)] < 0.5} == {}


def test_toxicity_is_at_least_severe_toxicity() -> None:
    for text in (CALM, "You are a stupid worthless idiot.", "Kill yourself, you subhuman."):
        found = scores(text)
        assert found[Attribute.TOXICITY] >= found[Attribute.SEVERE_TOXICITY]


def test_an_insult_in_a_reply_is_aimed_at_the_commenter_and_one_of_a_writer_at_the_author() -> None:
    insult = "You are a stupid worthless idiot."
    reply, alone = scores(insult, is_reply=True), scores(insult)
    assert reply[Attribute.ATTACK_ON_COMMENTER] > alone[Attribute.ATTACK_ON_COMMENTER]
    assert reply[Attribute.ATTACK_ON_AUTHOR] < alone[Attribute.ATTACK_ON_AUTHOR]
    of_writer = scores("The journalist who wrote this article is a stupid worthless idiot.")
    assert of_writer[Attribute.ATTACK_ON_AUTHOR] > of_writer[Attribute.ATTACK_ON_COMMENTER]


def test_other_languages_score_by_their_own_head_and_lists() -> None:
    german = scores("Diese verdammten Ausländer sollen alle verrecken, das Pack gehört vergast.")
    assert german[Attribute.TOXICITY] >= 0.5
    assert (
        scores("Ich danke für den Artikel über den Fahrplan der Fähre im Winter.")[Attribute.TOXICITY] < 0.3
    )


@given(st.text(max_size=200))
def test_every_text_scores_within_0_and_1(text: str) -> None:
    assert all(0.0 <= value <= 1.0 for value in scores(text).values())


@pytest.mark.parametrize(
    ("logit", "expected"), [(1.0, 0.0), (3.0, 1.0), (2.0, 0.5), (5.0, 2.0), (-1.0, -1.0)]
)
def test_rarity_is_linear_in_the_logit(logit: float, expected: float) -> None:
    assert rarity(AxisLogit("abuse", logit, 1.0, 3.0)) == expected


def test_the_scale_rises_throughout() -> None:
    values = [score_of_rarity(step / 20) for step in range(-160, 100)]
    assert values == sorted(values)
    assert 0.0 <= values[0] < 0.05
    assert 0.95 < values[-1] <= 1.0


def test_a_value_beyond_the_points_stays_at_the_last_one() -> None:
    points = [(0.0, 0.1), (1.0, 0.3)]
    assert [interpolate(x, points) for x in (-1.0, 0.5, 2.0)] == [0.1, pytest.approx(0.2), 0.3]


def test_the_numbers_change_with_their_version_only() -> None:
    """People set thresholds by these scores: give new numbers a new version, here and in the docs."""
    stored = json.loads(SCALE_PATH.read_bytes())
    numbers = {name: value for name, value in stored.items() if name != "version"}
    digest = hashlib.sha256(json.dumps(numbers, sort_keys=True).encode()).hexdigest()[:16]
    assert (stored["version"], digest) == ("1", "8b55916b2b889c87")


def test_the_version_tells_whether_the_encoder_is_used() -> None:
    with linear_alone():
        assert scale_version() == "1-linear"
        alone = scores("You are a stupid worthless idiot and everybody hates you.")
    assert alone[Attribute.TOXICITY] >= 0.7


@pytest.mark.parametrize("models", ["both", "linear"])
def test_every_curve_rises(models: str) -> None:
    numbers = scale()
    for curve in (numbers["scores"], numbers["toxicity"][models]["rarity"]):
        assert all(a[0] < b[0] and a[1] < b[1] for a, b in pairwise(curve))
    assert all(weight > 0 for weight in numbers["toxicity"][models]["weights"].values())


def test_more_swearing_is_never_less_toxic() -> None:
    judgement = judge(normalise("The ferry was late again today."))
    clean, worse = (toxicity_rarity(judgement, {"wordlist.strong": points}) for points in (0.0, 1.25))
    assert worse > clean


def test_what_the_sites_own_filter_says_counts() -> None:
    said = Signal("site_filter.abuse", Axis.ABUSE, 0.1, "model", params={"percent": 93})
    context, policy = make_context(CALM), default_policy()
    run = Run((said,), (), 0.0)
    found = attributes_of(
        run, judge(context.normalised), judge_signals(run.signals, policy), policy, text=CALM
    )
    assert found[Attribute.LIKELY_TO_REJECT] == 0.93
