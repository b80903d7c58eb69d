"""What does not fit is said before anything is touched."""

import base64
import zipfile
from functools import partial
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.core.management import CommandError
from django.db import connection
from django.test import override_settings

from config.backup import fit
from config.backup.archive import DUMP
from tests.config.backup.files import NEW, assert_untouched, restore, rewrite

pytestmark = pytest.mark.django_db(transaction=True)

MISFITS: tuple[tuple[dict[str, object], str], ...] = (
    ({"format": 2}, "format is 2"),
    ({"rows": None}, "manifest is damaged"),
    ({"surplus": 1}, "manifest is damaged"),
    ({"dump_sha256": "0" * 64}, "its dump is not the one"),
    ({"migrations": [["moderation", "9999_later"]]}, r"newer or other version.*moderation\.9999_later"),
    ({"migrations": [["moderation", "0001_initial"]]}, r"older version.*--migrate"),
    ({"server_version": 990_000}, "needs PostgreSQL 99"),
)


def change_manifest(change: dict[str, object], manifest: dict[str, Any]) -> None:
    manifest.update(change)


def test_a_server_older_than_the_backup_is_said(prepared: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fit, "server_major_version", lambda: 16)
    with pytest.raises(CommandError, match=r"needs PostgreSQL 1[78] or newer"):
        restore(prepared)
    assert_untouched()


def test_a_file_that_was_cut_off_is_refused(prepared: Path) -> None:
    whole = prepared.read_bytes()
    for length in (0, 10, len(whole) // 2, len(whole) - 1):
        prepared.write_bytes(whole[:length])
        with pytest.raises(CommandError, match="cut off or damaged"):
            restore(prepared)
        assert_untouched()


def test_one_changed_byte_of_the_dump_is_found(prepared: Path) -> None:
    with zipfile.ZipFile(prepared) as archive:
        middle = archive.getinfo(DUMP).file_size // 2
    content = bytearray(prepared.read_bytes())
    content[middle] ^= 1
    prepared.write_bytes(content)
    with pytest.raises(CommandError, match="damaged"):
        restore(prepared)
    assert_untouched()


def test_another_zip_is_no_backup(prepared: Path) -> None:
    with zipfile.ZipFile(prepared, "w") as archive:
        archive.writestr("letter.txt", "Dear reader")
    with pytest.raises(CommandError, match="no backup of this service"):
        restore(prepared)


def test_a_missing_file_is_said(empty_database: str, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="cannot be read: No such file"):
        restore(tmp_path / "none.backup")


def test_a_manifest_that_does_not_fit_is_refused(prepared: Path) -> None:
    good = prepared.read_bytes()
    for change, said in MISFITS:
        prepared.write_bytes(good)
        rewrite(prepared, partial(change_manifest, change))
        with pytest.raises(CommandError, match=said):
            restore(prepared)
        assert_untouched()


def test_keys_that_do_not_fit_are_told_before_anything_is_touched(prepared: Path) -> None:
    wrong = base64.b64encode(b"3" * 32).decode()
    for name, value in (("EMAIL_KEYS", [NEW]), ("EMAIL_KEYS", [f"old:{wrong}"]), ("EMAIL_INDEX_KEY", wrong)):
        with (
            override_settings(**{name: value}),
            pytest.raises(CommandError, match=r"keys here do not fit this backup.*old \(6 addresses\)"),
        ):
            restore(prepared)
        assert_untouched()
    assert "It fits" in restore(prepared, "--check")
    assert_untouched()


def test_a_key_that_sealed_no_address_is_asked_for_too(prepared: Path) -> None:
    """It may have sealed the second factors' seeds or services' keys, of which there is no sample."""
    rewrite(prepared, partial(change_manifest, {"addresses_by_key": {"old": 6, "older": 1}}))
    with pytest.raises(CommandError, match=r"keys here do not fit this backup.*older \(1 addresses\)"):
        restore(prepared)
    assert_untouched()


def test_tables_of_something_else_are_never_dropped(prepared: Path) -> None:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE cellar (wine text)")
    with pytest.raises(CommandError, match="tables of something else: cellar"):
        restore(prepared)
    assert connection.introspection.table_names() == ["cellar"]


def test_a_running_service_is_noticed(prepared: Path) -> None:
    parameters: dict[str, Any] = connection.get_connection_params()
    names = {"host", "port", "user", "password", "dbname"} & parameters.keys()
    known = {name: parameters[name] for name in names}
    with psycopg.connect(**known, application_name="moderation"):
        with pytest.raises(CommandError, match="The service is running on this database"):
            restore(prepared)
    assert_untouched()
