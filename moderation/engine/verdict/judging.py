"""Turns signals into a verdict: a pure function of the signals and the site's policy."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from moderation.domain.rules import RULE_CODES
from moderation.domain.signals import CHECK_FAILED, Axis, Param, Signal, Span
from moderation.domain.status import Outcome
from moderation.engine.check import failed_check
from moderation.engine.verdict.explain import explain_signals
from moderation.engine.verdict.policy import Policy
from moderation.engine.verdict.scoring import ALWAYS_HOLD, count_points, decide_outcome, score

PREMODERATED = "policy.premoderated"


@dataclass(frozen=True, slots=True)
class VerdictReason:
    """A signal that contributed to the verdict. `points` are weighted, before the family's cap."""

    code: str
    axis: Axis
    points: float
    params: Mapping[str, Param]
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Verdict:
    """The outcome under a policy, with its reasons and an explanation of what would change it."""

    outcome: Outcome
    scores: Mapping[str, float]
    reasons: tuple[VerdictReason, ...]
    explanation: str
    policy_version: int

    def to_json(self) -> str:
        """Canonical: the same signals and policy give the same bytes."""
        value = {
            "outcome": self.outcome.value,
            "scores": dict(self.scores),
            "reasons": [reason_to_json(reason) for reason in self.reasons],
            "explanation": self.explanation,
            "policy_version": self.policy_version,
        }
        return json.dumps(value, sort_keys=True, ensure_ascii=True, separators=(",", ":"))


def judge(
    signals: Sequence[Signal], policy: Policy, *, failed: Sequence[str] = (), explains: bool = True
) -> Verdict:
    """The verdict on `signals`; `failed` names the checks that did not report.

    The explanation takes longer than the verdict itself: it is left empty unless `explains`.
    """
    signals = _with_failures(signals, failed)
    scores = score(signals, policy)
    outcome = decide_outcome(signals, scores, policy)
    return Verdict(
        outcome=outcome,
        scores=scores,
        reasons=_reasons(signals, outcome, scores, policy),
        explanation=explain_signals(signals, policy) if explains else "",
        policy_version=policy.version,
    )


def explain(signals: Sequence[Signal], policy: Policy, *, failed: Sequence[str] = ()) -> str:
    """The explanation of the verdict on `signals`: a milder outcome first, then severer ones."""
    return explain_signals(_with_failures(signals, failed), policy)


def _with_failures(signals: Sequence[Signal], failed: Sequence[str]) -> list[Signal]:
    """`signals`, with a failure signal added for each failed check that has none."""
    known = {signal.params.get("check") for signal in signals if signal.code == CHECK_FAILED}
    missing = [failed_check(name) for name in sorted(set(failed) - known)]
    return [*signals, *missing]


def _hard_codes(outcome: Outcome, policy: Policy) -> frozenset[str]:
    by_outcome = {
        Outcome.PUBLISH: frozenset[str](),
        Outcome.HOLD: policy.hold_codes | ALWAYS_HOLD,
        Outcome.SPAM: policy.spam_codes,
        Outcome.REJECT: policy.reject_codes,
    }
    return by_outcome[outcome] | RULE_CODES[outcome]


def _reasons(
    signals: Sequence[Signal], outcome: Outcome, scores: Mapping[str, float], policy: Policy
) -> tuple[VerdictReason, ...]:
    """The signals that contributed to the outcome: first those with a decisive code, then by points."""
    if outcome == Outcome.PUBLISH:
        return ()
    axes: set[Axis] = set()
    if outcome == Outcome.SPAM and scores[Axis.SPAM] >= policy.spam_at:
        axes = {Axis.SPAM}
    elif outcome == Outcome.HOLD:
        axes = {Axis.SPAM, Axis.QUALITY, Axis.ABUSE}
    hard = _hard_codes(outcome, policy)
    carried = [
        VerdictReason(signal.code, signal.axis, round(points, 3), signal.params, signal.spans)
        for signal, points in count_points(signals, policy)
        if signal.code in hard or (signal.axis in axes and points > 0)
    ]
    carried.sort(key=lambda reason: (reason.code not in hard, -reason.points, reason.code, _starts(reason)))
    if outcome == Outcome.HOLD and policy.premoderate:
        carried.append(VerdictReason(PREMODERATED, Axis.QUALITY, 0.0, {}, ()))
    return tuple(carried)


def _starts(reason: VerdictReason) -> list[tuple[int, int]]:
    return [(span.start, span.end) for span in reason.spans]


def reason_to_json(reason: VerdictReason) -> dict[str, Any]:
    """`reason` as plain JSON values, for storage and for comparison."""
    return {
        "code": reason.code,
        "axis": reason.axis.value,
        "points": reason.points,
        "params": dict(reason.params),
        "spans": [[span.start, span.end, span.field.value] for span in reason.spans],
    }
