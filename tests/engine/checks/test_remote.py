from typing import Any

import pytest

from moderation.domain.remote import ABUSE_CATEGORIES, CATEGORIES, NO_CATEGORY, AsksAbout, Failure
from moderation.domain.signals import Axis
from moderation.domain.status import Outcome
from moderation.engine.checks.remote import _ERRORS, Remote
from moderation.engine.facts import AskedService, RemoteFacts, RemoteReport
from moderation.engine.run import run_checks
from moderation.engine.sentences import say
from moderation.engine.verdict.judging import judge
from moderation.engine.verdict.policy import Policy
from moderation.engine.verdict.policy_io import default_policy, read_settings, settings_of
from tests.engine.contexts import make_context, run

CALM = "I read the piece twice and still wonder whether the council has asked the tenants."


def report(kind: str = "akismet", state: str = "ok", **given: Any) -> RemoteReport:
    return RemoteReport("s1", kind, state, given.pop("on_failure", "hold"), **given)


def spam(*, discard: bool = False) -> RemoteReport:
    return report(findings={"spam": True, "discard": discard})


def policy(category: str, confidence: float = 0.9) -> RemoteReport:
    findings = {"category": category, "confidence": confidence, "reason": "Clause 2: no insults."}
    return report("policy_model", findings=findings)


def facts(*reports: RemoteReport) -> RemoteFacts:
    return RemoteFacts(reports=reports)


def outcome(*reports: RemoteReport, rules: Policy | None = None) -> Outcome:
    found = run_checks(make_context(CALM, remote=facts(*reports)))
    return judge(found.signals, rules or default_policy(), failed=found.failed).outcome


@pytest.mark.parametrize(
    ("reports", "code", "axis", "points"),
    [
        ([], None, None, 0),
        ([report(findings={"spam": False, "discard": False})], None, None, 0),
        ([spam()], "remote.akismet_spam", Axis.SPAM, 4.0),
        ([spam(discard=True)], "remote.akismet_spam", Axis.SPAM, 8.0),
        ([policy("none", 1.0)], None, None, 0),
        ([policy("hate", 0.49)], None, None, 0),
        ([policy("hate", 0.9)], "remote.policy_broken", Axis.ABUSE, 6.0),
        ([policy("off_topic", 0.9)], "remote.policy_broken", Axis.QUALITY, 4.0),
        ([report(state="failed", error="timeout")], "remote.unavailable", Axis.QUALITY, 0),
        (
            [report(state="failed", error="busy", on_failure="ignore")],
            "remote.ignored_failure",
            Axis.QUALITY,
            0,
        ),
        ([report(state="waiting")], None, None, 0),
        ([report(state="skipped")], None, None, 0),
    ],
)
def test_answers_are_signals(reports, code, axis, points):
    found = run(Remote(), remote=facts(*reports))
    assert set(found) == ({code} if code else set())
    if code:
        assert (found[code].axis, found[code].points, found[code].family) == (axis, points, "remote")


def test_every_category_has_an_axis():
    for category in CATEGORIES:
        found = run(Remote(), remote=facts(policy(category)))
        expected = Axis.ABUSE if category in ABUSE_CATEGORIES else Axis.QUALITY
        assert [signal.axis for signal in found.values()] == ([] if category == NO_CATEGORY else [expected])


def test_the_reason_and_every_failure_are_told_in_words():
    broken = run(Remote(), remote=facts(policy("private_data", 0.876)))["remote.policy_broken"]
    assert (
        say(broken.code, broken.params)
        == "The policy model says: private data, 88 % sure. “Clause 2: no insults.”"
    )
    assert set(_ERRORS) == {failure.value for failure in Failure}
    down = run(Remote(), remote=facts(report(state="failed", error="refused")))["remote.unavailable"]
    assert say(down.code, down.params) == "No answer from Akismet: it could not be reached"


@pytest.mark.parametrize(
    ("reports", "expected"),
    [
        ([], Outcome.PUBLISH),
        ([spam()], Outcome.HOLD),
        ([spam(discard=True)], Outcome.SPAM),
        ([policy("hate", 0.6)], Outcome.PUBLISH),
        ([policy("hate", 0.7)], Outcome.HOLD),
        ([policy("advertising", 0.8)], Outcome.HOLD),
        ([policy("hate", 1.0), spam()], Outcome.HOLD),
        ([report(state="failed", error="timeout")], Outcome.HOLD),
        ([report(state="failed", error="timeout", on_failure="ignore")], Outcome.PUBLISH),
    ],
)
def test_what_the_default_policy_makes_of_them(reports, expected):
    assert outcome(*reports) == expected


def test_a_missing_answer_holds_whatever_a_stored_policy_says():
    """Policies that were stored before this check existed name their codes and caps themselves."""
    settings = settings_of(default_policy()) | {"hold_codes": [], "weights": {"remote.unavailable": 0}}
    stored = read_settings(settings, 3)
    assert outcome(report(state="failed", error="timeout"), rules=stored) == Outcome.HOLD
    assert outcome(spam(discard=True), rules=stored) == Outcome.SPAM
    failed = run_checks(make_context(CALM, remote=facts(report(state="failed", error="timeout"))))
    assert [reason.code for reason in judge(failed.signals, stored).reasons] == ["remote.unavailable"]


def test_an_all_clear_makes_no_verdict_milder():
    context = make_context("You are a stupid idiot and a fucking moron.")
    local = judge(run_checks(context).signals, default_policy())
    assert local.outcome == Outcome.HOLD
    clear = facts(policy("none", 1.0), report(findings={"spam": False, "discard": False}))
    with_answers = make_context("You are a stupid idiot and a fucking moron.", remote=clear)
    assert judge(run_checks(with_answers).signals, default_policy()) == local


ALL = AskedService("s1", 1, AsksAbout.ALL, "hold")
DOUBT = AskedService("s2", 1, AsksAbout.DOUBT, "hold")


@pytest.mark.parametrize(
    ("outcome", "reports", "asked"),
    [
        (Outcome.PUBLISH, (), {"s1"}),
        (Outcome.HOLD, (), {"s1", "s2"}),
        (Outcome.SPAM, (), set()),
        (Outcome.REJECT, (), set()),
        (Outcome.HOLD, (report(state="waiting"),), {"s1", "s2"}),
        (Outcome.HOLD, (report(state="failed"),), {"s2"}),
        (Outcome.HOLD, (report(state="skipped"),), {"s2"}),
        (Outcome.PUBLISH, (report(),), set()),
    ],
)
def test_who_has_to_be_asked(outcome, reports, asked):
    known = RemoteFacts(services=(ALL, DOUBT), reports=reports)
    assert {service.service_id for service in known.to_ask(outcome)} == asked
