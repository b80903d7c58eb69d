"""The file of a backup: a zip with `database.dump`, as pg_dump wrote it, and `manifest.json`, which describes
it.

Ordinary programs can open it: `unzip -t` checks it, `unzip -p FILE database.dump | pg_restore ...` uses it.
"""

import hashlib
import json
import os
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO

FORMAT = 1
DUMP = "database.dump"
MANIFEST = "manifest.json"
CHUNK = 1 << 20
_MOST_MANIFEST_BYTES = 10_000_000

Told = Callable[[int], None]


class UnusableBackup(Exception):
    """The file is no backup, is damaged, or does not fit; the message says which and what to do."""


@dataclass(frozen=True, slots=True)
class KeySample:
    """One sealed address for each key that has sealed any, to test the keys before anything is changed."""

    key_id: str
    site_id: str
    comment_id: str
    sealed: str
    address_hash: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What the dump holds and needs. No keys, no texts, no addresses.

    `migrations` are all that were applied, as (app, name); `rows` counts each table in the dump's own
    snapshot; `newest_seal` is the number and hash of the audit chain's end.
    """

    made_at: str
    server_version: int
    migrations: list[list[str]]
    rows: dict[str, int]
    addresses_by_key: dict[str, int]
    key_samples: list[KeySample]
    newest_seal: tuple[int, str] | None
    dump_bytes: int = 0
    dump_sha256: str = ""
    format: int = FORMAT


@contextmanager
def new_file(path: Path) -> Iterator[IO[bytes]]:
    """A private file that gets its name only when it is complete. Raises UnusableBackup, OSError."""
    if path.exists():
        raise UnusableBackup(f"{path} exists; choose another name.")
    unfinished = path.with_name(f".{path.name}.{os.getpid()}.unfinished")
    try:
        with open(os.open(unfinished, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        unfinished.rename(path)
    finally:
        unfinished.unlink(missing_ok=True)
    _sync_folder(path.parent)


def copy_dump(source: IO[bytes], archive: zipfile.ZipFile, told: Told) -> tuple[int, str]:
    """Write `source` to the archive as its dump; returns its bytes and their SHA-256."""
    digest, count = hashlib.sha256(), 0
    member_facts = zipfile.ZipInfo(DUMP, time.localtime()[:6])
    with archive.open(member_facts, "w", force_zip64=True) as member:
        while chunk := source.read(CHUNK):
            member.write(chunk)
            digest.update(chunk)
            count += len(chunk)
            told(count)
    return count, digest.hexdigest()


def write_manifest(manifest: Manifest, archive: zipfile.ZipFile) -> None:
    """Write the manifest, as the last part: a file without it is incomplete."""
    archive.writestr(MANIFEST, json.dumps(asdict(manifest), indent=2))


@contextmanager
def open_archive(path: Path) -> Iterator[zipfile.ZipFile]:
    """The backup in `path`. Raises UnusableBackup."""
    try:
        with zipfile.ZipFile(path) as archive:
            if not {DUMP, MANIFEST} <= set(archive.namelist()):
                raise UnusableBackup(f"{path} is a zip file, but no backup of this service.")
            yield archive
    except zipfile.BadZipFile as error:
        raise UnusableBackup(f"{path} is no backup, or was cut off or damaged: {error}.") from None
    except OSError as error:
        raise UnusableBackup(f"{path} cannot be read: {error.strerror}.") from None


def read_manifest(archive: zipfile.ZipFile) -> Manifest:
    """The manifest. Raises UnusableBackup for one that is damaged or of a newer format."""
    try:
        if archive.getinfo(MANIFEST).file_size > _MOST_MANIFEST_BYTES:
            raise UnusableBackup("The backup's manifest is too long to be one.")
        values = json.loads(archive.read(MANIFEST))
        if values.get("format") != FORMAT:
            raise UnusableBackup(
                f"The backup's format is {values.get('format')}; this version reads {FORMAT}."
            )
        values["key_samples"] = [KeySample(**sample) for sample in values["key_samples"]]
        values["rows"] = {str(table): int(count) for table, count in values["rows"].items()}
        return Manifest(**values)
    except (ValueError, TypeError, KeyError, AttributeError, zipfile.BadZipFile) as error:
        raise UnusableBackup(f"The backup's manifest is damaged ({type(error).__name__}).") from None


def check_dump(archive: zipfile.ZipFile, manifest: Manifest, told: Told) -> None:
    """Read the whole dump once. Raises UnusableBackup unless it is exactly what was written."""
    digest, count = hashlib.sha256(), 0
    try:
        with archive.open(DUMP) as member:
            while chunk := member.read(CHUNK):
                digest.update(chunk)
                count += len(chunk)
                told(count)
    except (zipfile.BadZipFile, EOFError) as error:
        raise UnusableBackup(f"The backup is damaged: {error}.") from None
    if (count, digest.hexdigest()) != (manifest.dump_bytes, manifest.dump_sha256):
        raise UnusableBackup("The backup is damaged: its dump is not the one that its manifest describes.")


def _sync_folder(folder: Path) -> None:
    """Makes the file's name survive a power failure, too."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
