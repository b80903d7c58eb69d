"""`manage.py thresholds SITE`: compares presets and fitted thresholds on a site's own comments."""

import json
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from moderation.engine.verdict.presets import DEFAULT_HOLD_SHARE, FEWEST_TO_FIT, MEASURED, PRESETS
from moderation.flow.record import SYSTEM
from moderation.flow.site.settings import change_policy
from moderation.models import Site
from moderation.queries.thresholds import FITTED, Way, compare_thresholds


class Command(BaseCommand):
    """Shows each choice with what it would have done; `--use` puts one in force."""

    help = "Compare thresholds on a site's latest comments; with --use, put one choice in force."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The site, and what to do."""
        parser.add_argument("site", help="short name of the site")
        parser.add_argument(
            "--share",
            type=float,
            default=100 * DEFAULT_HOLD_SHARE,
            help="per cent of approved comments that fitted thresholds may hold (default: %(default)g)",
        )
        parser.add_argument("--use", choices=(*PRESETS, FITTED), help="put this one in force")
        parser.add_argument("--json", action="store_true", help="the comparison as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        """Compare, and change the policy if `--use` was given."""
        if not 0.1 <= options["share"] <= 20:
            raise CommandError("--share must be between 0.1 and 20.")
        site = Site.objects.filter(slug=options["site"]).first()
        if site is None:
            raise CommandError(f"There is no site {options['site']!r}.")
        found = compare_thresholds(site.id, options["share"] / 100)
        rows = {way.name: _row(way) for way in found.ways}
        self.stdout.write(json.dumps(rows) if options["json"] else _table(rows))
        if not options["json"]:
            for preset, measured in MEASURED.items():
                self.stdout.write(f"{preset:10} {measured}")
        if found.approved < FEWEST_TO_FIT:
            self.stderr.write(f"{found.approved} approved comments; fitting needs {FEWEST_TO_FIT}.")
        if options["use"]:
            self._use(site, options["use"], rows)

    def _use(self, site: Site, name: str, rows: dict[str, dict[str, Any]]) -> None:
        if name not in rows:
            raise CommandError("Too few approved comments to fit thresholds to.")
        chosen = {key: rows[name][key] for key in ("hold_at", "abuse_hold_at", "spam_at")}
        new = change_policy(site.id, actor=SYSTEM, settings=chosen, seen_version=site.policy_version)
        self.stderr.write(f"Version {new.version} is in force with the thresholds “{name}”.")


def _row(way: Way) -> dict[str, Any]:
    return {**asdict(way.thresholds), "approved": asdict(way.approved), "removed": asdict(way.removed)}


def _table(rows: dict[str, dict[str, Any]]) -> str:
    points = f"{'hold at':>8} {'abuse at':>9} {'spam at':>8}"
    head = f"{'':10} {points}   approved ones stopped   removed ones stopped"
    return "\n".join([head, *(_line(name, row) for name, row in rows.items())])


def _line(name: str, row: dict[str, Any]) -> str:
    effects = "   ".join(
        f"{effect['held'] + effect['removed']:>8} of {effect['total']:<9}"
        for effect in (row["approved"], row["removed"])
    )
    return f"{name:10} {row['hold_at']:8} {row['abuse_hold_at']:9} {row['spam_at']:8}   {effects}"
