"""`manage.py restore FILE`: a backup into an empty database, all or nothing."""

import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from config.backup.archive import Manifest, UnusableBackup
from config.backup.programs import find_programs
from config.backup.restore import Restored, check_backup, finish_restoring, load_backup
from config.problems import CannotStart

_MOST_NAMED = 10


class Command(BaseCommand):
    """Checks file, version, keys and database before it touches anything. See docs/backup.md."""

    help = "Restore a backup into an empty database. Carry the keys over first; stop the service."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The backup, and the database that it may replace."""
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--replace",
            metavar="DATABASE",
            default="",
            help="throw away what is in the database of this name",
        )
        parser.add_argument(
            "--migrate", action="store_true", help="bring a backup of an older version up to date afterwards"
        )
        parser.add_argument("--check", action="store_true", help="only check whether it could be restored")
        parser.add_argument("--programs", default="", help="folder with pg_restore and psql, if not our own")

    def handle(self, *args: Any, **options: Any) -> None:
        """Check, load, check again; exit code 1 if something differs."""
        started = time.monotonic()
        path: Path = options["file"]
        migrate: bool = options["migrate"]
        say = self.stdout.write
        try:
            programs = find_programs(options["programs"])
            manifest = check_backup(path, replace=options["replace"], migrate=migrate, report=say)
            if options["check"]:
                say("It fits: `restore` without --check would load it.")
                return
            load_backup(path, manifest, programs, say)
            restored = finish_restoring(manifest, migrate=migrate, report=say)
        except (CannotStart, UnusableBackup) as problem:
            raise CommandError(str(problem)) from None
        except DatabaseError as error:
            raise CommandError(f"The database gave up: {type(error).__name__}.") from error
        self._report(manifest, restored, time.monotonic() - started)

    def _report(self, manifest: Manifest, restored: Restored, seconds: float) -> None:
        rows, comments = sum(manifest.rows.values()), manifest.rows.get("comment", 0)
        speed = f"{seconds:.1f} s ({rows / seconds:.0f} rows/s)"
        self.stdout.write(f"Restored {rows} rows, {comments} comments, in {speed}.")
        self.stdout.write(f"{restored.addresses} addresses open.")
        if restored.unreadable:
            named = ", ".join(str(comment_id) for comment_id in restored.unreadable[:_MOST_NAMED])
            raise CommandError(f"{len(restored.unreadable)} addresses do not open. Comments: {named}")
        if restored.audit_findings:
            named = "; ".join(restored.audit_findings[:_MOST_NAMED])
            raise CommandError(f"The audit record does not fit its seals: {named}. See verify_audit.")
        self.stdout.write("The audit record is as it was sealed.")
        self.stdout.write("Start the service: what was waiting is screened now.")
