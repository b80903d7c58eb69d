"""What stays behind: database, broker, mails and logs hold the address nowhere but sealed."""

import hashlib
import io
from pathlib import Path

import pytest
import structlog
from django.conf import settings
from django.core.management import call_command
from django.db import connection

from moderation.lib.addresses import mask_address
from tests.canary.needles import find_leaks
from tests.canary.scene import Scene
from tests.canary.wiretaps import dump_broker, dump_sessions, dump_table

pytestmark = pytest.mark.django_db


def leaking(parts: dict[str, bytes], scene: Scene) -> dict[str, list[str]]:
    found = {name: find_leaks(part, scene.canary.needles) for name, part in parts.items()}
    return {name: forms for name, forms in found.items() if forms}


def test_no_table_holds_it(scene: Scene) -> None:
    tables = {table: dump_table(table) for table in connection.introspection.table_names()}
    assert not leaking(tables, scene)
    mask = mask_address(scene.canary.address).encode()
    assert mask in tables["comment"], "the dump shows what is in a table"
    assert {"contact", "audit_event", "idempotency_key", "django_session", "job"} <= tables.keys()
    assert tables["contact"].count(b"v1:") >= 10


def test_no_statement_carried_it_to_the_database(scene: Scene) -> None:
    assert not leaking({text[:200].decode(): text for text in scene.statements}, scene)
    assert any(b"INSERT INTO contact" in text for text in scene.statements)


def test_no_session_of_the_database_shows_it(scene: Scene) -> None:
    assert not leaking({"pg_stat_activity": dump_table("pg_stat_activity")}, scene)


def test_no_plain_hash_of_a_request_is_kept(scene: Scene) -> None:
    """All but the address in a body is public, so that its plain hash would tell who guesses the address."""
    digests = {hashlib.sha256(body).hexdigest().encode() for body in scene.sent_bodies}
    assert len(digests) >= 30
    table = dump_table("idempotency_key")
    assert table.count(b"request_hash") >= 2
    assert not [digest for digest in digests if digest in table]


def test_the_broker_never_heard_it(scene: Scene) -> None:
    heard = b"\n".join(scene.commands)
    assert not leaking({"commands": heard, "left": dump_broker(settings.REDIS_URL)}, scene)
    assert b"rate:" in heard
    assert b"wake:screen" in heard
    assert b"moderation.screen" in heard, "the message to the workers was among the commands"


def test_no_outside_service_was_sent_it(scene: Scene) -> None:
    assert not leaking({"asked": b"\n".join(scene.asked)}, scene)
    assert any(b"comment_content=" in body for body in scene.asked)


def test_no_mail_tells_it(scene: Scene) -> None:
    assert not leaking({"mail": b"\n".join(scene.mails)}, scene)
    assert any(b"told@staff.example" in mail for mail in scene.mails)


def test_no_log_line_tells_it(asked_scene: Scene, log_path: Path) -> None:
    structlog.get_logger("canary").info("looked", count=1)
    written = log_path.read_bytes()
    assert b'"event": "looked"' in written
    assert not leaking({"log": written}, asked_scene)


def test_the_database_servers_log_does_not_tell_it(scene: Scene) -> None:
    logs = list((settings.VAR_DIR / "log").glob("*.log")) if not settings.DATABASE_URL else []
    assert not leaking({path.name: path.read_bytes() for path in logs}, scene)
    assert logs or settings.DATABASE_URL


def test_no_session_holds_it(scene: Scene) -> None:
    assert not leaking({"sessions": dump_sessions()}, scene)
    assert dump_sessions().count(b"_auth_user_id") >= 5


def test_dumpdata_does_not_tell_it(scene: Scene) -> None:
    dumped = io.StringIO()
    call_command("dumpdata", stdout=dumped)
    assert "moderation.contact" in dumped.getvalue()
    assert not leaking({"dumpdata": dumped.getvalue().encode()}, scene)
