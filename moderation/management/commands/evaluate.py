"""`manage.py evaluate`: score a labelled file with the current engine."""

import json
import time
from argparse import ArgumentParser
from contextlib import nullcontext
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from django.core.management import BaseCommand, CommandError

from moderation.domain.signals import Axis
from moderation.engine.rating import Rating, hold_threshold, rate
from moderation.engine.run import warm_up
from moderation.engine.verdict.policy_io import default_policy
from moderation.engine.verdict.presets import PRESETS
from moderation.language.models.cascade import linear_alone
from moderation.language.models.metrics import Quality, measure
from moderation.management.text_rows import read_text_rows

_ALL = "all"
_PROGRESS_S = 5.0


@dataclass(slots=True)
class _Set:
    """The ratings of one set's rows."""

    ratings: list[Rating] = field(default_factory=list)
    labels: list[int] = field(default_factory=list)

    def quality(self) -> Quality:
        return measure(
            [rating.score for rating in self.ratings],
            [rating.probability for rating in self.ratings],
            [rating.acted for rating in self.ratings],
            self.labels,
        )

    def held(self, line: float) -> dict[str, float | None]:
        """For each label, the share of the rows with at least this many points."""
        shares: dict[str, float | None] = {}
        for name, label in (("recall", 1), ("false_positives", 0)):
            points = [r.points for r, given in zip(self.ratings, self.labels, strict=True) if given == label]
            held = sum(each >= line for each in points)
            shares[name] = round(held / len(points), 5) if points else None
        return shares


class Command(BaseCommand):
    """One JSON object per line: `text` and `label` (1 = abuse or spam), and optionally `set`, `author`,
    `url`.
    """

    help = "Score a labelled file: per set and in all AUC, recall at 1 % and 5 % false positives, and more."
    requires_migrations_checks = False
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The file, the axis, the output format."""
        parser.add_argument("file", metavar="FILE.jsonl[.gz]", type=Path)
        parser.add_argument("--axis", choices=["abuse", "spam"], default="abuse")
        parser.add_argument("--json", action="store_true", help="for programs")
        parser.add_argument(
            "--linear-alone", action="store_true", help="without the encoder, as where it is not installed"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Rate every row with the default policy, then print the figures of each set."""
        sets: dict[str, _Set] = {_ALL: _Set()}
        with linear_alone() if options["linear_alone"] else nullcontext():
            warm_up()
            took = self._rate_all(options["file"], Axis(options["axis"]), sets)
        if not took:
            raise CommandError(f"{options['file']} has no row.")
        took.sort()
        times = {
            "median_ms": round(took[len(took) // 2], 3),
            "p99_ms": round(took[int(len(took) * 0.99)], 3),
        }
        found = {name: rated.quality() for name, rated in sorted(sets.items()) if rated.labels}
        presets = _presets(options["axis"], sets)
        if options["json"]:
            figures = {name: _rounded(quality) for name, quality in found.items()}
            told = {
                "axis": options["axis"],
                "sets": figures,
                "presets": _presets(options["axis"], sets),
                **times,
            }
            self.stdout.write(json.dumps(told))
        else:
            self._print(found, times)
            for preset, held in presets.items():
                cells = "".join(f"{_cell(value):>11}" for value in held[_ALL].values())
                self.stdout.write(f"{preset:<24}{cells}  (recall, false positives)")

    def _rate_all(self, path: Path, axis: Axis, sets: dict[str, _Set]) -> list[float]:
        """Fills `sets`; returns the milliseconds that each row took."""
        took = []
        policy = default_policy()
        said = time.monotonic()
        for number, row in enumerate(read_text_rows(path, _find_mistake), start=1):
            began = time.perf_counter()
            rating = rate(
                row["text"], axis, policy, author=row.get("author") or "", website=row.get("url") or ""
            )
            took.append((time.perf_counter() - began) * 1000)
            for name in (_ALL, str(row.get("set") or "no set")):
                rated = sets.setdefault(name, _Set())
                rated.ratings.append(rating)
                rated.labels.append(row["label"])
            if time.monotonic() - said > _PROGRESS_S:
                said = time.monotonic()
                self.stderr.write(f"{number} rows")
        return took

    def _print(self, found: dict[str, Quality], times: dict[str, float]) -> None:
        columns = (
            *("rows", "positive", "AUC", "R@1 %", "R@5 %", "macro-F1", "best F1"),
            *("recall", "false pos.", "ECE"),
        )
        self.stdout.write(f"{'set':<24}" + "".join(f"{column:>11}" for column in columns))
        for name, quality in found.items():
            cells = "".join(f"{_cell(value):>11}" for value in asdict(quality).values())
            self.stdout.write(f"{name:<24}{cells}")
        self.stdout.write(f"a row: median {times['median_ms']} ms, 99 of 100 within {times['p99_ms']} ms")


def _presets(axis: str, sets: dict[str, _Set]) -> dict[str, dict[str, dict[str, float | None]]]:
    """What share of each set each preset would hold."""
    lines = {preset.value: hold_threshold(Axis(axis), thresholds) for preset, thresholds in PRESETS.items()}
    return {
        preset: {name: rated.held(line) for name, rated in sorted(sets.items())}
        for preset, line in lines.items()
    }


def _find_mistake(row: dict[str, Any]) -> str:
    return "" if row.get("label") in (0, 1) else "`label` is neither 0 nor 1."


def _cell(value: float | None) -> str:
    if value is None:
        return "-"
    return str(value) if isinstance(value, int) else f"{value:.3f}"


def _rounded(quality: Quality) -> dict[str, float | int | None]:
    return {
        name: round(value, 5) if isinstance(value, float) else value
        for name, value in asdict(quality).items()
    }
