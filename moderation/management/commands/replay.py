"""`manage.py replay`: sends real comments through the HTTP API, counted and timed."""

import sys
from contextlib import closing
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError

from moderation.management.replaying import Replay
from moderation.management.streams import StreamRow, UnusableStream, read_stream
from moderation.queries.latency import count_runners, measure_latency


class Command(BaseCommand):
    """Sends streams to a running service and prints the results."""

    help = (
        "Feed files of real comments (CSV or JSON lines with id, author, time, text) through the HTTP API "
        "of a running service, wait until all are screened, and print counts and times."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
        parser.add_argument("--url", required=True, help="the service, such as http://127.0.0.1:8000")
        parser.add_argument("--key", required=True, help="a secret key with the scopes submit and read")
        parser.add_argument("--rate", type=float, help="comments per second; without it, as fast as possible")
        parser.add_argument("--wait", type=float, default=120, help="seconds to wait for the last verdicts")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["rate"] is not None and options["rate"] <= 0:
            raise CommandError("--rate must be more than 0.")
        try:
            rows = [row for path in options["files"] for row in read_stream(path)]
            replay = Replay(options["url"], options["key"], on_progress=self._show)
        except (UnusableStream, ValueError) as problem:
            raise CommandError(str(problem)) from None
        with closing(replay):
            seconds = replay.send(rows, rate=options["rate"])
            statuses = replay.follow(wait_s=options["wait"])
        self._clear()
        self._print_report(rows, replay, seconds, dict(statuses))
        if replay.report.refused or any(status.startswith(("screening", "unknown")) for status in statuses):
            raise CommandError("Not every row was accepted and screened.")

    def _print_report(
        self, rows: list[StreamRow], replay: Replay, seconds: float, statuses: dict[str, int]
    ) -> None:
        report = replay.report
        self.stdout.write(
            f"rows       {len(rows):>7}   in {seconds:.1f} s, {len(rows) / seconds:.0f} a second"
        )
        self.stdout.write(f"accepted   {len(report.accepted):>7}")
        self.stdout.write(f"repeated   {report.repeated:>7}   same author and text, or the same id")
        for reason, count in sorted(report.refused.items()):
            self.stdout.write(f"refused    {count:>7}   {reason}")
        for status, count in sorted(statuses.items(), key=lambda item: -item[1]):
            self.stdout.write(f"{status:<11}{count:>7}")
        self._print_times(replay)

    def _print_times(self, replay: Replay) -> None:
        """Only the service's own database has the times; elsewhere only the counts are printed."""
        try:
            latency = measure_latency(replay.report.accepted)
            runners = count_runners(replay.report.accepted)
        except DatabaseError:
            latency, runners = None, {}
        if latency is None:
            self.stdout.write("No times: this command's database is not the service's.")
            return
        screened = sum(runners.values())
        for runner, count in runners.items():
            self.stdout.write(f"{runner:<11}{count:>7}   {count / screened:.2%} of the screenings")
        between = "from commit to commit" if latency.is_by_commit else "from statement to statement"
        self.stdout.write(
            f"verdict    p50 {latency.p50_ms:.1f} ms, p99 {latency.p99_ms:.1f} ms, "
            f"max {latency.max_ms:.1f} ms   {between}, {latency.count} comments"
        )

    def _show(self, line: str) -> None:
        if sys.stderr.isatty():
            self.stderr.write(f"\r{line}   ", ending="")
        elif line.endswith("00") or " of " not in line:
            self.stderr.write(line)

    def _clear(self) -> None:
        if sys.stderr.isatty():
            self.stderr.write("\r" + " " * 60 + "\r", ending="")
