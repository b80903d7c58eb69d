"""All rules of a site on one comment: the verdict, the shadow, a bug."""

from dataclasses import replace
from typing import Any

import pytest

from moderation.domain.rules import ACTION_CODES, SHADOW_CODE, Condition, Group, Operator
from moderation.domain.signals import CHECK_FAILED, Axis, Signal, Span
from moderation.domain.status import Outcome
from moderation.engine.effects import deciding_rule, queue_of
from moderation.engine.facts import Context
from moderation.engine.rules.site_rules import SiteRules, match_rules
from moderation.engine.run import Run, add_rules, run_checks
from moderation.engine.sentences import say
from moderation.engine.verdict.judging import judge
from moderation.engine.verdict.policy_io import default_policy
from tests.engine.contexts import make_context
from tests.engine.rules.texts import rule, site_rules
from tests.rules import line

POLICY = default_policy()


def judged(context: Context, rules: SiteRules) -> tuple[Run, Any]:
    run = add_rules(run_checks(context), context, rules, POLICY)
    return run, judge(run.signals, POLICY, failed=run.failed)


@pytest.mark.parametrize(
    ("action", "outcome"),
    [("hold", "hold"), ("route", "hold"), ("spam", "spam"), ("reject", "reject")],
)
def test_a_rule_that_is_on_makes_the_verdict_and_says_so(action, outcome):
    text = rule(line("body", "word", "council"), action=action, queue="legal", name="Councils")
    run, verdict = judged(make_context("The council again."), site_rules(text))
    assert verdict.outcome == outcome
    (reason,) = verdict.reasons
    assert (reason.code, reason.spans) == (ACTION_CODES[text.action], (Span(4, 11),))
    assert say(reason.code, reason.params).startswith("Rule “Councils” (version 3)")
    assert deciding_rule(run.signals, verdict, POLICY).startswith("Rule “Councils” (version 3)")
    assert queue_of(run.signals) == ("legal" if action == "route" else "")
    assert f"without {reason.code}" in verdict.explanation
    again = judge(run.signals, POLICY, failed=run.failed)
    assert again.to_json() == verdict.to_json()  # signals and policy suffice


def test_a_shadow_is_seen_and_weighs_nothing():
    text = rule(line("body", "word", "council"), action="reject")
    context = make_context("The council again.")
    run, verdict = judged(context, site_rules(text, shadow=True))
    assert [signal.code for signal in run.signals if signal.check == "rules"] == [SHADOW_CODE]
    without = judge(run_checks(context).signals, POLICY)
    assert verdict.to_json() == without.to_json()


def test_the_checks_decide_where_they_suffice():
    text = rule(line("links", "at_least", 1))
    run, verdict = judged(make_context("https://shop.example/ for you"), site_rules(text))
    assert verdict.outcome == Outcome.HOLD
    assert "rules.hold" in {reason.code for reason in verdict.reasons}
    assert deciding_rule(run.signals, verdict, POLICY) == ""


def rules_in(run: Run) -> list[Any]:
    return [signal.params["rule_id"] for signal in run.signals if signal.check == "rules"]


def test_rules_see_what_the_checks_found_and_scores_under_the_sites_policy():
    rules = site_rules(rule(line("signal", "equals", "links.*")), rule(line("score_abuse", "at_least", 1)))
    context = make_context("https://shop.example/ is full of fucking assholes")
    run = run_checks(context)
    assert rules_in(add_rules(run, context, rules, POLICY)) == ["rule-0", "rule-1"]
    harmless = replace(POLICY, weights={signal.code: 0.0 for signal in run.signals})
    assert rules_in(add_rules(run, context, rules, harmless)) == ["rule-0"]


def test_the_first_rule_that_routes_names_the_queue():
    texts = [rule(line("body", "word", "a"), action="route", queue=queue) for queue in ("first", "second")]
    run, _ = judged(make_context("a b"), site_rules(*texts))
    assert queue_of(run.signals) == "first"


def test_a_rule_with_a_bug_holds_the_comment(monkeypatch: pytest.MonkeyPatch):
    def burst(self: object, subject: object) -> None:
        raise RuntimeError("ada@reader.example")

    monkeypatch.setattr("moderation.engine.rules.matching.Matcher.match", burst)
    run, verdict = judged(make_context(), site_rules(rule(line("body", "word", "a"))))
    assert verdict.outcome == Outcome.HOLD
    assert run.failed == ("rules",)
    last = run.signals[-1]
    assert (last.code, last.params) == (CHECK_FAILED, {"check": "rules", "error": "RuntimeError"})


@pytest.mark.parametrize(("shadow", "outcome"), [(False, "hold"), (True, "publish")])
def test_a_rule_that_compiles_no_more_never_publishes_what_it_might_have_stopped(shadow, outcome):
    condition = Condition(Group.ALL, "body", Operator.MATCHES, ("(",))
    broken = replace(rule(line("body", "word", "a")), conditions=(condition,))
    _, verdict = judged(make_context(), site_rules(broken, shadow=shadow))
    assert verdict.outcome == outcome


def test_no_rules_cost_nothing():
    context = make_context()
    run = run_checks(context)
    assert add_rules(run, context, SiteRules(), POLICY) is run


def test_rules_do_not_see_each_other():
    signals = [Signal("rules.hold", Axis.QUALITY, 0, "rule"), Signal("links.count", Axis.SPAM, 1, "link")]
    rules = site_rules(rule(line("signal", "one_of", "links.*")))
    assert [s.code for s in match_rules(make_context(), signals, {}, rules)] == ["rules.hold"]
    assert match_rules(make_context(), signals[:1], {}, rules) == []
