"""Explains a verdict in one line by the smallest change that would make it milder."""

from collections.abc import Mapping, Sequence

from moderation.domain.signals import Axis, Signal
from moderation.domain.status import Outcome
from moderation.engine.verdict.policy import Policy
from moderation.engine.verdict.scoring import count_points, decide_outcome, is_milder, outcome_of, score

# The outcomes in words.
DONE_WORDS = {
    Outcome.PUBLISH: "published",
    Outcome.HOLD: "held",
    Outcome.SPAM: "marked as spam",
    Outcome.REJECT: "rejected",
}


def explain_signals(signals: Sequence[Signal], policy: Policy) -> str:
    """One line: the outcome, the codes without which it would be milder, the points to severer outcomes."""
    scores = score(signals, policy)
    outcome = decide_outcome(signals, scores, policy)
    parts = [f"{DONE_WORDS[outcome]}"]
    if outcome != Outcome.PUBLISH:
        parts.append(_milder_without(signals, outcome, policy))
    parts.extend(_distances(scores, outcome, policy))
    line = "; ".join(parts)
    return line[0].upper() + line[1:] + "."


def _milder_without(signals: Sequence[Signal], outcome: Outcome, policy: Policy) -> str:
    """A minimal set of codes without which the outcome is milder; of single ones, that with fewest points."""
    weights: dict[str, float] = {}
    for signal, points in count_points(signals, policy):
        if signal.axis != Axis.TRUST:
            weights[signal.code] = weights.get(signal.code, 0.0) + points
    by_weight = sorted(weights, key=lambda code: (weights[code], code))
    for code in by_weight:
        milder = _outcome_without({code}, signals, policy)
        if is_milder(milder, outcome):
            return f"would be {DONE_WORDS[milder]} without {code}"
    dropped: list[str] = []
    for code in reversed(by_weight):
        dropped.append(code)
        milder = _outcome_without(set(dropped), signals, policy)
        if is_milder(milder, outcome):
            needed = _needed(dropped, signals, outcome, policy)
            return f"would be {DONE_WORDS[milder]} without {' and '.join(needed)}"
    return "because this site holds every comment"


def _needed(dropped: list[str], signals: Sequence[Signal], outcome: Outcome, policy: Policy) -> list[str]:
    """`dropped` without the codes that make no difference."""
    needed = list(dropped)
    for code in dropped:
        fewer = [other for other in needed if other != code]
        if is_milder(_outcome_without(set(fewer), signals, policy), outcome):
            needed = fewer
    return sorted(needed)


def _outcome_without(codes: set[str], signals: Sequence[Signal], policy: Policy) -> Outcome:
    remaining = [signal for signal in signals if signal.code not in codes]
    return outcome_of(remaining, policy)


def _distances(scores: Mapping[str, float], outcome: Outcome, policy: Policy) -> list[str]:
    """How many points are missing to the next severer outcome, for each score that leads to it."""
    distances = []
    if outcome == Outcome.PUBLISH:
        distances.append(f"{policy.hold_at - scores['doubt']:.1f} points of doubt under the line for holding")
        if scores[Axis.ABUSE] > 0:
            missing = policy.abuse_hold_at - scores[Axis.ABUSE]
            distances.append(f"{missing:.1f} points of abuse under it")
    if outcome == Outcome.HOLD:
        distances.append(f"{policy.spam_at - scores[Axis.SPAM]:.1f} points under the line for spam")
    return distances
