"""Restores a backup: checks it first, loads it in one transaction, then checks again."""

import tempfile
import threading
import zipfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from subprocess import DEVNULL, PIPE
from typing import IO
from uuid import UUID

from django.core.management import call_command
from django.db import connection, transaction

from config.backup.archive import (
    CHUNK,
    DUMP,
    Manifest,
    UnusableBackup,
    check_dump,
    open_archive,
    read_manifest,
)
from config.backup.fit import check_keys, check_migrations, check_server
from config.backup.left_out import tables_left_out
from config.backup.programs import Programs, last_words
from config.backup.progress import ProgressLine
from config.backup.target import (
    check_target,
    checking_statements,
    deleting_statements,
    emptying_statements,
)
from moderation.flow.keeping.rotate import open_all_addresses
from moderation.flow.record import SYSTEM, Event, record
from moderation.queries.audit_chain import walk_chain

Report = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restoration found at its end: addresses that opened and that did not, and errors in the audit
    record.
    """

    addresses: int
    unreadable: tuple[UUID, ...]
    audit_findings: tuple[str, ...]


def check_backup(path: Path, *, replace: str, migrate: bool, report: Report) -> Manifest:
    """Check everything that can be checked beforehand. Changes nothing. Raises UnusableBackup saying what to
    do.
    """
    with open_archive(path) as archive:
        manifest = read_manifest(archive)
        report(f"Backup of {manifest.made_at}, {sum(manifest.rows.values())} rows.")
        check_migrations(manifest, migrate=migrate)
        check_keys(manifest)
        check_server(manifest)
        check_target(manifest.rows, replace=replace)
        report("Reading the file for damage ...")
        check_dump(archive, manifest, ProgressLine(report, "{percent} % read", manifest.dump_bytes))
    return manifest


def load_backup(path: Path, manifest: Manifest, programs: Programs, report: Report) -> None:
    """Replace the content of the database by the backup, in one transaction: all or nothing.

    The rows of `left_out.py` that an older backup holds are deleted, because a session that has ended since
    then must not be valid again. Raises UnusableBackup when it fails; then the database is unchanged.
    """
    before = "SET client_min_messages = warning;\nBEGIN;\n" + emptying_statements()
    thrown_away = tables_left_out() & manifest.rows.keys()
    after = checking_statements(manifest.rows) + deleting_statements(thrown_away) + "COMMIT;\n"
    connection.close()  # it must hold no lock on the tables that are dropped
    with open_archive(path) as archive, tempfile.TemporaryFile() as stderr:
        arguments = ("-X", "--quiet", "--set=ON_ERROR_STOP=1", "--set=VERBOSITY=terse", "--file=-")
        with programs.start("psql", *arguments, stdin=PIPE, stdout=DEVNULL, stderr=stderr) as psql:
            assert psql.stdin is not None
            is_whole = False
            try:
                with suppress(BrokenPipeError):
                    psql.stdin.write(before.encode())
                    _pour_dump(archive, programs, psql.stdin, manifest, report)
                    psql.stdin.write(after.encode())
                    psql.stdin.flush()
                    is_whole = True
            finally:
                # Without the COMMIT at the end of the script nothing is changed.
                with suppress(BrokenPipeError):
                    psql.stdin.close()
        if psql.returncode != 0 or not is_whole:
            raise UnusableBackup(f"Restoring failed, nothing was changed: {last_words(stderr)}")
    with connection.cursor() as cursor:
        report("Gathering the planner's statistics ...")
        cursor.execute("ANALYZE")


def finish_restoring(manifest: Manifest, *, migrate: bool, report: Report) -> Restored:
    """Migrate the database if asked, record the restoration, open every address, check the audit chain."""
    if migrate:
        call_command("migrate", interactive=False, verbosity=0)
    with transaction.atomic():
        made = {"made_at": manifest.made_at, "rows": sum(manifest.rows.values())}
        record(Event("backup.restored", "database", "", made), site_id=None, actor=SYSTEM)
    report("Opening every address ...")
    opened, unreadable = 0, []
    for count, closed in open_all_addresses():
        opened += count
        unreadable += closed
    report("Walking the audit chain ...")
    findings = [f"{each.what}: {each.subject}" for stretch in walk_chain() for each in stretch.findings]
    return Restored(opened, tuple(unreadable), tuple(findings))


def _pour_dump(
    archive: zipfile.ZipFile, programs: Programs, target: IO[bytes], manifest: Manifest, report: Report
) -> None:
    """Turn the dump into SQL and write it to `target`. Raises UnusableBackup unless all of it arrived."""
    with tempfile.TemporaryFile() as stderr:
        arguments = ("--no-owner", "--no-privileges", "--file=-")
        with programs.start("pg_restore", *arguments, stdin=PIPE, stdout=PIPE, stderr=stderr) as process:
            assert process.stdin is not None
            assert process.stdout is not None
            progress = ProgressLine(report, "{percent} % of {whole} loaded", manifest.dump_bytes)
            feeder = _Feeder(archive, process.stdin, progress)
            feeder.start()
            try:
                while chunk := process.stdout.read(CHUNK):
                    target.write(chunk)
            except BaseException:
                process.kill()
                raise
            finally:
                feeder.join()
        if process.returncode != 0 or feeder.error is not None:
            raise UnusableBackup(f"pg_restore cannot read the dump: {feeder.error or last_words(stderr)}")


class _Feeder(threading.Thread):
    """Feeds the dump to pg_restore while its output is read elsewhere."""

    def __init__(self, archive: zipfile.ZipFile, target: IO[bytes], progress: ProgressLine) -> None:
        super().__init__(daemon=True)
        self.error: Exception | None = None
        self._archive = archive
        self._target = target
        self._progress = progress

    def run(self) -> None:
        """Feed until everything is read, or pg_restore has ended."""
        count = 0
        try:
            with self._archive.open(DUMP) as member, self._target:
                while chunk := member.read(CHUNK):
                    self._target.write(chunk)
                    count += len(chunk)
                    self._progress(count)
        except BrokenPipeError:
            pass  # pg_restore reports the reason
        except Exception as error:  # noqa: BLE001 - told by the thread that waits for this one
            self.error = error
