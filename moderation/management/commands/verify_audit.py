"""`manage.py verify_audit`: check the audit record against its chain of seals."""

import json
import sys
import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from moderation.domain.audit_chain import Seal
from moderation.queries.audit_chain import Finding, walk_chain

MOST_NAMED = 100
_SAY_EVERY_S = 2.0


class Command(BaseCommand):
    """Walks the whole chain and lists what was changed, removed or added. Exit code 1 if anything was."""

    help = "Check that no audit event or seal was changed, removed or added since it was sealed."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The output format, and the hashes that must be found."""
        parser.add_argument("--json", action="store_true", help="print one JSON object, for machines")
        parser.add_argument(
            "--anchor",
            metavar="HASH",
            action="append",
            default=[],
            help="a seal's hash that was noted elsewhere and must be in the chain; may be repeated",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Walk the chain, report, and exit with 1 if something is wrong."""
        started = time.monotonic()
        told_at = started
        seals = events = unsealed = 0
        findings: list[Finding] = []
        missing = {anchor.strip().lower() for anchor in options["anchor"]}
        newest: Seal | None = None
        for stretch in walk_chain():
            seals, events = seals + len(stretch.seals), events + stretch.events
            unsealed = stretch.unsealed
            findings += stretch.findings
            missing -= {seal.hash.hex() for seal in stretch.seals}
            newest = stretch.seals[-1] if stretch.seals else newest
            if time.monotonic() - told_at > _SAY_EVERY_S:
                told_at = time.monotonic()
                self.stderr.write(f"{events} events in {seals} seals, {len(findings)} findings so far ...")
        why = "no seal has this hash: the chain was written anew or cut off, or is another database's"
        findings += [Finding("unknown", f"anchor {anchor}", why) for anchor in sorted(missing)]
        seconds = time.monotonic() - started
        report = {
            "is_sound": not findings,
            "events": events,
            "seals": seals,
            "unsealed": unsealed,
            "newest": newest and {"seal": newest.number, "hash": newest.hash.hex(), "at": newest.sealed_at},
            "findings": [
                {"what": found.what, "subject": found.subject, "why": found.why}
                for found in findings[:MOST_NAMED]
            ],
            "findings_count": len(findings),
            "seconds": round(seconds, 3),
            "events_per_s": round(events / seconds) if seconds else 0,
        }
        self.stdout.write(json.dumps(report) if options["json"] else "\n".join(_sentences(report)))
        if findings:
            sys.exit(1)


def _sentences(report: dict[str, Any]) -> list[str]:
    lines = [f"{found['what']}: {found['subject']} ({found['why']})" for found in report["findings"]]
    if report["findings_count"] > MOST_NAMED:
        lines.append(f"... and {report['findings_count'] - MOST_NAMED} more")
    lines.append(
        f"{report['events']} events in {report['seals']} seals read in {report['seconds']} s "
        f"({report['events_per_s']} events/s); {report['unsealed']} events are not sealed yet."
    )
    if report["newest"]:
        lines.append(f"Newest seal: {report['newest']['seal']}, of {report['newest']['at']}.")
        lines.append(f"Keep its hash elsewhere, and give it to --anchor later: {report['newest']['hash']}")
    lines.append("The record is as it was sealed." if report["is_sound"] else "The record was tampered with.")
    return lines
