"""Rates one text as screening would, for evaluation: a ranking score, a probability, and the action."""

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

# How much a point of another check adds to the models' log-odds in the ranking score: less with the encoder,
# which already considers listed words in their context.
_LOG_ODDS_PER_POINT, _LOG_ODDS_PER_POINT_WITH_ENCODER = 0.6, 0.3
_UNJUDGED = -3.0  # the log-odds for a text in a language that no head judges

_NOWHERE = SiteFacts(site_id="")


@dataclass(frozen=True, slots=True)
class Rating:
    """`score` ranks texts on one axis; `probability` is that of the models; `points` is the policy's score on
    that axis; `acted` tells whether the points reach the threshold for holding.
    """

    score: float
    probability: float
    points: float
    acted: bool


def rate(text: str, axis: Axis, policy: Policy, *, author: str = "", website: str = "") -> Rating:
    """Rate a text on one axis. All local checks run, for an unknown author on a site without settings."""
    folded = normalise(text)
    context = Context(text, folded, author, website, "", _NOWHERE)
    signals = [signal for signal in run_checks(context).signals if signal.axis == axis]
    judgement = judge(folded)
    found = judgement.abuse if axis == Axis.ABUSE else judgement.spam
    logit = found.logit if found else _UNJUDGED
    others = sum(signal.points for signal in signals if signal.check != "model")
    has_encoder = axis == Axis.ABUSE and is_encoder_used()
    log_odds_per_point = _LOG_ODDS_PER_POINT_WITH_ENCODER if has_encoder else _LOG_ODDS_PER_POINT
    points = score(signals, policy)[axis]
    return Rating(
        score=logit + log_odds_per_point * min(others, 10.0),
        probability=sigmoid(logit),
        points=points,
        acted=points >= hold_threshold(axis, Thresholds.of(policy)),
    )


def hold_threshold(axis: Axis, thresholds: Thresholds) -> float:
    """The points on an axis at and above which a text is held."""
    return thresholds.abuse_hold_at if axis == Axis.ABUSE else thresholds.hold_at
