"""The scale of attribute scores: from how rare a finding is among ordinary comments to a score of 0 to 1.

The numbers stand in `attribute_scale.json` with a version. They were fitted by `training.perspective_scale`
and are never changed without a new version, because people set thresholds by them.
"""

import json
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from moderation.language.models.cascade import is_encoder_used
from moderation.language.models.heads import Head
from moderation.language.models.judgement import AxisLogit, Judgement
from moderation.lib.odds import log_odds, sigmoid

SCALE_PATH = Path(__file__).parent / "attribute_scale.json"
_NARROWEST = 0.5  # log-odds between the two anchors, as in the model's check
_MOST_POINTS = 6.0
WORD_FEATURES = ("wordlist.mild", "wordlist.strong", "wordlist.severe")
Points = Sequence[tuple[float, float]]


def rarity(axis: AxisLogit) -> float:
    """0 where one harmless comment in 100 scores as high, 1 where one in 1,000 does: linear in the logit."""
    width = max(axis.one_in_1000 - axis.one_in_100, _NARROWEST)
    return (axis.logit - axis.one_in_100) / width


def toxicity_features(judgement: Judgement, points: Mapping[str, float]) -> dict[str, float]:
    """What tells how toxic an English text is: log-odds, and the points of word lists by code."""
    assert judgement.abuse is not None
    return {
        "abuse": judgement.abuse.logit,
        "insult": judgement.lines[Head.INSULT].logit,
        "profanity": log_odds(judgement.heads[Head.PROFANITY]),
        **{code: min(points.get(code, 0.0), _MOST_POINTS) for code in WORD_FEATURES},
    }


def toxicity_rarity(judgement: Judgement, points: Mapping[str, float]) -> float:
    """How rare the toxicity of an English text is, on the scale of `rarity`."""
    fitted = scale()["toxicity"]["both" if is_encoder_used() else "linear"]
    features = toxicity_features(judgement, points)
    index = sum(weight * features[name] for name, weight in fitted["weights"].items())
    return interpolate(index, fitted["rarity"]) - float(fitted["shift"])


def score_of_rarity(value: float) -> float:
    """The score, 0 to 1, of what is as rare as `value` (see `rarity`); rising throughout."""
    return sigmoid(interpolate(value, scale()["scores"]))


def scale_version() -> str:
    """The version of all numbers that scores are made with; without the encoder they are others."""
    version = str(scale()["version"])
    return version if is_encoder_used() else f"{version}-linear"


def interpolate(value: float, points: Points) -> float:
    """The line through `points` (x rising, y not falling) at `value`; level beyond both ends."""
    at = bisect_right(points, value, key=lambda point: point[0])
    if at == 0:
        return points[0][1]
    if at == len(points):
        return points[-1][1]
    (x0, y0), (x1, y1) = points[at - 1], points[at]
    return y0 + (y1 - y0) * (value - x0) / (x1 - x0)


@cache
def scale() -> Mapping[str, Any]:
    """All numbers of the scale."""
    numbers: Mapping[str, Any] = json.loads(SCALE_PATH.read_bytes())
    return numbers
