"""Presets, and thresholds fitted to what a site approved."""

import re
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moderation.domain.signals import Axis, Signal
from moderation.domain.status import Outcome
from moderation.engine.run import run_checks
from moderation.engine.verdict.judging import judge
from moderation.engine.verdict.policy_io import default_policy, read_settings, settings_of
from moderation.engine.verdict.presets import (
    FEWEST_TO_FIT,
    MEASURED,
    PRESETS,
    Judged,
    Measured,
    Preset,
    Thresholds,
    fit_thresholds,
    measure_effect,
)
from tests.engine.contexts import make_context


def judged(
    *, abuse: float = 0.0, spam: float = 0.0, quality: float = 0.0, code: str = "model.abuse"
) -> Judged:
    """A comment with points of one signal an axis; families of their own, so that no cap bites."""
    points = {Axis.ABUSE: abuse, Axis.SPAM: spam, Axis.QUALITY: quality}
    signals = [Signal(code, axis, value, "test") for axis, value in points.items() if value]
    return Judged.of(signals, default_policy())


def stopped(comments: list[Judged], thresholds: Thresholds) -> int:
    effect = measure_effect(comments, thresholds.within(default_policy()))
    return effect.held + effect.removed


def test_balanced_is_the_default():
    assert Thresholds.of(default_policy()) == PRESETS[Preset.BALANCED]


def test_each_preset_stops_all_that_a_milder_one_stops():
    relaxed, balanced, strict = (PRESETS[name] for name in Preset)
    for milder, stricter in ((relaxed, balanced), (balanced, strict)):
        assert stricter.hold_at < milder.hold_at
        assert stricter.abuse_hold_at < milder.abuse_hold_at
        assert stricter.spam_at < milder.spam_at


@pytest.mark.parametrize("preset", Preset)
@pytest.mark.parametrize("family", ["model", "profanity", "remote"])
def test_abuse_that_is_sure_is_held_under_each_preset_whatever_saw_it(preset: Preset, family: str):
    policy = PRESETS[preset].within(default_policy())
    assert judge([Signal("some.abuse", Axis.ABUSE, 8.0, family)], policy).outcome == Outcome.HOLD


@pytest.mark.parametrize(
    "text", ["You are a worthless piece of shit, kill yourself", "Shut up you fucking retard"]
)
def test_the_models_hold_plain_abuse_under_the_relaxed_preset(text: str):
    signals = [each for each in run_checks(make_context(text)).signals if each.family == "model"]
    policy = PRESETS[Preset.RELAXED].within(default_policy())
    assert judge(signals, policy).outcome == Outcome.HOLD


def test_what_is_told_of_the_presets_is_what_was_measured():
    page = (Path(__file__).parents[3] / "docs" / "evaluation.md").read_text(encoding="utf-8")
    for preset in Preset:
        row = re.search(rf"^\| {preset} \| (\S+) \| \S+ \| (\S+) \| (\S+) \|", page, re.MULTILINE)
        assert row, preset
        assert Measured(*map(float, row.groups())) == MEASURED[preset]


def test_a_stricter_preset_stops_more_of_everything():
    relaxed, balanced, strict = (MEASURED[name] for name in Preset)
    for milder, stricter in ((relaxed, balanced), (balanced, strict)):
        assert stricter.abuse > milder.abuse
        assert stricter.spam > milder.spam
        assert stricter.harmless > milder.harmless


def test_too_few_comments_fit_nothing():
    assert fit_thresholds([judged()] * (FEWEST_TO_FIT - 1)) is None
    assert fit_thresholds([judged()] * FEWEST_TO_FIT) is not None


def test_a_site_without_any_doubt_is_as_strict_as_possible():
    assert fit_thresholds([judged()] * 1000) == PRESETS[Preset.STRICT]


def test_a_coarse_site_is_left_alone_but_for_the_worst():
    comments = [judged(abuse=6.0)] * 900 + [judged(abuse=9.0)] * 100
    fitted = fit_thresholds(comments)
    assert fitted is not None
    assert fitted.abuse_hold_at == 8.5
    assert stopped(comments, fitted) == 100


def test_the_share_bounds_doubt_and_abuse_together():
    comments = [judged()] * 960 + [judged(abuse=5.0 + i / 10) for i in range(20)]
    comments += [judged(quality=3.0 + i / 20) for i in range(20)]
    fitted = fit_thresholds(comments, 0.01)
    assert fitted is not None
    assert 1 <= stopped(comments, fitted) <= 10
    wider = fit_thresholds(comments, 0.03)
    assert wider is not None
    assert stopped(comments, fitted) < stopped(comments, wider) <= 30


def test_spam_gets_a_tenth_of_the_share():
    comments = [judged()] * 980 + [judged(spam=6.0 + i / 10) for i in range(20)]
    fitted = fit_thresholds(comments, 0.02)
    assert fitted is not None
    assert sum(each.spam >= fitted.spam_at for each in comments) <= 2


def test_hard_codes_count_in_an_effect_whatever_the_thresholds():
    linked = judged(spam=0.5, code="links.first_link")
    effect = measure_effect([linked, judged()], PRESETS[Preset.RELAXED].within(default_policy()))
    assert (effect.total, effect.held, effect.removed, effect.percent) == (2, 1, 0, 50.0)


def test_no_comment_has_no_percentage():
    assert measure_effect([], default_policy()).percent is None


points = st.floats(0, 12, allow_nan=False)


@st.composite
def judgements(draw: st.DrawFn) -> list[Judged]:
    """A few rows drawn freely, each many times over, and the rest at random: hundreds of draws are slow."""
    kinds = draw(st.lists(st.tuples(points, points, points), min_size=1, max_size=12))
    random = Random(draw(st.integers(0, 2**32)))
    count = draw(st.integers(FEWEST_TO_FIT, FEWEST_TO_FIT + 50))
    at_random = draw(st.integers(0, count))
    rows = [tuple(random.uniform(0, 12) for _ in range(3)) for _ in range(at_random)]
    rows += [random.choice(kinds) for _ in range(count - at_random)]
    return [Judged((), *row) for row in rows]


@given(judgements(), st.sampled_from([0.003, 0.01, 0.05, 0.2]))
def test_a_fit_is_always_a_policy_within_its_bounds(comments: list[Judged], share: float):
    fitted = fit_thresholds(comments, share)
    assert fitted is not None
    read_settings(settings_of(fitted.within(default_policy())), 1)
    strict = PRESETS[Preset.STRICT]
    assert strict.hold_at <= fitted.hold_at <= 8.0
    assert strict.abuse_hold_at <= fitted.abuse_hold_at <= 8.5
    held = [each for each in comments if each.doubt >= fitted.hold_at or each.abuse >= fitted.abuse_hold_at]
    severest = [each for each in comments if each.doubt >= 8.0 or each.abuse >= 8.5]
    assert len(held) <= max(share * len(comments), len(severest))


@pytest.mark.parametrize("share", [0.0, 0.0001])
def test_a_share_of_less_than_one_comment_holds_none(share: float):
    comments = [judged()] * 400 + [judged(abuse=4.0)]
    fitted = fit_thresholds(comments, share)
    assert fitted is not None
    assert stopped(comments, fitted) == 0
