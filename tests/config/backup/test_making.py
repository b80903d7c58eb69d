"""Making a backup: complete, private, or not there at all."""

import stat
import subprocess
import zipfile
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.core.management import CommandError
from django_otp.plugins.otp_totp.models import default_key
from pytest_django.fixtures import Settings

from config.backup import programs
from config.backup.archive import DUMP, MANIFEST
from moderation.flow.site.accounts import add_second_factor
from moderation.lib.addresses import mask_address
from moderation.models import AuditEvent, Site
from tests.admin.people import code_of_key
from tests.builders import submit_screened
from tests.canary.needles import Canary, find_leaks
from tests.config.backup.files import OLD, back_up, read_manifest, restore

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_file_is_for_its_owner_only_and_complete(backup: Path) -> None:
    assert stat.S_IMODE(backup.stat().st_mode) == 0o600
    assert [path.name for path in backup.parent.iterdir()] == ["a.backup"]
    assert AuditEvent.objects.order_by("-id")[0].kind == "backup.made"


def test_a_backup_tells_what_it_needs_and_holds_no_key(
    site: Site, tmp_path: Path, settings: Settings
) -> None:
    said = back_up(tmp_path / "a.backup")
    assert "old (6 addresses)" in said
    with zipfile.ZipFile(tmp_path / "a.backup") as archive:
        parts = [archive.read(DUMP), archive.read(MANIFEST), said.encode()]
    for key in (OLD.partition(":")[2], settings.EMAIL_INDEX_KEY, settings.SECRET_KEY):
        assert not [part for part in parts if key.encode() in part]


def test_a_backup_holds_no_session_and_no_failed_log_in(site: Site, tmp_path: Path) -> None:
    """A session's key is the cookie of somebody who is logged in."""
    keys = list(Session.objects.values_list("session_key", flat=True))
    assert keys
    path = tmp_path / "a.backup"
    back_up(path)
    plain = in_plain(path)
    for secret in (*keys, "nobody-s-account", "192.0.2.99"):
        assert secret.encode() not in plain
    assert "CREATE TABLE public.django_session" in plain.decode()
    rows = read_manifest(path)["rows"]
    assert {rows[table] for table in rows if table.startswith(("axes_", "django_session"))} == {0}


def test_no_seed_and_no_backup_code_of_a_second_factor_is_in_the_file(site: Site, tmp_path: Path) -> None:
    seed = default_key()
    _, codes = add_second_factor(User.objects.get(), key=seed, code=code_of_key(bytes.fromhex(seed)))
    path = tmp_path / "a.backup"
    back_up(path)
    plain = in_plain(path).decode()
    assert "\tapp\t" in plain, "the dump can be read, and the device is in it"
    assert not [secret for secret in (seed, *codes) if secret in plain]


def test_the_command_says_what_is_in_a_backup_and_what_is_not(site: Site, tmp_path: Path) -> None:
    said = back_up(tmp_path / "a.backup")
    assert "Neither this service's keys nor sessions are in it" in said
    assert "are, in plain: keep it like the database itself" in said


def test_an_existing_file_is_not_overwritten(backup: Path) -> None:
    before = backup.read_bytes()
    with pytest.raises(CommandError, match="exists"):
        back_up(backup)
    assert backup.read_bytes() == before


def test_a_dump_that_fails_half_way_leaves_no_file(site: Site, tmp_path: Path) -> None:
    script = '#!/bin/sh\n[ "$1" = --version ] && echo "pg_dump (PostgreSQL) 99" && exit\necho PGDMP; exit 1\n'
    folder = tmp_path / "programs"
    folder.mkdir()
    (folder / "pg_dump").write_text(script)
    (folder / "pg_dump").chmod(0o755)
    with pytest.raises(CommandError, match="pg_dump failed"):
        back_up(tmp_path / "a.backup", "--programs", str(folder))
    assert [path.name for path in tmp_path.iterdir()] == ["programs"]


def test_a_folder_that_is_missing_is_said(site: Site, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="Cannot write"):
        back_up(tmp_path / "nowhere" / "a.backup")


def test_a_server_newer_than_the_programs_is_said(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(programs, "server_major_version", lambda: 99)
    with pytest.raises(CommandError, match=r"server is PostgreSQL 99 and the client.*--programs"):
        back_up(tmp_path / "a.backup")


def test_no_address_is_in_the_file(site: Site, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    canary = Canary()
    submit_screened(site, "A remark of the canary.", email=canary.address)
    path = tmp_path / "a.backup"
    said = back_up(path)
    plain = in_plain(path)
    mask = mask_address(canary.address).encode()
    assert mask in plain, "the dump can be read, and what may be in it is in it"
    with zipfile.ZipFile(path) as archive:
        manifest = archive.read(MANIFEST)
    for part in (plain, manifest, said.encode(), path.read_bytes()):
        assert not find_leaks(part, canary.needles)
    assert find_leaks(plain + canary.address.encode(), canary.needles), "a leak would be found"
    request.getfixturevalue("empty_database")
    assert not find_leaks(restore(path).encode(), canary.needles)


def in_plain(path: Path) -> bytes:
    """The dump as the SQL that it stands for."""
    with zipfile.ZipFile(path) as archive:
        dump = archive.read(DUMP)
    command = [str(programs.find_programs().folder / "pg_restore"), "--file=-"]
    return subprocess.run(command, input=dump, capture_output=True, check=True).stdout
