"""Thresholds that need no knowledge of points: presets, and thresholds fitted to a site's own comments."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from moderation.domain.signals import Axis, Signal
from moderation.domain.status import Outcome
from moderation.engine.verdict.policy import Policy
from moderation.engine.verdict.scoring import decide_outcome, score

# The share of harmless comments that may be held, and what part of it may count as spam.
DEFAULT_HOLD_SHARE = 0.01
_SPAM_SHARE_OF_HOLD = 0.1
# With fewer approved comments, the quantile at one in 100 would rest on fewer than three comments.
FEWEST_TO_FIT = 300
_STEP = 0.1  # thresholds are shown to people, so they are rounded


@dataclass(frozen=True, slots=True)
class Thresholds:
    """The points of a policy at and above which a comment is held or counts as spam."""

    hold_at: float
    abuse_hold_at: float
    spam_at: float

    @classmethod
    def of(cls, policy: Policy) -> "Thresholds":
        """The thresholds of a policy."""
        return cls(policy.hold_at, policy.abuse_hold_at, policy.spam_at)

    def within(self, policy: Policy) -> Policy:
        """The same policy with these thresholds."""
        return replace(policy, hold_at=self.hold_at, abuse_hold_at=self.abuse_hold_at, spam_at=self.spam_at)


class Preset(StrEnum):
    """Named thresholds, by how many comments they hold for moderators."""

    RELAXED = "relaxed"
    BALANCED = "balanced"
    STRICT = "strict"


# Fitted on the development rows in the mix of `training/calibrate.py`.
# Abuse: balanced holds about one harmless comment in 100, and its threshold equals the points of a listed
# threat or slur (4); relaxed is the strictest threshold that holds at most one in 200; strict is close to the
# fewest points that the models give for abuse.
# Doubt: the thresholds follow the points of single signals. Half a point more than relaxed would miss a fifth
# of the spam and hold one harmless comment in 1,000 fewer.
# Spam: no harmless row counted as spam with thresholds of 6 and more; 7 leaves a margin, and 8 is more than a
# link with a pitch can reach.
PRESETS = {
    Preset.RELAXED: Thresholds(hold_at=4.0, abuse_hold_at=5.5, spam_at=7.0),
    Preset.BALANCED: Thresholds(hold_at=3.0, abuse_hold_at=4.0, spam_at=6.0),
    Preset.STRICT: Thresholds(hold_at=2.0, abuse_hold_at=2.7, spam_at=5.0),
}


@dataclass(frozen=True, slots=True)
class Measured:
    """Shares of comments that a preset held or removed, in rows that were not used for training."""

    abuse: float  # of news comments that people rated toxic
    spam: float  # of spam comments, messages and titles
    harmless: float  # of harmless rows of sets that neither training nor fitting has used

    def __str__(self) -> str:
        """The shares in a sentence for people."""
        return (
            f"In our measurements it stopped {100 * self.abuse:.0f} of 100 toxic news comments, "
            f"{100 * self.spam:.0f} of 100 spam texts and {100 * self.harmless:.1f} of 100 harmless comments."
        )


# From the table of presets in docs/evaluation.md, which `run.py bench evaluation` writes; a test compares.
MEASURED = {
    Preset.RELAXED: Measured(abuse=0.457, spam=0.784, harmless=0.004),
    Preset.BALANCED: Measured(abuse=0.760, spam=0.900, harmless=0.013),
    Preset.STRICT: Measured(abuse=0.896, spam=0.965, harmless=0.034),
}
# The upper bounds of fitted thresholds, so that the worst comments are always held. The lower bounds are
# those of the strict preset.
_MOST = Thresholds(hold_at=8.0, abuse_hold_at=8.5, spam_at=12.0)


@dataclass(frozen=True, slots=True)
class Judged:
    """A screened comment whose outcome is known: its signals and their scores."""

    signals: tuple[Signal, ...]
    doubt: float
    abuse: float
    spam: float

    @classmethod
    def of(cls, signals: Sequence[Signal], policy: Policy) -> "Judged":
        """Add up `signals` with the weights and caps of a policy."""
        scores = score(signals, policy)
        return cls(tuple(signals), scores["doubt"], scores[Axis.ABUSE], scores[Axis.SPAM])


@dataclass(frozen=True, slots=True)
class Effect:
    """The effect of a policy on `total` comments: how many it would hold, and how many it would remove."""

    total: int
    held: int
    removed: int  # marked as spam, or rejected

    @property
    def percent(self) -> float | None:
        """The percentage of comments that are not published at once; None without comments."""
        return round(100 * (self.held + self.removed) / self.total, 1) if self.total else None


def measure_effect(comments: Sequence[Judged], policy: Policy) -> Effect:
    """The effect of a complete policy, including the codes that act whatever their points."""
    outcomes = [decide_outcome(each.signals, _scores(each), policy) for each in comments]
    held = outcomes.count(Outcome.HOLD)
    return Effect(len(outcomes), held, len(outcomes) - held - outcomes.count(Outcome.PUBLISH))


def fit_thresholds(approved: Sequence[Judged], share: float = DEFAULT_HOLD_SHARE) -> Thresholds | None:
    """The strictest thresholds at which at most `share` of the approved comments are held; None for fewer
    than `FEWEST_TO_FIT` comments.

    Doubt and abuse use the same quantile: the largest at which both together hold at most `share`. Spam uses
    the quantile at a tenth of `share`. The thresholds lie between the strict preset and `_MOST`.
    """
    if len(approved) < FEWEST_TO_FIT:
        return None
    allowed = math.floor(share * len(approved))
    doubts = sorted((each.doubt for each in approved), reverse=True)
    abuses = sorted((each.abuse for each in approved), reverse=True)
    strict = PRESETS[Preset.STRICT]
    hold_at, abuse_hold_at = _MOST.hold_at, _MOST.abuse_hold_at
    for rank in range(allowed + 1):  # `rank` comments reach each of the two
        tried = (
            _over(doubts[rank], strict.hold_at, _MOST.hold_at),
            _over(abuses[rank], strict.abuse_hold_at, _MOST.abuse_hold_at),
        )
        if sum(each.doubt >= tried[0] or each.abuse >= tried[1] for each in approved) > allowed:
            break
        hold_at, abuse_hold_at = tried
    spams = sorted((each.spam for each in approved), reverse=True)
    spam_rank = math.floor(_SPAM_SHARE_OF_HOLD * share * len(approved))
    spam_at = _over(spams[spam_rank], max(strict.spam_at, hold_at), _MOST.spam_at)
    return Thresholds(hold_at, abuse_hold_at, spam_at)


def _over(points: float, least: float, most: float) -> float:
    """The lowest multiple of `_STEP` that is higher than `points`, within the bounds."""
    return round(min(max(math.floor(points / _STEP + 1e-9) * _STEP + _STEP, least), most), 1)


def _scores(judged: Judged) -> dict[str, float]:
    return {"doubt": judged.doubt, Axis.ABUSE.value: judged.abuse, Axis.SPAM.value: judged.spam}
