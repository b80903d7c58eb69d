"""The scale of attribute scores: from how rare a finding is among harmless comments to 0..1.

The numbers stand in `attribute_scale.json` with a version. They are fitted by `manage.py evaluate_perspective
--fit` and never changed without a new version, because people set thresholds by them.
"""

import json
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from moderation.language.models.judgement import AxisLogit

SCALE_PATH = Path(__file__).parent / "attribute_scale.json"
_NARROWEST = 0.5  # log-odds between the two anchors, as in the model's check
Points = Sequence[tuple[float, float]]


def rarity(axis: AxisLogit) -> float:
    """0 where one harmless comment in 100 scores as high, 1 where one in 1,000 does: linear in the logit."""
    width = max(axis.one_in_1000 - axis.one_in_100, _NARROWEST)
    return (axis.logit - axis.one_in_100) / width


def score_of_rarity(value: float) -> float:
    """The score, 0 to 1, of what is as rare as `value` (see `rarity`); rising throughout."""
    return interpolate(value, _scale()["rarity"])


def scale_version() -> str:
    """The version of all numbers that scores are made with."""
    return str(_scale()["version"])


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
def _scale() -> Mapping[str, Any]:
    scale: Mapping[str, Any] = json.loads(SCALE_PATH.read_bytes())
    return scale
