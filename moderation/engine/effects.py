"""What matching rules mean beyond the outcome: which rule decided, and which queue the comment is in."""

from collections.abc import Sequence

from moderation.domain.rules import ACTION_CODES, CODE_PREFIX, RULE_CODES, RuleAction
from moderation.domain.signals import Signal
from moderation.engine.sentences import say
from moderation.engine.verdict.judging import Verdict
from moderation.engine.verdict.policy import Policy
from moderation.engine.verdict.scoring import decide_outcome


def deciding_rule(signals: Sequence[Signal], verdict: Verdict, policy: Policy) -> str:
    """The sentence of a rule that decided the outcome; empty if the checks alone have the same outcome."""
    rules = [signal for signal in signals if signal.code in RULE_CODES[verdict.outcome]]
    if not rules:
        return ""
    checks = [signal for signal in signals if not signal.code.startswith(CODE_PREFIX)]
    if decide_outcome(checks, verdict.scores, policy) == verdict.outcome:
        return ""
    return say(rules[0].code, rules[0].params)


def queue_of(signals: Sequence[Signal]) -> str:
    """The queue of the first matching rule that routes comments; empty without one."""
    route = ACTION_CODES[RuleAction.ROUTE]
    return next((str(signal.params["queue"]) for signal in signals if signal.code == route), "")
