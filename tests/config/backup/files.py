"""Backups as tests make, spoil and restore them."""

import base64
import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.db import connection

from config.backup.archive import DUMP, MANIFEST
from moderation.models import Contact
from moderation.privacy import vault

OLD = "old:" + base64.b64encode(b"1" * 32).decode()
NEW = "new:" + base64.b64encode(b"2" * 32).decode()
ADDRESSES = [f"reader-{number}@reader.example" for number in range(6)]


def back_up(path: Path, *options: str) -> str:
    said = io.StringIO()
    call_command("backup", str(path), *options, stdout=said)
    return said.getvalue()


def restore(path: Path, *options: str) -> str:
    said = io.StringIO()
    call_command("restore", str(path), *options, stdout=said)
    return said.getvalue()


def addresses() -> set[str]:
    return {
        vault.unseal(contact.sealed, site_id=contact.site_id, comment_id=contact.comment_id)
        for contact in Contact.objects.all()
    }


def rewrite(path: Path, change: Callable[[dict[str, Any]], None]) -> None:
    """Write another manifest into a backup."""
    with zipfile.ZipFile(path) as archive:
        dump, manifest = archive.read(DUMP), json.loads(archive.read(MANIFEST))
    change(manifest)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(DUMP, dump)
        archive.writestr(MANIFEST, json.dumps(manifest))


def assert_untouched() -> None:
    assert connection.introspection.table_names() == []


def read_manifest(path: Path) -> dict[str, Any]:
    with zipfile.ZipFile(path) as archive:
        manifest: dict[str, Any] = json.loads(archive.read(MANIFEST))
        return manifest
