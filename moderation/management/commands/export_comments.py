"""`manage.py export_comments`: a site's comments as CSV that any program can open safely."""

import os
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import astuple, fields
from pathlib import Path
from typing import Any

from django.core.management import BaseCommand, CommandError

from moderation.flow.record import SYSTEM, Event, record
from moderation.lib.csv_cells import CsvWriter, Output
from moderation.queries.exports import ExportedComment, exported_comments
from moderation.queries.pages import find_site_by_slug


class Command(BaseCommand):
    """Streams, so the size of the site does not matter. Addresses are masked; the export is recorded."""

    help = "Write a site's comments as CSV: id, time, status, name, website, masked address, page, text."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The site and the output file."""
        parser.add_argument("site", metavar="SITE", help="the site's slug, as in the URL of its queue")
        parser.add_argument(
            "--out", metavar="FILE", help="a new file that only you can read (default: standard output)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Record the export, then write it."""
        site = find_site_by_slug(options["site"])
        if site is None:
            raise CommandError(f"There is no site {options['site']!r}.")
        with self._open(options["out"]) as output:
            record(Event("comments.exported", "site", site.id), site_id=site.id, actor=SYSTEM)
            count = self._write(output, exported_comments(site.id))
        self.stderr.write(f"{count} comments of {site.name}.")

    @contextmanager
    def _open(self, path: str | None) -> Iterator[Output]:
        """Standard output, or a new file. Raises `CommandError`."""
        if path is None:
            yield self.stdout
            return
        try:
            descriptor = os.open(Path(path), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except OSError as error:
            raise CommandError(f"Cannot write {path}: {error.strerror}.") from None
        # Byte order mark: without it spreadsheets read UTF-8 as the system's legacy charset.
        with open(descriptor, "w", encoding="utf-8-sig", newline="") as file:
            yield file

    @staticmethod
    def _write(output: Output, comments: Iterator[ExportedComment]) -> int:
        writer = CsvWriter(output, [field.name for field in fields(ExportedComment)])
        count = 0
        for comment in comments:
            writer.write(astuple(comment))
            count += 1
        return count
