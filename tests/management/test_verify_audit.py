"""The audit record after many acts: sound as it is, and each way of tampering is found and named."""

import io
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection, transaction

from moderation.domain.audit_chain import Seal, digest_event, digest_events, hash_seal
from moderation.domain.status import Action
from moderation.flow.comments.decide import Choice, decide_many
from moderation.flow.keeping.seal import find_settled_id, seal_step
from moderation.flow.record import SYSTEM, Event, record
from moderation.models import AuditEvent, AuditLink, AuditSeal, Comment, Site
from moderation.queries.audit_chain import EVENT_FIELDS
from tests.builders import build_moderator, build_site, person, screen_all, submit

pytestmark = pytest.mark.django_db


def verify(*options: str) -> tuple[int, dict[str, Any]]:
    """Exit code and report."""
    output = io.StringIO()
    code = 0
    try:
        call_command("verify_audit", "--json", *options, stdout=output, stderr=io.StringIO())
    except SystemExit as ended:
        code = int(str(ended.code))
    return code, json.loads(output.getvalue())


def found(*options: str) -> list[tuple[str, str]]:
    code, report = verify(*options)
    assert code == (1 if report["findings"] else 0)
    assert report["is_sound"] is not bool(report["findings"])
    return [(finding["what"], finding["subject"]) for finding in report["findings"]]


@contextmanager
def unprotected() -> Iterator[Any]:
    """What the owner of the tables can do, and nobody else."""
    with connection.cursor() as cursor:
        for table in ("audit_event", "audit_link", "audit_seal"):
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        yield cursor
        for table in ("audit_event", "audit_link", "audit_seal"):
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")


def tamper(statement: str, *values: Any) -> None:
    with unprotected() as cursor:
        cursor.execute(statement, values)
        assert cursor.rowcount > 0, "nothing was changed"


def seal_all(limit: int = 1_000) -> None:
    settled = find_settled_id()
    while seal_step(settled, limit=limit) == limit:
        pass


@pytest.fixture
def site() -> Site:
    return build_site()


@pytest.fixture
def record_of_50(site: Site) -> list[int]:
    """The ids of 50 events with odd contents in five seals."""
    for number in range(49):
        data = {
            "n": number,
            "of": ["é", None, 1.5, '"quoted"\n', "\u2028", True],
            "": {"b": 1, "a": 2**63 - 1},
        }
        with transaction.atomic():
            record(
                Event("test.acted", "test", number, data),
                site_id=site.id if number % 3 else None,
                actor=SYSTEM,
            )
    seal_all(limit=10)
    assert found() == []
    return list(AuditEvent.objects.order_by("id").values_list("id", flat=True))


def test_a_sound_record_is_said_to_be_sound(record_of_50: list[int]) -> None:
    code, report = verify()
    assert (code, report["is_sound"], report["events"], report["seals"]) == (0, True, 50, 5)
    with transaction.atomic():
        record(Event("test.acted", "test", 0), site_id=None, actor=SYSTEM)
    assert verify()[1]["unsealed"] == 1


@pytest.mark.parametrize(
    "change",
    [
        "kind = 'test.acte'",
        "site_id = NULL",
        "site_id = gen_random_uuid()",
        "subject_id = subject_id || ' '",
        "subject_kind = 'tes'",
        "actor_kind = 'person'",
        "actor_user_id = 1",
        "actor_key_id = gen_random_uuid()",
        "data = data || '{\"n\": 11.0}'",
        "created_at = created_at + interval '1 microsecond'",
        "created_at = 'infinity'",
    ],
)
def test_a_change_of_any_field_is_found(record_of_50: list[int], change: str) -> None:
    tamper(f"UPDATE audit_event SET {change} WHERE id = %s", record_of_50[12])
    assert found() == [("changed", f"event {record_of_50[12]}")]


def test_a_changed_id_is_one_removed_and_one_added(record_of_50: list[int]) -> None:
    tamper("UPDATE audit_event SET id = -5 WHERE id = %s", record_of_50[12])
    assert found() == [("removed", f"event {record_of_50[12]}")]


def test_a_removed_event_is_named(record_of_50: list[int]) -> None:
    tamper("DELETE FROM audit_event WHERE id = %s", record_of_50[23])
    assert found() == [("removed", f"event {record_of_50[23]}")]


def test_an_event_removed_with_its_link_leaves_a_gap_and_an_unfit_seal(
    record_of_50: list[int], site: Site
) -> None:
    event = AuditEvent.objects.get(id=record_of_50[23])
    number = AuditLink.objects.get(event_id=event.id).number
    tamper("DELETE FROM audit_link WHERE event_id = %s", event.id)
    tamper("DELETE FROM audit_event WHERE id = %s", event.id)
    whose = f"site {event.site_id}" if event.site_id else "the service"
    assert found() == [
        ("removed", f"events with the numbers {number} to {number} of {whose}"),
        ("changed", "seal 3"),
    ]


def test_an_event_slipped_into_a_gap_is_named(record_of_50: list[int], site: Site) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence('audit_event', 'id'))")  # as rolled back
        (gap,) = cursor.fetchone()
    with transaction.atomic():
        record(Event("test.acted", "test", 50), site_id=site.id, actor=SYSTEM)
    seal_all()
    assert found() == []
    AuditEvent.objects.create(id=gap, kind="slipped.in", subject_kind="test", subject_id="1", site=site)
    assert found() == [("added", f"event {gap}")]


def test_an_event_changed_with_its_link_is_narrowed_to_its_seal(record_of_50: list[int]) -> None:
    event_id = record_of_50[12]
    tamper("UPDATE audit_event SET kind = 'forged' WHERE id = %s", event_id)
    forge_link(event_id)
    assert found() == [("changed", "seal 2")]


def test_a_seal_hashed_anew_is_named(record_of_50: list[int]) -> None:
    tamper("UPDATE audit_event SET kind = 'forged' WHERE id = %s", record_of_50[12])
    forge_link(record_of_50[12])
    forge_seal(2)
    assert found() == [("changed", "seal 2")]
    assert "seal 3 remembers another hash" in verify()[1]["findings"][0]["why"]


def test_a_chain_written_anew_to_its_end_is_found_by_an_anchor(record_of_50: list[int]) -> None:
    noted = verify()[1]["newest"]["hash"]
    assert found("--anchor", noted.upper()) == []
    tamper("UPDATE audit_event SET kind = 'forged' WHERE id = %s", record_of_50[12])
    forge_link(record_of_50[12])
    for number in range(2, 6):
        forge_seal(number)
    assert found() == [], "the chain alone cannot tell"
    assert found("--anchor", noted) == [("unknown", f"anchor {noted}")]


def test_a_chain_that_was_cut_off_is_found_by_an_anchor(record_of_50: list[int]) -> None:
    noted = verify()[1]["newest"]["hash"]
    last = AuditSeal.objects.order_by("-number")[0]
    tamper("DELETE FROM audit_seal WHERE number = %s", last.number)
    assert {subject for _, subject in found()} == {f"seal of event {each}" for each in record_of_50[40:]}
    tamper("DELETE FROM audit_link WHERE event_id >= %s", last.from_id)
    tamper("DELETE FROM audit_event WHERE id >= %s", last.from_id)
    assert found() == []
    assert found("--anchor", noted) == [("unknown", f"anchor {noted}")]


@pytest.mark.parametrize(
    "change",
    [
        "hash = sha256('x')",
        "sealed_at = sealed_at - interval '1 day'",
        "count = count - 1",
        "previous_hash = sha256('x')",
        "to_id = to_id - 1",
        "from_id = from_id + 1",
    ],
)
def test_a_change_of_a_seal_is_found(record_of_50: list[int], change: str) -> None:
    tamper(f"UPDATE audit_seal SET {change} WHERE number = 3")
    assert ("changed", "seal 3") in found()


def test_a_removed_seal_is_named(record_of_50: list[int]) -> None:
    tamper("DELETE FROM audit_seal WHERE number IN (2, 3)")
    assert found() == [("removed", "seals 2 to 3")]
    tamper("DELETE FROM audit_seal WHERE number = 1")
    assert found() == [("removed", "seals 1 to 3")]


def test_the_report_for_people_says_what_to_do(record_of_50: list[int]) -> None:
    output = io.StringIO()
    call_command("verify_audit", stdout=output)
    assert re.search(
        r"50 events in 5 seals read in .* s \(\d+ events/s\); 0 events are not sealed", output.getvalue()
    )
    assert output.getvalue().endswith("The record is as it was sealed.\n")


@pytest.mark.slow
def test_after_10000_acts_one_changed_removed_or_added_row_is_found(site: Site) -> None:
    moderator = person(build_moderator([site]))
    comments = [
        submit(site, f"Remark {n} about the bridge over {n} rivers", email=f"r{n}@reader.example")
        for n in range(100)
    ]
    while Comment.objects.filter(status="screening").exists():
        screen_all()
    for turn in range(100):
        action, reason = (Action.APPROVE, "fine") if turn % 2 else (Action.REJECT, "off_topic")
        versions = Comment.objects.filter(id__in=[each.id for each in comments]).values_list("id", "version")
        choices = [Choice(comment_id, version) for comment_id, version in versions]
        results = decide_many(choices, site_id=site.id, action=action, reason=reason, actor=moderator)
        assert not [result.refusal for result in results if result.refusal]
    seal_all()
    with connection.cursor() as cursor:
        # In a service autovacuum informs the planner; it cannot see into this open transaction.
        cursor.execute("ANALYZE audit_event, audit_link, audit_seal")
    code, report = verify()
    assert code == 0
    assert report["events"] >= 10_000
    print(f"\n{report['events']} events verified at {report['events_per_s']} events/s")
    ids = list(AuditEvent.objects.order_by("id").values_list("id", flat=True))
    for statement, what in (
        ("UPDATE audit_event SET actor_kind = 'rule' WHERE id = %s", "changed"),
        ("DELETE FROM audit_event WHERE id = %s", "removed"),
        ("DELETE FROM audit_link WHERE event_id = %s", "added"),
    ):
        with transaction.atomic():
            tamper(statement, ids[7_777])
            assert (what, f"event {ids[7_777]}") in found()
            transaction.set_rollback(True)
    assert found() == []


def forge_link(event_id: int) -> None:
    """Make the link fit the changed event."""
    with unprotected() as cursor:
        cursor.execute(f"SELECT {EVENT_FIELDS} FROM audit_event AS event WHERE id = %s", [event_id])
        number = AuditLink.objects.get(event_id=event_id).number
        digest = digest_event(number, cursor.fetchone())
        cursor.execute("UPDATE audit_link SET digest = %s WHERE event_id = %s", [digest, event_id])


def forge_seal(number: int) -> None:
    """Make a seal fit what it seals and the seal before it."""
    row = AuditSeal.objects.get(number=number)
    links = AuditLink.objects.filter(event_id__range=(row.from_id, row.to_id)).order_by("event_id")
    before = AuditSeal.objects.get(number=number - 1)
    written = row.sealed_at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    seal = Seal(number, row.from_id, row.to_id, row.count, written, bytes(before.hash), b"")
    seal = replace(seal, hash=hash_seal(seal, events=digest_events(bytes(link.digest) for link in links)))
    with unprotected() as cursor:
        values = [seal.previous_hash, seal.hash, number]
        cursor.execute("UPDATE audit_seal SET previous_hash = %s, hash = %s WHERE number = %s", values)
