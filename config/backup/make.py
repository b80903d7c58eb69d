"""Makes a backup of the running service: one snapshot, counted and dumped."""

import tempfile
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from subprocess import PIPE

from django.db import connection, transaction
from django.db.migrations.recorder import MigrationRecorder

from config.backup.archive import KeySample, Manifest, copy_dump, new_file, write_manifest
from config.backup.left_out import tables_left_out
from config.backup.programs import Programs, last_words
from config.backup.progress import ProgressLine
from config.problems import CannotStart
from moderation.flow.keeping.rotate import count_by_key, sample_by_key
from moderation.models import AuditSeal

_DUMP = ("--format=custom", "--compress=gzip:3", "--no-owner", "--no-privileges")


def make_backup(path: Path, programs: Programs, report: Callable[[str], None]) -> Manifest:
    """Write the backup to `path`, readable for its owner only, while the service goes on.

    It contains everything that was committed before this is called, except the rows that `left_out.py` names.
    Raises CannotStart when pg_dump fails, UnusableBackup when `path` is taken, OSError when it cannot be
    written; then nothing is left behind.
    """
    with new_file(path) as file, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        cursor.execute("SELECT pg_export_snapshot()")
        snapshot: str = cursor.fetchone()[0]
        report("Counting rows ...")
        manifest = _describe()
        with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
            size, digest = _dump(snapshot, archive, programs, report)
            manifest = replace(manifest, dump_bytes=size, dump_sha256=digest)
            write_manifest(manifest, archive)
    return manifest


def _dump(
    snapshot: str, archive: zipfile.ZipFile, programs: Programs, report: Callable[[str], None]
) -> tuple[int, str]:
    progress = ProgressLine(report, "{done} written")
    with tempfile.TemporaryFile() as stderr:
        without = (f"--exclude-table-data=public.{table}" for table in sorted(tables_left_out()))
        options = (*_DUMP, f"--snapshot={snapshot}", *without)
        with programs.start("pg_dump", *options, stdin=None, stdout=PIPE, stderr=stderr) as process:
            assert process.stdout is not None
            try:
                written = copy_dump(process.stdout, archive, progress)
            except BaseException:
                process.kill()
                raise
        if process.returncode != 0:
            raise CannotStart(f"pg_dump failed: {last_words(stderr)}")
    return written


def _describe() -> Manifest:
    newest = AuditSeal.objects.order_by("-number").first()
    return Manifest(
        made_at=datetime.now(UTC).isoformat(timespec="seconds"),
        server_version=connection.connection.info.server_version,
        migrations=sorted([app, name] for app, name in MigrationRecorder(connection).applied_migrations()),
        rows=_count_rows(),
        addresses_by_key=count_by_key(),
        key_samples=[
            KeySample(
                key_id=key_id,
                site_id=str(contact.site_id),
                comment_id=str(contact.comment_id),
                sealed=contact.sealed,
                address_hash=bytes(contact.comment.author.address_hash).hex(),
            )
            for key_id, contact in sample_by_key().items()
        ],
        newest_seal=(newest.number, bytes(newest.hash).hex()) if newest else None,
    )


def _count_rows() -> dict[str, int]:
    """The number of rows of each table in the dump."""
    rows = dict.fromkeys(tables_left_out(), 0)
    with connection.cursor() as cursor:
        for table in sorted(set(connection.introspection.table_names(cursor)) - rows.keys()):
            cursor.execute(f"SELECT count(*) FROM {connection.ops.quote_name(table)}")  # noqa: S608 - quoted
            rows[table] = cursor.fetchone()[0]
    return rows
