"""Restoring: all comes back, or all stays as it was."""

import zipfile
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from axes.models import AccessAttempt
from axes.utils import reset
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from pytest_django.fixtures import Settings

from config.backup.archive import DUMP, MANIFEST
from moderation.flow.keeping.rotate import rotate_email_keys
from moderation.flow.keeping.seal import find_settled_id, seal_step
from moderation.models import AuditEvent, Comment, Job, Site
from moderation.queries.audit_chain import walk_chain
from moderation.queries.health import count_missing_migrations
from tests.builders import submit, submit_screened
from tests.config.backup.files import (
    ADDRESSES,
    NEW,
    OLD,
    addresses,
    assert_untouched,
    back_up,
    read_manifest,
    restore,
    rewrite,
)

pytestmark = pytest.mark.django_db(transaction=True)


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
    assert manifest["rows"]["django_session"] == 0
    assert counted == manifest["rows"] | {"audit_event": manifest["rows"]["audit_event"] + 1}


def test_after_restoring_people_log_in_anew_and_wrong_passwords_are_counted(
    prepared: Path, settings: Settings
) -> None:
    """The tables that came without rows are there, whole."""
    restore(prepared)
    settings.AXES_ENABLED = True
    answers = [post_login(Client(), "wrong").status_code for _ in range(5)]
    assert answers == [200, 200, 200, 200, 429]
    reset(username="mo")
    client = Client()
    assert post_login(client, "correct horse battery").status_code == 302
    assert client.get("/admin/").status_code == 200
    assert Session.objects.count() == 1


def test_sessions_in_an_older_backup_are_thrown_away(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    path = tmp_path / "older.backup"
    with monkeypatch.context() as older:
        older.setattr("config.backup.make.tables_left_out", frozenset)
        back_up(path)
    assert read_manifest(path)["rows"]["django_session"] == 1
    request.getfixturevalue("empty_database")
    restore(path)
    assert not Session.objects.exists()
    assert not AccessAttempt.objects.exists()


def post_login(client: Client, password: str):
    return client.post("/admin/login/", {"username": "mo", "password": password})


@pytest.mark.slow
def test_the_database_still_protects_the_record_afterwards(prepared: Path) -> None:
    restore(prepared)
    with pytest.raises(Exception, match="append-only"):
        AuditEvent.objects.all().delete()
    submit_screened(Site.objects.get(), "A remark of the new machine.", email="new@reader.example")
    assert seal_step(find_settled_id()) >= 3
    assert not [each for stretch in walk_chain() for each in stretch.findings]


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
