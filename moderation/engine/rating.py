"""Rate one text as screening would, for evaluation: a score that ranks it, odds, and the act."""

from dataclasses import dataclass

from moderation.domain.signals import Axis
from moderation.engine.facts import Context, SiteFacts
from moderation.engine.run import run_checks
from moderation.engine.verdict.policy import Policy
from moderation.engine.verdict.presets import Thresholds
from moderation.engine.verdict.scoring import score
from moderation.language.fold.normalise import normalise
from moderation.language.models.cascade import is_encoder_used
from moderation.language.models.judgement import judge
from moderation.lib.odds import sigmoid

# What a point of another check is worth beside the models' log-odds, in the order of texts only: less
# where the encoder spoke, which knows the listed words and what they are used for.
_POINT_BESIDE_LINEAR, _POINT_BESIDE_BOTH = 0.6, 0.3
_UNJUDGED = -3.0  # the log-odds of a text in a language that no head reads

_NOWHERE = SiteFacts(site_id="")


@dataclass(frozen=True, slots=True)
class Rating:
    """`score` ranks texts along one axis; `odds` is the models' probability; `points` are those that the
    policy counts on that axis; `acted` tells whether it would hold the text for them, or worse.
    """

    score: float
    odds: float
    points: float
    acted: bool


def rate(text: str, axis: Axis, policy: Policy, *, author: str = "", website: str = "") -> Rating:
    """Every local check runs over a text of an unknown author on a site that says nothing of itself."""
    folded = normalise(text)
    context = Context(text, folded, author, website, "", _NOWHERE)
    signals = [signal for signal in run_checks(context).signals if signal.axis == axis]
    judgement = judge(folded)
    found = judgement.abuse if axis == Axis.ABUSE else judgement.spam
    logit = found.logit if found else _UNJUDGED
    others = sum(signal.points for signal in signals if signal.check != "model")
    point = _POINT_BESIDE_BOTH if axis == Axis.ABUSE and is_encoder_used() else _POINT_BESIDE_LINEAR
    points = score(signals, policy)[axis]
    return Rating(
        score=logit + point * min(others, 10.0),
        odds=sigmoid(logit),
        points=points,
        acted=points >= line_of(axis, Thresholds.of(policy)),
    )


def line_of(axis: Axis, thresholds: Thresholds) -> float:
    """The points on an axis from which thresholds hold a text."""
    return thresholds.abuse_hold_at if axis == Axis.ABUSE else thresholds.hold_at
