import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moderation.domain.signals import Axis, Signal, Span
from moderation.domain.status import Outcome
from moderation.engine.verdict.judging import PREMODERATED, explain, judge
from moderation.engine.verdict.policy_io import default_policy, read_settings, settings_of
from moderation.engine.verdict.scoring import SEVERITY

DEFAULT = default_policy()


def signal(code: str = "some.code", points: float = 1.0, axis: Axis = Axis.SPAM, **given) -> Signal:
    return Signal(code, axis, points, given.pop("family", code), **given)


signals = st.builds(
    Signal,
    code=st.sampled_from(["a.one", "b.two", "links.first_link", "test.spam", "engine.check_failed"]),
    axis=st.sampled_from(Axis),
    points=st.floats(0, 50),
    family=st.sampled_from(["link", "form", "other", "profanity"]),
    confidence=st.floats(0, 1),
)
suspicious = signals.filter(lambda found: found.axis != Axis.TRUST)
policies = st.fixed_dictionaries(
    {
        "version": st.integers(0, 9),
        "spam_at": st.floats(3, 20),
        "hold_at": st.floats(0.5, 3),
        "abuse_hold_at": st.floats(0.5, 20),
        "weights": st.dictionaries(st.sampled_from(["a.one", "b.two"]), st.floats(0, 10)),
        "reject_codes": st.sampled_from([frozenset(), frozenset({"b.two"})]),
        "premoderate": st.booleans(),
    }
).map(lambda chosen: replace(DEFAULT, **chosen))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("found", "outcome"),
    [
        ([], "publish"),
        ([signal(points=2.9)], "publish"),
        ([signal(points=3)], "hold"),
        ([signal(points=2), signal("quality.x", 1, Axis.QUALITY)], "hold"),
        ([signal(points=4), signal("other.x", 2)], "spam"),
        ([signal(points=9, family="link")], "hold"),  # a family is capped
        ([signal(points=9, confidence=0.3, family="list")], "publish"),
        ([signal(points=3.9, axis=Axis.ABUSE)], "publish"),
        ([signal(points=4, axis=Axis.ABUSE)], "hold"),
        ([signal(points=99, axis=Axis.ABUSE), signal("b.two", 99, Axis.ABUSE)], "hold"),
        ([signal("links.first_link", 0)], "hold"),
        ([signal("test.spam", 0)], "spam"),
        ([signal(points=4), signal("t.x", 2, Axis.TRUST)], "publish"),
        ([signal("t.x", 2, Axis.TRUST), signal(points=4, axis=Axis.ABUSE)], "hold"),  # abuse is not forgiven
    ],
)
def test_the_default_policy_publishes_what_is_clean_and_holds_doubt(found, outcome):
    assert judge(found, DEFAULT).outcome == outcome


def test_a_failed_check_never_publishes_whatever_the_policy():
    policy = replace(DEFAULT, hold_codes=frozenset())
    verdict = judge([], policy, failed=["links"])
    assert verdict.outcome == Outcome.HOLD
    assert [(reason.code, reason.params) for reason in verdict.reasons] == [
        ("engine.check_failed", {"check": "links"})
    ]


def test_a_failed_check_with_a_signal_of_its_own_is_told_once():
    found = [signal("engine.check_failed", 0, Axis.QUALITY, params={"check": "links"})]
    assert len(judge(found, DEFAULT, failed=["links"]).reasons) == 1


def test_weights_and_caps_are_the_site_s():
    found = [signal("a.one", 2, family="link")]
    assert judge(found, replace(DEFAULT, weights={"a.one": 2.0})).outcome == Outcome.HOLD
    assert judge(found, replace(DEFAULT, hold_at=1, family_caps={"link": 0.5})).outcome == Outcome.PUBLISH


def test_premoderation_holds_everything_and_says_so():
    verdict = judge([], replace(DEFAULT, premoderate=True))
    assert verdict.outcome == Outcome.HOLD
    assert [reason.code for reason in verdict.reasons] == [PREMODERATED]
    assert "holds every comment" in verdict.explanation


def test_a_reject_code_goes_before_everything():
    policy = replace(DEFAULT, reject_codes=frozenset({"a.one"}))
    verdict = judge([signal("a.one", 0), signal("test.spam", 100)], policy)
    assert (verdict.outcome, [reason.code for reason in verdict.reasons]) == (Outcome.REJECT, ["a.one"])


def test_reasons_are_what_carried_the_verdict_hard_codes_first():
    found = [
        signal("b.two", 4),
        signal("links.first_link", 1, spans=(Span(1, 2),)),
        signal("t.x", 1, Axis.TRUST),
        signal("c.zero", 0),
    ]
    reasons = judge(found, DEFAULT).reasons
    assert [(reason.code, reason.points) for reason in reasons] == [("links.first_link", 1.0), ("b.two", 4.0)]
    assert judge([signal(points=1)], DEFAULT).reasons == ()


@pytest.mark.parametrize(
    ("found", "explanation"),
    [
        ([], "Published; 3.0 points of doubt under the line for holding."),
        (
            [signal(points=1), signal("b.two", 1, Axis.ABUSE)],
            "Published; 2.0 points of doubt under the line for holding; 3.0 points of abuse under it.",
        ),
        (
            [signal("links.first_link", 1), signal("a.one", 1)],
            "Held; would be published without links.first_link; 4.0 points under the line for spam.",
        ),
        (
            [signal("a.one", 3.5), signal("b.two", 3.5)],
            "Marked as spam; would be held without a.one.",
        ),
        (
            [signal("a.one", 4), signal("b.two", 1), signal("links.first_link", 0)],
            (
                "Held; would be published without a.one and links.first_link; "
                "1.0 points under the line for spam."
            ),
        ),
    ],
)
def test_the_explanation_names_the_smallest_change(found, explanation):
    assert judge(found, DEFAULT).explanation == explanation == explain(found, DEFAULT)


def test_the_explanation_counts_failed_checks():
    assert "without engine.check_failed" in explain([], DEFAULT, failed=["links"])


@given(st.lists(signals, max_size=8), suspicious, policies)
def test_one_more_suspicious_signal_never_makes_it_milder(found, more, policy):
    before, after = judge(found, policy), judge([*found, more], policy)
    assert SEVERITY.index(after.outcome) >= SEVERITY.index(before.outcome)


@given(st.lists(signals, max_size=8), policies, st.randoms())
def test_the_same_signals_give_the_same_bytes_in_any_order(found, policy, random):
    shuffled = list(found)
    random.shuffle(shuffled)
    again = read_settings(json.loads(json.dumps(settings_of(policy))), policy.version)
    assert judge(found, policy).outcome == judge(shuffled, policy).outcome
    assert judge(found, policy).scores == judge(shuffled, policy).scores
    assert judge(found, policy).to_json() == judge(list(found), again).to_json()


@given(st.lists(signals, max_size=20), policies)
def test_no_family_adds_up_to_more_than_its_cap(found, policy):
    capped = replace(policy, family_caps={"link": 2.0, "form": 2.0, "other": 2.0, "profanity": 2.0})
    assert all(points <= 8.0 + 8.0 for points in judge(found, capped).scores.values())
    assert judge(found, capped).scores["spam"] <= 8.0


@given(policies)
def test_settings_round_trip(policy):
    stored = json.loads(json.dumps(settings_of(policy)))
    assert read_settings(stored, policy.version) == policy


def test_missing_settings_have_their_defaults():
    assert read_settings({}, 0) == DEFAULT


@pytest.mark.parametrize(
    ("settings", "field"),
    [
        ({"spam_at": "6"}, "spam_at"),
        ({"spam_at": 0}, "spam_at"),
        ({"spam_at": -1}, "spam_at"),
        ({"spam_at": float("nan")}, "spam_at"),
        ({"spam_at": True}, "spam_at"),
        ({"hold_at": 7, "spam_at": 6}, "hold_at"),
        ({"hold_at": 7}, "hold_at"),
        ({"weights": []}, "weights"),
        ({"weights": {"a.one": "x"}}, "weights.a.one"),
        ({"weights": {"nonsense": 1}}, "weights"),
        ({"family_caps": {"Link!": 1}}, "family_caps"),
        ({"hold_codes": "links.first_link"}, "hold_codes"),
        ({"hold_codes": 5}, "hold_codes"),
        ({"hold_codes": ["nonsense"]}, "hold_codes"),
        ({"hold_codes": [["a"]]}, "hold_codes"),
        ({"premoderate": 1}, "premoderate"),
        ({"sample_percent": 11}, "sample_percent"),
        ({"spam_threshold": 1}, "spam_threshold"),
    ],
)
def test_wrong_settings_are_refused_by_name(settings, field):
    with pytest.raises(ValueError, match=rf"^{field}: "):
        read_settings(settings, 1)
