"""Fit the scale of attribute scores: `python -m training.perspective_scale --data FILE --version NAME`.

FILE has JSON lines with `text`, `split` and `perspective`, the TOXICITY score that Perspective gave the text.
Two things are fitted to the rows of the split `train`: an index of toxicity (what the heads and word
lists of this service say, weighed so that it comes near Perspective's log-odds; no weight is negative), and
curves by which a score selects the share of ordinary comments that the same score of Perspective selects.
The models were trained on those rows, too, and find fewer of them toxic than of rows that they never saw. A
number with and without the encoder, the shift, makes up for that: set on every second row of the split `dev`.
"""

import argparse
import gzip
import json
import math
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from moderation.engine.attribute_scale import SCALE_PATH, scale, toxicity_features
from moderation.engine.attributes import Attribute, largest_points, rarity_of
from moderation.engine.facts import Context, SiteFacts
from moderation.engine.run import run_checks
from moderation.language.fold.normalise import normalise
from moderation.language.models.cascade import linear_alone
from moderation.language.models.judgement import Judgement, judge
from moderation.lib.odds import log_odds

Numbers = npt.NDArray[np.float64]
# The shares of ordinary comments at which curves are anchored. Under the last, too few rows are left: the
# curves go on straight, as steep as they are between the shares of the tail.
ANCHORS = (0.99, 0.9, 0.75, 0.5, 0.25, 0.1, 0.05, 0.025, 0.01)
TAIL = (0.05, 0.025, 0.02, 0.01, 0.005, 0.002, 0.001)
SHIFT_SHARES = (0.1, 0.05, 0.025)
FURTHEST = 3.0  # the rarity at which curves end: one comment in 100,000
# Rows that Perspective scored above this weigh more: all thresholds that people set are far above the rest.
TELLING_FROM, TELLING_WEIGHT = 0.3, 10.0
STEPS = 20_000


@dataclass(frozen=True, slots=True)
class ScoredRow:
    """One text as our models see it, with Perspective's score."""

    score: float
    judgement: Judgement
    points: Mapping[str, float]

    @property
    def is_english(self) -> bool:
        """Whether the English heads judged it."""
        return self.judgement.language == "en"


def read_rows(path: Path, split: str, *, with_encoder: bool) -> list[ScoredRow]:
    """Every row of a split, as the service judges it with or without the encoder."""
    rows = []
    with gzip.open(path, "rt", encoding="utf-8") as lines, nullcontext() if with_encoder else linear_alone():
        for line in lines:
            row = json.loads(line)
            if row["split"] != split:
                continue
            folded = normalise(row["text"])
            run = run_checks(Context(row["text"], folded, "", "", "", SiteFacts(site_id="")))
            rows.append(ScoredRow(row["perspective"], judge(folded), largest_points(run)))
    return rows


def fit_index(rows: Sequence[ScoredRow]) -> dict[str, Any]:
    """The weights of the index, and the curve from the index to rarity."""
    english = [row for row in rows if row.is_english]
    features = [toxicity_features(row.judgement, row.points) for row in english]
    names = list(features[0])
    values = np.array([[each[name] for name in names] for each in features])
    scores = np.array([row.score for row in english])
    target = np.array([log_odds(min(max(score, 0.005), 0.995)) for score in scores])
    weights = fit_not_negative(values, target, np.where(scores > TELLING_FROM, 1 + TELLING_WEIGHT, 1.0))
    kept = {
        name: round(float(weight), 5) for name, weight in zip(names, weights, strict=True) if weight > 1e-4
    }
    index = np.array([sum(kept[name] * each[name] for name in kept) for each in features])
    curve = [(quantile(index, share), rarity_of_share(share)) for share in ANCHORS]
    slope = slope_of([(quantile(index, share), rarity_of_share(share)) for share in TAIL])
    return {"weights": kept, "rarity": extend(curve, slope, until=FURTHEST), "shift": 0.0}


def fit_scores(rows: Sequence[ScoredRow]) -> list[list[float]]:
    """The curve from the final rarity of toxicity to Perspective's log-odds, by equal shares."""
    rarities = np.array([rarity_of(Attribute.TOXICITY, row.judgement, row.points) for row in rows])
    scores = np.array([row.score for row in rows])
    pairs = {
        share: (quantile(rarities, share), log_odds(quantile(scores, share))) for share in (*ANCHORS, *TAIL)
    }
    curve = [pairs[share] for share in ANCHORS]
    slope = slope_of([pairs[share] for share in TAIL])
    last_x, last_y = curve[-1]
    return [*rounded(curve), *rounded([(FURTHEST, last_y + slope * (FURTHEST - last_x))])]


def fit_shift(train: Sequence[ScoredRow], unseen: Sequence[ScoredRow]) -> float:
    """How much rarer unseen rows look than they are: by how much more often than Perspective's score of the
    same share the final rarity passes its line of the train rows, in powers of ten.
    """
    lines = np.array([rarity_of(Attribute.TOXICITY, row.judgement, row.points) for row in train])
    scores = np.array([row.score for row in train])
    ours = np.array([rarity_of(Attribute.TOXICITY, row.judgement, row.points) for row in unseen])
    theirs = np.array([row.score for row in unseen])
    logs = []
    for share in SHIFT_SHARES:
        passed = float((ours >= quantile(lines, share)).mean())
        expected = float((theirs >= quantile(scores, share)).mean())
        if passed > 0 and expected > 0:
            logs.append(math.log10(passed / expected))
    return round(float(np.mean(logs)), 3) if logs else 0.0


def fit_not_negative(values: Numbers, target: Numbers, sample_weights: Numbers) -> Numbers:
    """Least squares with a free intercept, and no weight under 0 (projected gradient, on scaled columns)."""
    spread = values.std(axis=0) + 1e-9
    columns = np.c_[(values - values.mean(axis=0)) / spread, np.ones(len(values))]
    weighed = columns * sample_weights[:, None] / sample_weights.sum()
    gram, pull = weighed.T @ columns, weighed.T @ target
    step = 1 / float(np.linalg.eigvalsh(gram).max())
    found = np.zeros(columns.shape[1])
    for _ in range(STEPS):
        found = found - step * (gram @ found - pull)
        found[:-1] = np.maximum(found[:-1], 0.0)
    weights: Numbers = found[:-1] / spread
    return weights


def rarity_of_share(share: float) -> float:
    """0 for one comment in 100, 1 for one in 1,000."""
    return -math.log10(share) - 2


def quantile(values: Numbers, share: float) -> float:
    """The least value of the highest `share` of all."""
    ordered = np.sort(values)[::-1]
    return float(ordered[max(0, round(share * len(ordered)) - 1)])


def slope_of(points: Sequence[tuple[float, float]]) -> float:
    """The slope of the least-squares line through `points`."""
    x, y = np.array(points).T
    return float(np.polyfit(x, y, 1)[0])


def extend(curve: Sequence[tuple[float, float]], slope: float, *, until: float) -> list[list[float]]:
    """`curve` with a straight end of this slope, up to the height `until`."""
    x, y = curve[-1]
    return rounded([*curve, (x + (until - y) / slope, until)])


def rounded(points: Sequence[tuple[float, float]]) -> list[list[float]]:
    """As they are stored. Points that rounding or ties make equal are left out, so that both sides rise."""
    kept: list[list[float]] = []
    for x, y in points:
        if not kept or (x > kept[-1][0] + 1e-3 and y >= kept[-1][1]):
            kept.append([round(x, 4), round(y, 4)])
    return kept


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="perspective_scores.jsonl.gz")
    parser.add_argument("--version", required=True, help="a new name: never one that was released")
    given = parser.parse_args()
    fit(given.data, given.version)


def fit(path: Path, version: str) -> None:
    """Fit everything, and write it. What is fitted later reads what was written before."""
    rows = read_rows(path, "train", with_encoder=True)
    alone = read_rows(path, "train", with_encoder=False)
    with linear_alone():
        linear = fit_index(alone)
    both = fit_index(rows)
    fitted: dict[str, Any] = {
        "version": version,
        "rows": len(rows),
        "toxicity": {"both": both, "linear": linear},
        "scores": [],
    }
    write(fitted)
    fitted["scores"] = fit_scores(rows)
    shift = fit_shift(rows, read_rows(path, "dev", with_encoder=True)[::2])
    with linear_alone():
        linear_shift = fit_shift(alone, read_rows(path, "dev", with_encoder=False)[::2])
    both["shift"], linear["shift"] = shift, linear_shift
    write(fitted)


def write(fitted: Mapping[str, Any]) -> None:
    """Store the numbers, where `rarity_of` reads them."""
    SCALE_PATH.write_text(json.dumps(fitted, indent=1) + "\n")
    scale.cache_clear()


if __name__ == "__main__":
    main()
