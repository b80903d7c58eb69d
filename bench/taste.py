"""What a site's own filter gains: `python3 run.py bench taste --data DIR [--seeds N] [--json] [--plot SVG]`.

Simulated moderators, each with a taste of their own, decide on a shuffled stream of real comments (`DIR`
holds `abuse.dev.jsonl.gz` and `spam.dev.jsonl.gz`). The filter makes its prediction before each decision, and
is refitted after every few, by the same functions as in production. Prints the area under the curve over the
latest 200 decisions, of filter and shared model, as means over all seeds, and what fitting and predicting
cost. Exits with 1 if a filter does not get ahead within 200 decisions, or if it is behind by more than 0.01
from decision 50 on.
"""

import argparse
import hashlib
import json
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from bench.plot import Panel, draw_panels
from bench.tastes import TASTES, Row, Taste, read_rows, stream
from moderation.domain.signals import Axis
from moderation.engine.checks.site_filter import SiteFilterCheck
from moderation.engine.facts import Context, SiteFacts
from moderation.engine.text.comment_features import extract_features
from moderation.engine.text.links import find_links
from moderation.language.features import exact_hash, fingerprint
from moderation.language.fold.folded import Normalised
from moderation.language.models.metrics import area_under_curve
from moderation.language.site_filter.features import Features
from moderation.language.site_filter.progressive_validation import WINDOW
from moderation.language.site_filter.shared_model import predict_shared
from moderation.language.site_filter.training import (
    LEAST_EXAMPLES,
    AxisFilter,
    LearnedFilter,
    TrainingExample,
    fit_filters,
)

DECISIONS = 400
SHOWN = (25, 50, 100, 200, 400)
_AHEAD_WITHIN = 200
_FROM = 50
_MOST_BEHIND = 0.01
_MINUTES_PER_HOUR = 60  # a decision a minute, so that the cap on one moderator's hour has no effect

Curve = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Result:
    """The result for one taste: means over all seeds by decision, NaN where no seed has both labels."""

    taste: Taste
    against: float
    site: Curve
    shared: Curve

    @property
    def gap(self) -> Curve:
        """The lead of the filter over the shared model."""
        return self.site - self.shared

    @property
    def ahead_at(self) -> int | None:
        """The first decision after which it is ahead, among those from which on it is fitted."""
        ahead = np.flatnonzero(self.gap[LEAST_EXAMPLES:] > 0)
        return int(ahead[0]) + LEAST_EXAMPLES + 1 if ahead.size else None

    @property
    def stays_ahead_from(self) -> int | None:
        """The decision from which it is ahead until the end."""
        behind = np.flatnonzero(~(self.gap > 0))
        last = int(behind[-1]) + 1 if behind.size else 0
        return last + 1 if last < self.gap.size else None

    @property
    def worst(self) -> float:
        """The smallest lead from decision 50 on."""
        return float(np.nanmin(self.gap[_FROM - 1 :]))

    @property
    def is_kept(self) -> bool:
        """Whether the filter keeps its promise."""
        is_ahead = self.ahead_at is not None and self.ahead_at <= _AHEAD_WITHIN
        return self.worst >= -_MOST_BEHIND and (is_ahead or not self.taste.has_taste)

    def as_json(self) -> dict[str, Any]:
        """The figures that are printed."""
        return {
            "taste": self.taste.name,
            "against": round(self.against, 3),
            "auc": {
                str(at): [round(float(self.site[at - 1]), 4), round(float(self.shared[at - 1]), 4)]
                for at in SHOWN
            },
            "ahead_at": self.ahead_at,
            "stays_ahead_from": self.stays_ahead_from,
            "worst_from_50": round(self.worst, 4),
            "is_kept": self.is_kept,
        }


class _Reader:
    """Extracts the features of each comment once, however many streams contain it."""

    def __init__(self) -> None:
        self._read: dict[int, tuple[Features, dict[Axis, float], tuple[int, ...]]] = {}

    def read(self, row: Row) -> tuple[Features, dict[Axis, float], tuple[int, ...]]:
        if id(row) not in self._read:
            shared = predict_shared(row.text)
            features = extract_features(row.text, shared, website="", author_key="", is_proven=False)
            bands = fingerprint(row.text) or (exact_hash(row.text),)
            self._read[id(row)] = features, {Axis.ABUSE: shared.abuse, Axis.SPAM: shared.spam}, bands
        return self._read[id(row)]


def main() -> None:
    """Measure and print; exit with 1 where a promise is not kept."""
    options = _read_options()
    rows, reader = read_rows(options.data), _Reader()
    results = [
        measure(taste, rows[taste.axis], reader, seeds=options.seeds, every=options.every) for taste in TASTES
    ]
    costs = measure_costs(rows[Axis.ABUSE], reader)
    if options.plot:
        options.plot.write_text(draw_panels([_panel(each) for each in results]), encoding="utf-8")
    if options.json:
        print(json.dumps({"tastes": [each.as_json() for each in results], "costs": costs}))
    else:
        _print_table(results, costs, options.seeds)
    sys.exit(0 if all(each.is_kept for each in results) else 1)


def measure(taste: Taste, rows: Sequence[Row], reader: _Reader, *, seeds: int, every: int) -> Result:
    """Measure one taste over `seeds` shuffled streams."""
    streams = [stream(taste, rows, seed, DECISIONS) for seed in range(seeds)]
    curves = np.array([_run(taste.axis, each, reader, every) for each in streams])
    with np.errstate(invalid="ignore"):
        known = ~np.isnan(curves)
        means = np.where(known, curves, 0.0).sum(axis=0) / known.sum(axis=0)
    against = statistics.fmean(label for each in streams for _, label in each)
    return Result(taste, against, means[0], means[1])


def _run(axis: Axis, decided: Sequence[tuple[Row, int]], reader: _Reader, every: int) -> Curve:
    """The curves of filter and shared model on one stream, with a refit after every `every` decisions."""
    examples: list[TrainingExample] = []
    filters: dict[Axis, AxisFilter] = {}
    for number, (row, label) in enumerate(decided):
        features, logits, bands = reader.read(row)
        prior = filters.get(axis, AxisFilter()).predict(features, logits[axis])
        moderator_hour = f"moderator/{number // _MINUTES_PER_HOUR}"
        examples.append(
            TrainingExample(number, features, {axis: label}, {axis: prior}, moderator_hour, bands)
        )
        if (number + 1) % every == 0:
            filters = fit_filters(examples, filters)
    priors = [each.prior_predictions[axis] for each in examples]
    predicted = np.array([[prior.rank, prior.shared] for prior in priors]).T
    against = np.array([label == 1 for _, label in decided])
    return np.array(
        [[_window(scores, against, end) for end in range(1, len(decided) + 1)] for scores in predicted]
    )


def _window(scores: Curve, against: npt.NDArray[np.bool_], end: int) -> float:
    latest = slice(max(0, end - WINDOW), end)
    if against[latest].all() or not against[latest].any():
        return float("nan")
    return area_under_curve(scores[latest], against[latest])


def measure_costs(rows: Sequence[Row], reader: _Reader) -> dict[str, float]:
    """Milliseconds of a refit on 2,000 examples and of the check on one comment, beside a reference job."""
    decided = stream(TASTES[0], rows, 0, 2000)
    axis = TASTES[0].axis
    examples = []
    for number, (row, label) in enumerate(decided):
        features, logits, bands = reader.read(row)
        prior = AxisFilter().predict(features, logits[axis])
        examples.append(
            TrainingExample(number, features, {axis: label}, {axis: prior}, f"m/{number // 60}", bands)
        )
    learned = LearnedFilter(1, fit_filters(examples, {}))
    texts = [row.text for row, _ in decided[:500]]
    for text in texts:
        predict_shared(text)
    return {
        "refit on 2,000 examples": _milliseconds(lambda: fit_filters(examples, {}), 5),
        "check, beside the shared model": _check_cost(texts, learned),
        "reference: SHA-256 of 1 MiB": _milliseconds(lambda: hashlib.sha256(bytes(1 << 20)).digest(), 50),
    }


def _check_cost(texts: Sequence[Normalised], learned: LearnedFilter) -> float:
    """The median over many texts; the model and the links check have just read each, as in screening."""
    check, times = SiteFilterCheck(), []
    for text in texts:
        site = SiteFacts("bench", learned=learned)
        context = Context(text.original, text, "A Reader", "", "mail.example", site)
        predict_shared(text)
        find_links(text.original)  # kept by the checks before it
        began = time.perf_counter()
        check.run(context)
        times.append(1000 * (time.perf_counter() - began))
    return statistics.median(times)


def _milliseconds(act: Callable[[], object], rounds: int) -> float:
    times = []
    for _ in range(rounds):
        began = time.perf_counter()
        act()
        times.append(1000 * (time.perf_counter() - began))
    return statistics.median(times)


def _print_table(results: Sequence[Result], costs: dict[str, float], seeds: int) -> None:
    print(f"means of {seeds} seeds (0 to {seeds - 1}); area under the curve, filter / shared model")
    head = "".join(f"{f'after {at}':>16}" for at in SHOWN)
    print(f"{'':34}{'against':>8}{head}{'ahead at':>10}{'for good':>10}{'worst from 50':>15}")
    for each in results:
        pairs = "".join(f"{each.site[at - 1]:>9.3f} /{each.shared[at - 1]:.3f}" for at in SHOWN)
        mark = "" if each.is_kept else "  NOT KEPT"
        print(
            f"{each.taste.name:34}{each.against:>8.2f}{pairs}{each.ahead_at or '-':>10}"
            f"{each.stays_ahead_from or '-':>10}{each.worst:>+15.4f}{mark}"
        )
    for name, milliseconds in costs.items():
        print(f"{name:34}{milliseconds:>10.3f} ms")


def _panel(result: Result) -> Panel:
    return Panel(result.taste.name, {"site": result.site.tolist(), "shared": result.shared.tolist()})


def _read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="run.py bench taste")
    parser.add_argument("--data", type=Path, required=True, help="folder with the development sets")
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--every", type=int, default=2, help="decisions per refit")
    parser.add_argument("--plot", type=Path, help="where to write the curves as SVG")
    parser.add_argument("--json", action="store_true")
    return parser.parse_args()


if __name__ == "__main__":
    main()
