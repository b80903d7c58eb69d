"""Another EMAIL_INDEX_KEY without a stop: authors, repeated requests and domains are known before, meanwhile
and afterwards.
"""

import base64
import io
from itertools import islice
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from pytest_django.fixtures import Settings

from moderation.domain.errors import Duplicate, IdempotencyMismatch
from moderation.domain.status import Action
from moderation.flow.comments.decide import Choice, decide
from moderation.flow.comments.store import SUBMIT_BY_ANY_HASH_SQL, SUBMIT_SQL
from moderation.flow.comments.submit import submit_comment
from moderation.flow.keeping.index_keys import change_index_key
from moderation.flow.keeping.rotate import check_stored_addresses
from moderation.models import AuditEvent, Author, Comment, Contact, DomainLabel, DomainRecord, Site
from moderation.privacy import vault
from moderation.privacy.vault import VaultError
from moderation.queries.reputation import load_domains
from tests.builders import build_moderator, build_site, build_submission, person, submit, submit_screened

pytestmark = pytest.mark.django_db

OLD = base64.b64encode(b"3" * 32).decode()
NEW = base64.b64encode(b"4" * 32).decode()
ADA, BO = "ada@reader.example", "bo@reader.example"
DOMAIN = "heron.example"


@pytest.fixture(autouse=True)
def _former(settings: Settings) -> None:
    settings.EMAIL_INDEX_KEY = OLD


@pytest.fixture
def site() -> Site:
    return build_site()


@pytest.fixture
def stored(site: Site) -> list[Comment]:
    """Two authors under the former key."""
    return [submit(site, f"A remark of {email}.", email=email) for email in (ADA, BO)]


def change(settings: Settings) -> None:
    settings.EMAIL_INDEX_KEY, settings.EMAIL_INDEX_KEY_FALLBACKS = NEW, [OLD]


def finish(settings: Settings) -> None:
    settings.EMAIL_INDEX_KEY_FALLBACKS = []


def rotate(*options: str) -> str:
    said = io.StringIO()
    call_command("rotate_email_keys", *options, stdout=said)
    return said.getvalue()


def hashes(site: Site) -> set[bytes]:
    return {vault.address_hash(email, site_id=site.id) for email in (ADA, BO)}


def stored_hashes() -> set[bytes]:
    return {bytes(value) for value in Author.objects.values_list("address_hash", flat=True)}


def test_an_author_is_the_same_before_meanwhile_and_afterwards(
    site: Site, stored: list[Comment], settings: Settings
) -> None:
    change(settings)
    check_stored_addresses()
    assert submit(site, "Meanwhile.", email=ADA).author_id == stored[0].author_id
    said = rotate("--step", "1")
    assert "Done: 2 authors and 0 domains are found by EMAIL_INDEX_KEY now." in said
    assert submit(site, "Later.", email=ADA).author_id == stored[0].author_id
    finish(settings)
    check_stored_addresses()
    assert stored_hashes() == hashes(site)
    assert submit(site, "Afterwards.", email=ADA).author_id == stored[0].author_id
    assert Author.objects.count() == 2


def test_without_the_former_key_an_author_would_be_a_stranger(
    site: Site, stored: list[Comment], settings: Settings
) -> None:
    """What a change without it did, and why the start refuses it."""
    settings.EMAIL_INDEX_KEY = NEW
    with pytest.raises(VaultError, match="EMAIL_INDEX_KEY"):
        check_stored_addresses()
    assert submit(site, "A stranger's.", email=ADA).author_id != stored[0].author_id


def test_processes_that_do_not_write_by_the_new_key_yet_can_find_by_it(
    site: Site, stored: list[Comment], settings: Settings
) -> None:
    """Several machines: first all of them look up by the new key too, then all write by it."""
    change(settings)
    new = submit(site, "By a machine that is ahead.", email="cy@reader.example")
    settings.EMAIL_INDEX_KEY, settings.EMAIL_INDEX_KEY_FALLBACKS = OLD, [NEW]
    assert submit(site, "By one that is behind.", email="cy@reader.example").author_id == new.author_id


def test_half_way_everybody_is_found_and_a_second_run_finishes(
    site: Site, stored: list[Comment], settings: Settings
) -> None:
    change(settings)
    assert [done.authors for done in islice(change_index_key(step=1), 1)] == [1]
    for comment, email in zip(stored, (ADA, BO), strict=True):
        assert submit(site, "Half way.", email=email).author_id == comment.author_id
    rotate()
    assert stored_hashes() == hashes(site)
    before = list(Author.objects.order_by("pk").values())
    assert "Done: 0 authors" in rotate()
    assert list(Author.objects.order_by("pk").values()) == before


def test_nothing_is_looked_through_where_no_key_is_changed(stored: list[Comment]) -> None:
    assert list(change_index_key(step=10)) == []
    assert "EMAIL_INDEX_KEY" not in rotate()


def test_who_has_no_sealed_address_left_is_found_while_the_former_key_is_there(
    site: Site, stored: list[Comment], settings: Settings
) -> None:
    Contact.objects.filter(comment=stored[0]).delete()
    change(settings)
    rotate()
    again = submit(site, "Here again after long.", email=ADA)
    assert again.author_id == stored[0].author_id
    rotate()
    finish(settings)
    assert submit(site, "Once more.", email=ADA).author_id == stored[0].author_id


def test_an_author_of_two_rows_is_told_and_left_alone(
    site: Site, stored: list[Comment], settings: Settings
) -> None:
    """A process that knew the former key only wrote beside one that knew the new one only."""
    settings.EMAIL_INDEX_KEY = NEW
    twin = submit(site, "By the new key only.", email=ADA)
    change(settings)
    assert submit(site, "Meanwhile.", email=ADA).author_id == twin.author_id
    with pytest.raises(CommandError, match="1 authors stand under both index keys"):
        rotate()
    assert Author.objects.count() == 3


def test_sites_keep_apart(site: Site, stored: list[Comment], settings: Settings) -> None:
    other = build_site("The Other Paper", host="other.example")
    theirs = submit(other, "Theirs.", email=ADA, url="https://other.example/a")
    change(settings)
    rotate()
    finish(settings)
    assert submit(site, "Ours.", email=ADA).author_id == stored[0].author_id
    again = submit(other, "Theirs again.", email=ADA, url="https://other.example/a")
    assert again.author_id == theirs.author_id != stored[0].author_id


def test_a_repeated_request_gets_its_first_answer_across_the_change(site: Site, settings: Settings) -> None:
    first = build_submission(site, "Sent twice.", idempotency_key="k1", request_hash=b"body")
    accepted = submit_comment(first)
    Comment.objects.filter(id=accepted.comment_id).update(status="deleted")  # so that the text tells nothing
    change(settings)
    repeated = submit_comment(first)
    assert (repeated.comment_id, repeated.is_new) == (accepted.comment_id, False)
    other = build_submission(site, "Another.", idempotency_key="k1", request_hash=b"another")
    with pytest.raises(IdempotencyMismatch):
        submit_comment(other)


def test_a_repeated_text_is_noticed_across_the_change(
    site: Site, stored: list[Comment], settings: Settings
) -> None:
    change(settings)
    with pytest.raises(Duplicate):
        submit(site, f"A remark of {ADA}.", email=ADA)


def test_a_proof_given_meanwhile_counts(site: Site, stored: list[Comment], settings: Settings) -> None:
    change(settings)
    submit(site, "With a proof.", email=ADA, is_author_proven=True)
    assert Author.objects.get(pk=stored[0].author_id).is_proven


def test_what_is_known_of_domains_moves_along(site: Site, settings: Settings) -> None:
    actor = person(build_moderator([site]))
    comment = submit_screened(site, f"Tides are told at https://www.{DOMAIN}/tides too.")
    decide(Choice(comment.id), site_id=site.id, action=Action.SPAM, reason="spam", actor=actor)
    asked = {(site.id, DOMAIN)}
    known = load_domains(asked)[site.id, DOMAIN]
    assert known.spam_decisions == 1
    assert known.noted_days is not None
    change(settings)
    assert load_domains(asked)[site.id, DOMAIN].spam_decisions == 1
    assert "1 domains are found" in rotate()
    finish(settings)
    moved = load_domains(asked)[site.id, DOMAIN]
    assert moved.spam_decisions == 1
    assert moved.noted_days is not None
    key = vault.domain_key(DOMAIN)
    assert list(DomainRecord.objects.values_list("domain", flat=True)) == [key]
    assert list(DomainLabel.objects.values_list("domain", flat=True)) == [key]


def test_a_domain_that_is_noted_meanwhile_stays_as_old_as_it_is(site: Site, settings: Settings) -> None:
    submit_screened(site, f"Tides are told at https://www.{DOMAIN}/tides too.")
    DomainRecord.objects.update(first_seen_at="2025-01-01T00:00Z", last_seen_at="2025-02-01T00:00Z")
    change(settings)
    submit_screened(site, f"More of it stands at https://{DOMAIN}/more for all.", email=BO)
    record = DomainRecord.objects.get()
    assert record.domain == vault.domain_key(DOMAIN)
    assert record.first_seen_at.year == 2025
    assert record.last_seen_at.year > 2025


def test_what_people_said_of_a_domain_counts_on_when_its_record_has_moved(
    site: Site, settings: Settings
) -> None:
    actor = person(build_moderator([site]))
    spam, ham = (
        submit_screened(
            site, f"Tides, {n}, are told at https://www.{DOMAIN}/tides too.", email=f"{n}@x.example"
        )
        for n in ("once", "twice")
    )
    decide(Choice(spam.id), site_id=site.id, action=Action.SPAM, reason="spam", actor=actor)
    DomainRecord.objects.update(last_seen_at="2025-02-01T00:00Z")
    change(settings)
    submit_screened(site, f"More of it stands at https://{DOMAIN}/more for all.", email=BO)
    assert DomainRecord.objects.get().domain == vault.domain_key(DOMAIN)
    facts = load_domains({(site.id, DOMAIN)})[site.id, DOMAIN]
    assert (facts.spam_decisions, facts.spam_authors, facts.ham_authors) == (1, 1, 0)
    decide(Choice(ham.id), site_id=site.id, action=Action.APPROVE, reason="fine", actor=actor)
    facts = load_domains({(site.id, DOMAIN)})[site.id, DOMAIN]
    assert (facts.spam_decisions, facts.spam_authors, facts.ham_authors) == (1, 1, 1)


def test_it_is_recorded_without_addresses(stored: list[Comment], settings: Settings) -> None:
    change(settings)
    said = rotate()
    event = AuditEvent.objects.get(kind="email_index_key.changed")
    assert event.data == {"authors": 2, "twice": 0, "unknown": 0}
    assert "reader" not in said


def test_an_address_of_another_row_is_counted_and_left_alone(
    stored: list[Comment], settings: Settings
) -> None:
    sealed = vault.seal(ADA, site_id=uuid4(), comment_id=stored[0].id)
    Contact.objects.filter(comment=stored[0]).update(sealed=sealed)
    change(settings)
    assert list(change_index_key(step=10))[-1].unknown == 1


def test_both_statements_are_the_same_but_for_the_look_up() -> None:
    assert SUBMIT_BY_ANY_HASH_SQL.count("ANY(%(address_hashes)s)") == 2
    assert "ANY(%(address_hashes)s)" not in SUBMIT_SQL


def test_a_former_key_that_does_not_work_is_named(settings: Settings) -> None:
    settings.EMAIL_INDEX_KEY_FALLBACKS = ["short"]
    with pytest.raises(VaultError, match="EMAIL_INDEX_KEY_FALLBACKS"):
        vault.check_keys()
