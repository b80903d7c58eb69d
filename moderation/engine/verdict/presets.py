"""Thresholds for people who do not think in points: presets, and those that fit a site's own comments."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from moderation.domain.signals import Axis, Signal
from moderation.domain.status import Outcome
from moderation.engine.verdict.policy import Policy
from moderation.engine.verdict.scoring import decide_outcome, score

# The share of harmless comments that may be held, and the one that may be taken for spam.
DEFAULT_HOLD_SHARE = 0.01
_SPAM_SHARE_OF_HOLD = 0.1
# Below this many approved comments, one in a hundred is a handful of accidents.
FEWEST_TO_FIT = 300
_STEP = 0.1  # thresholds are told to people, so they are round


@dataclass(frozen=True, slots=True)
class Thresholds:
    """The points of a policy from which on a comment is held or counts as spam."""

    hold_at: float
    abuse_hold_at: float
    spam_at: float

    @classmethod
    def of(cls, policy: Policy) -> "Thresholds":
        """Those of a policy."""
        return cls(policy.hold_at, policy.abuse_hold_at, policy.spam_at)

    def within(self, policy: Policy) -> Policy:
        """The same policy with these thresholds."""
        return replace(policy, hold_at=self.hold_at, abuse_hold_at=self.abuse_hold_at, spam_at=self.spam_at)


class Preset(StrEnum):
    """How much is left to people."""

    RELAXED = "relaxed"
    BALANCED = "balanced"
    STRICT = "strict"


# Fitted on the development rows in the mix of `training/calibrate.py`. For abuse, balanced holds about one
# harmless comment in 100, and a listed threat or slur (4 points) just so; relaxed is the strictest that
# holds one in 200 at most; strict is close to the faintest hint of abuse that the models give at all. For
# doubt they follow the points that single signals give: half a point more than relaxed would cost a fifth
# of the spam and spare one harmless comment in 1,000. From 6 points on none of the harmless rows counted as
# spam; 7 keeps a distance, and 8 is more than a link with a pitch can reach.
PRESETS = {
    Preset.RELAXED: Thresholds(hold_at=4.0, abuse_hold_at=5.5, spam_at=7.0),
    Preset.BALANCED: Thresholds(hold_at=3.0, abuse_hold_at=4.0, spam_at=6.0),
    Preset.STRICT: Thresholds(hold_at=2.0, abuse_hold_at=2.7, spam_at=5.0),
}


@dataclass(frozen=True, slots=True)
class Measured:
    """Shares of comments that a preset held, or worse, in rows that no training saw."""

    abuse: float  # of news comments that people rated toxic
    spam: float  # of spam comments, messages and titles
    harmless: float  # of harmless rows of sets that neither training nor fitting has used

    def __str__(self) -> str:
        """In a sentence for people."""
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
# Fitting moves between these: never stricter than strict, and the worst is always looked at.
_MOST = Thresholds(hold_at=8.0, abuse_hold_at=8.5, spam_at=12.0)


@dataclass(frozen=True, slots=True)
class Judged:
    """A comment that was screened and whose fate is known: its signals, and what they add up to."""

    signals: tuple[Signal, ...]
    doubt: float
    abuse: float
    spam: float

    @classmethod
    def of(cls, signals: Sequence[Signal], policy: Policy) -> "Judged":
        """Add up by a policy's weights and caps."""
        scores = score(signals, policy)
        return cls(tuple(signals), scores["doubt"], scores[Axis.ABUSE], scores[Axis.SPAM])


@dataclass(frozen=True, slots=True)
class Effect:
    """What a policy would do: how many of `total` it holds, and how many it takes for worse."""

    total: int
    held: int
    removed: int  # marked as spam, or rejected

    @property
    def percent(self) -> float | None:
        """The percentage that is not published at once; None if there are none."""
        return round(100 * (self.held + self.removed) / self.total, 1) if self.total else None


def tell_effect(comments: Sequence[Judged], policy: Policy) -> Effect:
    """What the whole policy, its hard codes too, would do with these comments."""
    outcomes = [decide_outcome(each.signals, _scores(each), policy) for each in comments]
    held = outcomes.count(Outcome.HOLD)
    return Effect(len(outcomes), held, len(outcomes) - held - outcomes.count(Outcome.PUBLISH))


def fit_thresholds(approved: Sequence[Judged], share: float = DEFAULT_HOLD_SHARE) -> Thresholds | None:
    """The strictest thresholds that at most `share` of the approved comments reach, None while there
    are fewer than `FEWEST_TO_FIT`.

    Doubt and abuse get the same quantile, as deep as both together allow; spam a tenth of the
    share. Bounded by the strict preset on one side, by `_MOST` on the other.
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
    """The lowest round threshold that `points` do not reach, within the bounds."""
    return round(min(max(math.floor(points / _STEP + 1e-9) * _STEP + _STEP, least), most), 1)


def _scores(judged: Judged) -> dict[str, float]:
    return {"doubt": judged.doubt, Axis.ABUSE.value: judged.abuse, Axis.SPAM.value: judged.spam}
