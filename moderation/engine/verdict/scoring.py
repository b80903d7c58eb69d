"""Adds up signals with weights and caps for each family, and derives the outcome from the scores."""

import math
from collections.abc import Mapping, Sequence
from itertools import groupby

from moderation.domain.rules import RULE_CODES
from moderation.domain.signals import (
    CHECK_FAILED,
    NO_WORK,
    REMOTE_UNAVAILABLE,
    USED_WORK,
    WRONG_WORK,
    Axis,
    Signal,
)
from moderation.domain.status import Outcome
from moderation.engine.verdict.defaults import OTHER_FAMILIES_CAP
from moderation.engine.verdict.policy import Policy

# These codes hold a comment whatever the policy is: no comment is published without a report from every
# check. (If a site has chosen to ignore failures of an outside service, the `remote` check emits another
# code.) The same goes for a missing proof of work: the site says elsewhere when it asks for one.
ALWAYS_HOLD = frozenset({CHECK_FAILED, REMOTE_UNAVAILABLE, NO_WORK, WRONG_WORK, USED_WORK})
SHARED_MODEL = "model."  # how the codes of the shared model begin
# From mild to severe: an additional suspicious signal never makes an outcome milder.
SEVERITY = (Outcome.PUBLISH, Outcome.HOLD, Outcome.SPAM, Outcome.REJECT)


def score(signals: Sequence[Signal], policy: Policy) -> dict[str, float]:
    """The points for each axis after weights and caps, and `doubt`: spam plus quality minus trust.

    Trust is subtracted from spam as well. Neither is below 0.
    """
    counted = count_points(signals, policy)
    scores = {axis.value: _axis_score(counted, axis, policy) for axis in Axis}
    trust = scores[Axis.TRUST]
    doubt = scores[Axis.SPAM] + scores[Axis.QUALITY] - trust
    scores[Axis.SPAM.value] = round(max(0.0, scores[Axis.SPAM] - trust), 3)
    scores["doubt"] = round(max(0.0, doubt), 3)
    return scores


def _axis_score(counted: Sequence[tuple[Signal, float]], axis: Axis, policy: Policy) -> float:
    on_axis = sorted((each for each in counted if each[0].axis == axis), key=lambda each: each[0].family)
    families = groupby(on_axis, key=lambda each: each[0].family)
    return round(
        math.fsum(
            min(
                policy.family_caps.get(family, OTHER_FAMILIES_CAP),
                math.fsum(points for _, points in members),
            )
            for family, members in families
        ),
        3,
    )


def count_points(signals: Sequence[Signal], policy: Policy) -> list[tuple[Signal, float]]:
    """Each signal with its weighted points, less points of the shared model that a filter takes back."""
    relieved = {signal.relieves for signal in signals if signal.relieves}
    left = {axis: _left_of_model(signals, axis, policy) for axis in relieved}
    return [(signal, _counted(signal, left.get(signal.axis, 1.0), policy)) for signal in signals]


def _counted(signal: Signal, left: float, policy: Policy) -> float:
    if signal.relieves:
        return 0.0
    return weigh(signal, policy) * (left if _is_model(signal) else 1.0)


def _left_of_model(signals: Sequence[Signal], axis: Axis, policy: Policy) -> float:
    """The share of the shared model's points on an axis that is not taken back."""
    given = math.fsum(weigh(s, policy) for s in signals if s.axis == axis and _is_model(s))
    taken = math.fsum(weigh(s, policy) for s in signals if s.relieves == axis)
    return max(0.0, given - taken) / given if given > 0 else 1.0


def _is_model(signal: Signal) -> bool:
    return signal.code.startswith(SHARED_MODEL)


def weigh(signal: Signal, policy: Policy) -> float:
    """The points of a signal times its confidence and the site's weight for its code."""
    return max(0.0, signal.points * signal.confidence * policy.weights.get(signal.code, 1.0))


def is_milder(outcome: Outcome, than: Outcome) -> bool:
    """Whether one outcome is less severe than another."""
    return SEVERITY.index(outcome) < SEVERITY.index(than)


def outcome_of(signals: Sequence[Signal], policy: Policy) -> Outcome:
    """The outcome of `signals`, by their codes and scores."""
    return decide_outcome(signals, score(signals, policy), policy)


def decide_outcome(signals: Sequence[Signal], scores: Mapping[str, float], policy: Policy) -> Outcome:
    """The severest outcome that codes, rules or scores lead to."""
    codes = {signal.code for signal in signals}
    if codes & (policy.reject_codes | RULE_CODES[Outcome.REJECT]):
        return Outcome.REJECT
    if codes & (policy.spam_codes | RULE_CODES[Outcome.SPAM]) or scores[Axis.SPAM] >= policy.spam_at:
        return Outcome.SPAM
    if (
        policy.premoderate
        or codes & ALWAYS_HOLD
        or codes & (policy.hold_codes | RULE_CODES[Outcome.HOLD])
        or scores["doubt"] >= policy.hold_at
        or scores[Axis.ABUSE] >= policy.abuse_hold_at
    ):
        return Outcome.HOLD
    return Outcome.PUBLISH
