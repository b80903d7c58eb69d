"""Verdicts for callers who tell nothing of an author's record. Pure."""

from collections.abc import Sequence

from moderation.compat.analysis import Analysis
from moderation.domain.signals import Axis, Signal
from moderation.domain.status import Outcome
from moderation.engine.verdict.judging import Verdict, judge
from moderation.engine.verdict.policy import Policy

# Says that an author without a published comment sends a link. Here every author would be such a one.
_NEEDS_A_RECORD = "links.first_link"


def judge_stranger(analysis: Analysis, policy: Policy) -> Verdict:
    """The site's verdict without what only an author's missing record speaks for."""
    signals = [signal for signal in analysis.run.signals if signal.code != _NEEDS_A_RECORD]
    if len(signals) == len(analysis.run.signals):
        return analysis.verdict
    return judge(signals, policy, failed=analysis.run.failed, explains=False)


def is_abuse(verdict: Verdict, signals: Sequence[Signal], policy: Policy) -> bool:
    """Whether the site holds or refuses a text for what it says to or of people."""
    if verdict.outcome == Outcome.PUBLISH:
        return False
    acting = policy.hold_codes | policy.spam_codes | policy.reject_codes
    return verdict.scores[Axis.ABUSE] >= policy.abuse_hold_at or any(
        signal.axis == Axis.ABUSE and signal.code in acting for signal in signals
    )
