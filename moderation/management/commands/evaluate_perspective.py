"""`manage.py evaluate_perspective`: how our TOXICITY scores stand to Perspective's own, on the same texts."""

import json
import time
from argparse import ArgumentParser
from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import numpy as np
from django.core.management import BaseCommand, CommandError

from moderation.engine.attribute_rating import rate_attributes
from moderation.engine.attribute_scale import scale_version
from moderation.engine.attributes import Attribute
from moderation.engine.run import warm_up
from moderation.engine.verdict.policy_io import default_policy
from moderation.language.models.cascade import linear_alone
from moderation.language.models.metrics import Numbers, area_under_curve, rank_correlation
from moderation.management.text_rows import read_text_rows

THRESHOLDS = (0.5, 0.7, 0.8, 0.9)
_POSITIVE_FROM = 0.5
_PROGRESS_S = 5.0
_MISSING = (
    "Name a file of JSON lines with `text`, `split` (train or dev) and `perspective`, the score that "
    "Perspective gave the text for TOXICITY. The file that the scale was fitted on is not part of the "
    "service; docs/perspective.md has its figures."
)


class Command(BaseCommand):
    """JSON lines with `text`, `split` and `perspective`."""

    help = "Compare TOXICITY scores with Perspective's own: shares over thresholds, rank correlation, AUC."
    requires_migrations_checks = False
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The file, its rows, the output format."""
        parser.add_argument("file", metavar="FILE.jsonl[.gz]", type=Path, nargs="?")
        parser.add_argument(
            "--split", default="dev", help="the rows to score; the scale was fitted on `train`"
        )
        parser.add_argument("--json", action="store_true", help="for programs")
        parser.add_argument(
            "--every-other", action="store_true", help="of the dev rows, those on which no number was set"
        )
        parser.add_argument(
            "--linear-alone", action="store_true", help="without the encoder, as where it is not installed"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Score every row of the split, then print the comparison."""
        if options["file"] is None:
            raise CommandError(_MISSING)
        with linear_alone() if options["linear_alone"] else nullcontext():
            warm_up()
            found = read_text_rows(options["file"], _find_mistake, advice=_MISSING)
            rows = [row for row in found if row.get("split") == options["split"]]
            theirs, ours = self._score_all(rows[1::2] if options["every_other"] else rows)
            version = scale_version()
        if len(theirs) < 2:
            raise CommandError(f"{options['file']} has no two rows of the split {options['split']!r}.")
        figures = {"split": options["split"], "version": version, **compare(theirs, ours)}
        self.stdout.write(json.dumps(figures) if options["json"] else describe(figures))

    def _score_all(self, rows: Sequence[dict[str, Any]]) -> tuple[Numbers, Numbers]:
        theirs, ours, policy = [], [], default_policy()
        said = time.monotonic()
        for row in rows:
            theirs.append(float(row["perspective"]))
            ours.append(rate_attributes(row["text"], policy)[Attribute.TOXICITY])
            if time.monotonic() - said > _PROGRESS_S:
                said = time.monotonic()
                self.stderr.write(f"{len(ours)} rows")
        return np.array(theirs), np.array(ours)


def compare(theirs: Numbers, ours: Numbers) -> dict[str, Any]:
    """The figures of two scores of the same rows."""
    is_positive = theirs >= _POSITIVE_FROM
    has_both = bool(is_positive.any() and not is_positive.all())
    return {
        "rows": len(theirs),
        "over": {
            str(at): {"perspective": _share(theirs >= at), "ours": _share(ours >= at)} for at in THRESHOLDS
        },
        "rank_correlation": round(rank_correlation(theirs, ours), 3),
        "auc": round(area_under_curve(ours, is_positive), 3) if has_both else None,
    }


def describe(figures: dict[str, Any]) -> str:
    """The figures as a table in Markdown."""
    shares = "\n".join(
        f"| {at} or more | {each['perspective']:.2%} | {each['ours']:.2%} |"
        for at, each in figures["over"].items()
    )
    return f"""\
{figures["rows"]:,} ordinary comments (split {figures["split"]}), version {figures["version"]} of the scale

| TOXICITY | Perspective | ours |
|---|---|---|
{shares}

Rank correlation (Spearman): {figures["rank_correlation"]}
AUC of our score for what Perspective gives {_POSITIVE_FROM} or more: {figures["auc"]}"""


def _share(chosen: Any) -> float:
    return round(float(np.mean(chosen)), 5)


def _find_mistake(row: dict[str, Any]) -> str:
    score = row.get("perspective")
    is_score = isinstance(score, int | float) and not isinstance(score, bool) and 0 <= score <= 1
    return "" if is_score else "`perspective` is no score from 0 to 1."
