"""What outside services are sent: neither address nor key is anywhere else afterwards."""

import json

import pytest
from django.db import connection
from pytest_django.fixtures import Settings
from structlog.testing import capture_logs

from moderation.domain.remote import RemoteKind
from moderation.domain.status import Status
from moderation.flow.comments import call
from moderation.models import (
    AuditEvent,
    Site,
)
from moderation.privacy.vault import VaultError
from tests.builders import build_site
from tests.fake_services import (
    Answering,
    FakeServer,
    answer_of,
    hangs_up,
    judges,
    says,
    serve,
    submit_settled,
    use_service,
)

pytestmark = pytest.mark.django_db

AKISMET, MODEL = RemoteKind.AKISMET, RemoteKind.POLICY_MODEL
HAM, SPAM = says("false"), says("true")
ADDRESS = "cnry-remote@leak-91bc.example"
SECRET = "sk-canary-91bc7f3a"


@pytest.fixture
def site() -> Site:
    return build_site()


@pytest.mark.parametrize("kind", [AKISMET, MODEL])
def test_no_address_leaves_unless_the_site_says_so(site: Site, server: FakeServer, kind: RemoteKind) -> None:
    use_service(site, server.url, kind)
    submit_settled(site, email=ADDRESS)
    (asked,) = server.asked
    assert ADDRESS.encode() not in asked.body
    assert b"leak-91bc" not in asked.body
    assert b"203.0.113.77" not in asked.body
    assert not AuditEvent.objects.filter(kind="contact.sent").exists()


def test_an_address_that_leaves_is_on_record(site: Site, server: FakeServer) -> None:
    use_service(site, server.url, sends_email=True)
    comment = submit_settled(site, email=ADDRESS)
    assert server.asked[0].form["comment_author_email"] == ADDRESS
    event = AuditEvent.objects.get(kind="contact.sent")
    assert (event.subject_id, event.actor_kind, event.data) == (
        str(comment.id),
        "verdict",
        {"to": "akismet"},
    )
    assert "comment_author_email" in answer_of(comment).fields


def test_where_one_service_is_sent_addresses_the_other_is_not(
    site: Site, server: FakeServer, settings: Settings
) -> None:
    with serve(judges("none")) as model:
        settings.REMOTE_CHECK_ORIGINS |= {model.url}
        use_service(site, server.url, sends_email=True)
        use_service(site, model.url, MODEL)
        submit_settled(site, email=ADDRESS)
    assert server.asked[0].form["comment_author_email"] == ADDRESS
    assert b"leak-91bc" not in model.asked[0].body
    assert AuditEvent.objects.filter(kind="contact.sent").count() == 1


def test_an_address_is_not_opened_for_a_call_that_is_not_made(site: Site, server: FakeServer) -> None:
    use_service(site, server.url, sends_email=True, daily_budget=0)
    submit_settled(site, email=ADDRESS)
    assert not AuditEvent.objects.filter(kind="contact.sent").exists()


def test_an_address_that_does_not_open_is_left_out(
    site: Site, server: FakeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def closed(*_: object, **__: object) -> str:
        raise VaultError("closed")

    use_service(site, server.url, sends_email=True)
    monkeypatch.setattr(call, "unseal", closed)
    assert submit_settled(site, email=ADDRESS).status == Status.PUBLISHED
    assert "comment_author_email" not in server.asked[0].form
    assert not AuditEvent.objects.filter(kind="contact.sent").exists()


@pytest.mark.parametrize("kind", [AKISMET, MODEL])
@pytest.mark.parametrize("answer", [says(f"{SECRET} {ADDRESS}"), says("", 500), hangs_up])
def test_neither_key_nor_address_is_in_any_table_or_log(
    site: Site, server: FakeServer, kind: RemoteKind, answer: Answering
) -> None:
    server.answer = answer
    more = {"sends_email": True} if kind == AKISMET else {}
    with capture_logs() as logs:
        use_service(site, server.url, kind, key=SECRET, **more)
        submit_settled(site, email=ADDRESS)
    assert any(entry["event"] == "remote check failed" for entry in logs)
    assert not [part for part in (SECRET, ADDRESS) if part in str(logs)]
    for table in connection.introspection.table_names():
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT to_jsonb(row)::text FROM {connection.ops.quote_name(table)} AS row")
            rows = "\n".join(row[0] for row in cursor.fetchall())
        assert not [part for part in (SECRET, ADDRESS) if part in rows], table


def test_a_model_that_repeats_the_key_is_not_repeated(site: Site, server: FakeServer) -> None:
    """The key is no part of what a model reads, so all that it can repeat is the comment."""
    use_service(site, server.url, MODEL, key=SECRET)
    server.answer = judges("none")
    submit_settled(site)
    assert SECRET not in json.dumps(server.asked[0].json)
