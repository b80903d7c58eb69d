"""`manage.py backtest RULE`: what a rule would have done with the latest comments that people decided on."""

import json
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.models import F, Q

from moderation.domain.errors import Refused
from moderation.engine.rules.tally import MOST_DIFFERENCES, Tally
from moderation.engine.rules.wording import say_rule
from moderation.flow.record import SYSTEM
from moderation.flow.site.backtest import (
    DEFAULT_LAST,
    MOST_LAST,
    cancel_backtest,
    run_backtest,
    start_backtest,
)
from moderation.models import Backtest, RuleVersion
from moderation.queries.rules import read_version


class Command(BaseCommand):
    """Runs in the foreground, with a line of progress; the result is also in the admin."""

    help = "Try a rule on the latest comments that people decided. RULE is its id or its name."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("rule", metavar="RULE")
        parser.add_argument("--site", default="", help="short name of the site, if the name is not unique")
        parser.add_argument(
            "--last", type=int, default=DEFAULT_LAST, help=f"how many comments (at most {MOST_LAST})"
        )
        parser.add_argument("--json", action="store_true", help="the result as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        version = _find_rule(options["rule"], options["site"])
        try:
            run = start_backtest(
                version.rule_id,
                site_id=version.site_id,
                actor=SYSTEM,
                last=options["last"],
                in_background=False,
            )
        except Refused as problem:
            raise CommandError(problem.message) from None
        try:
            run_backtest(run.id, on_progress=self._show)
        except KeyboardInterrupt:
            cancel_backtest(run.id, site_id=run.site_id, actor=SYSTEM)
        self.stderr.write("")
        report = describe(Backtest.objects.select_related("rule_version").get(id=run.id))
        if options["json"]:
            self.stdout.write(json.dumps(report))
        else:
            self.stdout.write(tell(report))

    def _show(self, run: Backtest) -> None:
        self.stderr.write(f"\r{run.done} of {run.total} comments", ending="")
        self.stderr.flush()


def _find_rule(name: str, site: str) -> RuleVersion:
    try:
        wanted = Q(rule_id=UUID(name))
    except ValueError:
        wanted = Q(name=name)
    standing = RuleVersion.objects.filter(wanted, version=F("rule__version")).select_related("site")
    found = list((standing.filter(site__slug=site) if site else standing).order_by("site__slug")[:10])
    if not found:
        raise CommandError("There is no such rule.")
    if len(found) > 1:
        listed = ", ".join(f"{each.rule_id} ({each.site.slug})" for each in found)
        raise CommandError(f"Several rules have this name; give the id: {listed}.")
    return found[0]


def describe(run: Backtest) -> dict[str, Any]:
    """The result as plain values; shares are None if nothing was matched or removed."""
    version = run.rule_version
    tally = Tally.of(run.counts, run.differences, run.missed)
    return {
        "id": str(run.id),
        "rule": version.name,
        "version": version.version,
        "says": say_rule(read_version(version)),
        "state": run.state,
        "comments": run.done,
        "seconds": round(run.seconds, 2),
        "matched": tally.all_matched,
        "matched_by_decision": tally.matched,
        "decided": tally.decided,
        "already": tally.already,
        "precision": tally.precision,
        "recall": tally.recall,
        "differences": tally.differences,
        "missed": tally.missed,
    }


def tell(report: dict[str, Any]) -> str:
    """The result for people."""
    matched, decided = report["matched_by_decision"], report["decided"]
    rows = [
        f"  {action:8} {matched.get(action, 0):7} of {decided.get(action, 0):7}"
        for action in ("approve", "reject", "spam")
    ]
    more = " (the first ones)" if len(report["differences"]) >= MOST_DIFFERENCES else ""
    shares = f"Precision {_share(report['precision'])}, recall {_share(report['recall'])}."
    return "\n".join(
        [
            f"Rule “{report['rule']}” (version {report['version']}): {report['says']}",
            f"{report['state']}: {report['comments']} comments decided by people, in {report['seconds']} s",
            "What people did, and how many of these the rule matches:",
            *rows,
            f"{shares} {report['already']} of {report['matched']} matches were as strictly treated before.",
            f"Matched, but approved{more}: {' '.join(report['differences']) or 'none'}",
        ]
    )


def _share(value: float | None) -> str:
    return "-" if value is None else f"{100 * value:.1f} %"
