"""`manage.py backup FILE`: the whole database in one file, while the service goes on."""

import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, transaction

from config.backup.archive import Manifest, UnusableBackup
from config.backup.make import make_backup
from config.backup.programs import find_programs
from config.backup.progress import megabytes
from config.problems import CannotStart
from moderation.flow.record import SYSTEM, Event, record


class Command(BaseCommand):
    """One consistent snapshot without the service's keys and without sessions. See docs/backup.md."""

    help = "Write a backup of the database. The keys are not in it: keep them with your other secrets."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The file, and the folder of the client programs."""
        parser.add_argument("file", type=Path, help="a new file; gets its name when it is complete")
        parser.add_argument(
            "--programs", default="", help="folder with pg_dump, if not the one that came along"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Make the backup and say what it needs."""
        started = time.monotonic()
        path: Path = options["file"]
        try:
            manifest = make_backup(path, find_programs(options["programs"]), self.stdout.write)
        except (CannotStart, UnusableBackup) as problem:
            raise CommandError(str(problem)) from None
        except OSError as error:
            raise CommandError(f"Cannot write {path}: {error.strerror}. Nothing is left of it.") from None
        except DatabaseError as error:
            raise CommandError(f"The database cannot be read: {type(error).__name__}.") from error
        with transaction.atomic():
            rows = sum(manifest.rows.values())
            made = {"made_at": manifest.made_at, "rows": rows, "bytes": manifest.dump_bytes}
            record(Event("backup.made", "database", "", made), site_id=None, actor=SYSTEM)
        self._report(path, manifest, time.monotonic() - started)

    def _report(self, path: Path, manifest: Manifest, seconds: float) -> None:
        rows, comments = sum(manifest.rows.values()), manifest.rows.get("comment", 0)
        size = megabytes(manifest.dump_bytes)
        speed = f"{seconds:.1f} s ({rows / seconds:.0f} rows/s)"
        self.stdout.write(f"{path}: {rows} rows, {comments} comments, {size} in {speed}.")
        if manifest.newest_seal:
            number, seal_hash = manifest.newest_seal
            self.stdout.write(f"The audit chain in it ends with seal {number}: {seal_hash}")
        keys = ", ".join(f"{key} ({count} addresses)" for key, count in manifest.addresses_by_key.items())
        self.stdout.write(
            "Neither this service's keys nor sessions are in it; texts, names and the accounts' addresses "
            "are, in plain: keep it like the database itself. To restore it you need EMAIL_INDEX_KEY and "
            f"EMAIL_KEYS with {keys or 'any key'}: keep those with your other secrets, apart from backups."
        )
