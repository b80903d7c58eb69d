"""Backup and restore: all comes back or nothing is touched, and what does not fit is said before."""

import base64
import io
import json
import stat
import subprocess
import zipfile
from collections.abc import Callable, Iterator
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client, override_settings
from pytest_django.fixtures import Settings

from config.backup import fit, programs
from config.backup.archive import DUMP, MANIFEST
from moderation.flow.rotate import rotate_email_keys
from moderation.flow.seal import find_settled_id, seal_step
from moderation.models import AuditEvent, Comment, Contact, Job, Site
from moderation.privacy import vault
from moderation.queries.audit_chain import walk_chain
from moderation.queries.health import count_missing_migrations
from tests.builders import build_moderator, build_site, submit, submit_screened
from tests.canary.needles import Canary, find_leaks

pytestmark = pytest.mark.django_db(transaction=True)

OLD = "old:" + base64.b64encode(b"1" * 32).decode()
NEW = "new:" + base64.b64encode(b"2" * 32).decode()
MISFITS: tuple[tuple[dict[str, object], str], ...] = (
    ({"format": 2}, "format is 2"),
    ({"rows": None}, "manifest is damaged"),
    ({"surplus": 1}, "manifest is damaged"),
    ({"dump_sha256": "0" * 64}, "its dump is not the one"),
    ({"migrations": [["moderation", "9999_later"]]}, r"newer or other version.*moderation\.9999_later"),
    ({"migrations": [["moderation", "0001_initial"]]}, r"older version.*--migrate"),
    ({"server_version": 990_000}, "needs PostgreSQL 99"),
)
ADDRESSES = [f"reader-{number}@reader.example" for number in range(6)]


def back_up(path: Path, *options: str) -> str:
    said = io.StringIO()
    call_command("backup", str(path), *options, stdout=said)
    return said.getvalue()


def restore(path: Path, *options: str) -> str:
    said = io.StringIO()
    call_command("restore", str(path), *options, stdout=said)
    return said.getvalue()


@pytest.fixture
def site(settings: Settings) -> Site:
    """A site with published and waiting comments, sessions, a sealed record."""
    settings.EMAIL_KEYS = [OLD]
    site = build_site()
    for number, address in enumerate(ADDRESSES[:3]):
        submit_screened(site, f"Remark {number} about the bridge over the river.", email=address)
    for number, address in enumerate(ADDRESSES[3:]):
        submit(site, f"Remark {number} about the market on the square.", email=address)
    Client().force_login(build_moderator([site]), backend="django.contrib.auth.backends.ModelBackend")
    assert seal_step(find_settled_id()) > 6
    return site


@pytest.fixture
def backup(site: Site, tmp_path: Path) -> Path:
    back_up(tmp_path / "a.backup")
    return tmp_path / "a.backup"


@pytest.fixture
def empty_database(site: Site) -> Iterator[str]:
    """Django's connection leads to a new, empty database meanwhile."""
    home = connection.settings_dict["NAME"]
    name = f"{home}_restored"

    def at_home(statement: str) -> None:
        connection.close()
        connection.settings_dict["NAME"] = home
        with connection.cursor() as cursor:
            cursor.execute(statement)

    at_home(f"DROP DATABASE IF EXISTS {name}")
    at_home(f"CREATE DATABASE {name}")
    connection.close()
    connection.settings_dict["NAME"] = name
    yield name
    at_home(f"DROP DATABASE {name}")


@pytest.fixture
def prepared(backup: Path, empty_database: str) -> Path:
    """The backup of the one, while the connection leads to the other."""
    assert connection.introspection.table_names() == []
    return backup


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


def change_manifest(change: dict[str, object], manifest: dict[str, Any]) -> None:
    manifest.update(change)


def assert_untouched() -> None:
    assert connection.introspection.table_names() == []


def test_all_rows_come_back_all_addresses_open_and_the_record_fits(prepared: Path) -> None:
    said = restore(prepared)
    assert addresses() == set(ADDRESSES)
    assert sorted(Comment.objects.values_list("status", flat=True)) == ["published"] * 3 + ["screening"] * 3
    assert Job.objects.filter(kind="screen").count() == 3, "what was waiting is still to be done"
    assert User.objects.get().check_password("correct horse battery")
    assert not [each for stretch in walk_chain() for each in stretch.findings]
    assert AuditEvent.objects.order_by("-id")[0].kind == "backup.restored"
    assert "6 addresses open" in said
    assert "The audit record is as it was sealed." in said


def test_every_table_has_as_many_rows_as_in_the_dumps_snapshot(prepared: Path) -> None:
    manifest = read_manifest(prepared)
    restore(prepared)
    with connection.cursor() as cursor:
        counted = {}
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT count(*) FROM {table}")
            counted[table] = cursor.fetchone()[0]
    assert manifest["rows"]["django_session"] == 1
    expected = manifest["rows"] | {"django_session": 0, "audit_event": manifest["rows"]["audit_event"] + 1}
    assert counted == expected


@pytest.mark.slow
def test_the_database_still_protects_the_record_afterwards(prepared: Path) -> None:
    restore(prepared)
    with pytest.raises(Exception, match="append-only"):
        AuditEvent.objects.all().delete()
    submit_screened(Site.objects.get(), "A remark of the new machine.", email="new@reader.example")
    assert seal_step(find_settled_id()) >= 3
    assert not [each for stretch in walk_chain() for each in stretch.findings]


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


def test_a_backup_from_half_way_through_a_rotation_opens_with_both_keys(
    site: Site, tmp_path: Path, settings: Settings, request: pytest.FixtureRequest
) -> None:
    settings.EMAIL_KEYS = [NEW, OLD]
    list(islice(rotate_email_keys(step=2), 1))  # as if killed then
    path = tmp_path / "half.backup"
    back_up(path)
    assert read_manifest(path)["addresses_by_key"] == {"new": 2, "old": 4}
    request.getfixturevalue("empty_database")
    for keys in ([NEW], [OLD]):
        settings.EMAIL_KEYS = keys
        with pytest.raises(CommandError, match="do not fit this backup"):
            restore(path)
    settings.EMAIL_KEYS = [OLD, NEW]
    restore(path)
    assert addresses() == set(ADDRESSES)
    settings.EMAIL_KEYS = [NEW, OLD]
    assert [done.unreadable for done in rotate_email_keys()] == [()]
    settings.EMAIL_KEYS = [NEW]
    assert addresses() == set(ADDRESSES)


@pytest.mark.slow
def test_a_database_with_rows_is_replaced_only_when_it_is_named(prepared: Path, empty_database: str) -> None:
    restore(prepared)
    submit(Site.objects.get(), "A remark that will be thrown away.", email="later@reader.example")
    for options in ((), ("--replace", "other")):
        with pytest.raises(CommandError, match=r"not empty|but the database is"):
            restore(prepared, *options)
    assert Comment.objects.count() == 7
    restore(prepared, "--replace", empty_database)
    assert Comment.objects.count() == 6


def test_a_restoration_that_fails_at_its_end_leaves_all_as_it_was(
    prepared: Path, empty_database: str
) -> None:
    restore(prepared)
    submit(Site.objects.get(), "A remark that must survive.", email="later@reader.example")

    def expect_more(manifest: dict[str, Any]) -> None:
        manifest["rows"]["comment"] += 1

    rewrite(prepared, expect_more)
    with pytest.raises(CommandError, match=r"nothing was changed.*rows of comment: 6 instead of 7"):
        restore(prepared, "--replace", empty_database)
    assert Comment.objects.count() == 7
    assert addresses() == {*ADDRESSES, "later@reader.example"}


def test_a_dump_that_breaks_off_inside_leaves_all_as_it_was(
    prepared: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever the checks before it let through: without its last line nothing of the script stays."""
    with zipfile.ZipFile(prepared) as archive:
        dump, manifest = archive.read(DUMP), archive.read(MANIFEST)
    with zipfile.ZipFile(prepared, "w") as archive:
        archive.writestr(DUMP, dump[: len(dump) * 9 // 10])
        archive.writestr(MANIFEST, manifest)
    monkeypatch.setattr("config.backup.restore.check_dump", lambda *args: None)
    with pytest.raises(CommandError, match="pg_restore cannot read the dump"):
        restore(prepared)
    assert_untouched()


@pytest.mark.slow
def test_a_database_that_was_only_migrated_counts_as_empty(prepared: Path) -> None:
    call_command("migrate", interactive=False, verbosity=0)
    restore(prepared)
    assert addresses() == set(ADDRESSES)


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


@pytest.mark.slow
def test_a_backup_of_an_older_version_is_brought_up_to_date(
    site: Site, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    path = tmp_path / "old.backup"
    call_command("migrate", "auth", "0011", interactive=False, verbosity=0)
    try:
        back_up(path)
    finally:
        call_command("migrate", interactive=False, verbosity=0)
    request.getfixturevalue("empty_database")
    with pytest.raises(CommandError, match=r"lacks auth.0012_alter_user_first_name_max_length.*--migrate"):
        restore(path)
    assert_untouched()
    restore(path, "--migrate")
    assert count_missing_migrations() == 0
    assert addresses() == set(ADDRESSES)


def test_no_address_is_in_the_file(site: Site, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    canary = Canary()
    submit_screened(site, "A remark of the canary.", email=canary.address)
    path = tmp_path / "a.backup"
    said = back_up(path)
    plain = in_plain(path)
    mask = vault.mask(canary.address).encode()
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


def read_manifest(path: Path) -> dict[str, Any]:
    with zipfile.ZipFile(path) as archive:
        manifest: dict[str, Any] = json.loads(archive.read(MANIFEST))
        return manifest
