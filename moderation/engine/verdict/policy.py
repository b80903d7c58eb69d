"""Turn signals into a verdict: a pure function of the signals and the site's policy."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from moderation.domain.rules import RULE_CODES
from moderation.domain.signals import Axis, Param, Signal, Span
from moderation.domain.status import Outcome
from moderation.engine.verdict.defaults import DEFAULTS, current_defaults
from moderation.engine.verdict.deviations import settings_with
from moderation.engine.verdict.explain import explain_signals
from moderation.engine.verdict.policy_io import policy_fields, settings_of, stored_fields
from moderation.engine.verdict.scoring import ALWAYS_HOLD, CHECK_FAILED, count_points, decide_outcome, score

PREMODERATED = "policy.premoderated"

_DEFAULTS = stored_fields(current_defaults())


@dataclass(frozen=True, slots=True)
class Policy:
    """What a site makes of evidence. Points at or over a threshold count.

    `spam_at`: spam; `hold_at`: doubt (spam and quality together); `abuse_hold_at`: abuse. A code
    in `reject_codes`, `spam_codes` or `hold_codes` acts whatever its points. `weights` multiply
    points per code; `family_caps` bound what correlated signals add up to. So many of 100 comments that
    are published without a person are shown to one afterwards (`sample_percent`).
    """

    version: int
    spam_at: float = _DEFAULTS["spam_at"]
    hold_at: float = _DEFAULTS["hold_at"]
    abuse_hold_at: float = _DEFAULTS["abuse_hold_at"]
    weights: Mapping[str, float] = field(default_factory=lambda: _DEFAULTS["weights"])
    family_caps: Mapping[str, float] = field(default_factory=lambda: _DEFAULTS["family_caps"])
    hold_codes: frozenset[str] = _DEFAULTS["hold_codes"]
    spam_codes: frozenset[str] = _DEFAULTS["spam_codes"]
    reject_codes: frozenset[str] = _DEFAULTS["reject_codes"]
    premoderate: bool = _DEFAULTS["premoderate"]
    sample_percent: float = _DEFAULTS["sample_percent"]

    @classmethod
    def from_settings(cls, settings: Mapping[str, Any], version: int) -> "Policy":
        """The policy that somebody asks for; what is missing has today's default.

        Raises `ValueError` whose message begins with the field that is wrong.
        """
        policy = cls(version=version, **policy_fields(settings))
        if policy.hold_at > policy.spam_at:
            raise ValueError("hold_at: must not be above spam_at")
        return policy

    @classmethod
    def from_stored(cls, deviations: Mapping[str, Any], version: int, defaults_version: int) -> "Policy":
        """The policy that a site stored, as it acted in its time: what it changed in its defaults.

        Raises `ValueError` for defaults of a later release.
        """
        if defaults_version not in DEFAULTS:
            raise ValueError(f"defaults_version: {defaults_version} is not known to this release")
        return cls(version=version, **stored_fields(settings_with(deviations, DEFAULTS[defaults_version])))

    def to_settings(self) -> dict[str, Any]:
        """Plain JSON values from which `from_settings` makes this policy again."""
        return settings_of(self)


@dataclass(frozen=True, slots=True)
class VerdictReason:
    """A signal that carried the verdict. `points` are weighted, before the family's cap."""

    code: str
    axis: Axis
    points: float
    params: Mapping[str, Param]
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the policy says, why, and what would change it."""

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


def default_policy() -> Policy:
    """Publish what is clean; hold a first comment with a link, and any doubt."""
    return Policy(version=0)


def judge(signals: Sequence[Signal], policy: Policy, *, failed: Sequence[str] = ()) -> Verdict:
    """The verdict on `signals`; `failed` names the checks that did not report."""
    signals = _with_failures(signals, failed)
    scores = score(signals, policy)
    outcome = decide_outcome(signals, scores, policy)
    return Verdict(
        outcome=outcome,
        scores=scores,
        reasons=_reasons(signals, outcome, scores, policy),
        explanation=explain_signals(signals, policy),
        policy_version=policy.version,
    )


def explain(signals: Sequence[Signal], policy: Policy, *, failed: Sequence[str] = ()) -> str:
    """The smallest changes that would flip the verdict, milder first."""
    return explain_signals(_with_failures(signals, failed), policy)


def _with_failures(signals: Sequence[Signal], failed: Sequence[str]) -> list[Signal]:
    """`signals` with one for each failed check that left none of its own."""
    known = {signal.params.get("check") for signal in signals if signal.code == CHECK_FAILED}
    missing = [
        Signal(CHECK_FAILED, Axis.QUALITY, 0.0, "engine", params={"check": name})
        for name in sorted(set(failed) - known)
    ]
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
    """What carried the outcome: hard codes first, then by points."""
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
