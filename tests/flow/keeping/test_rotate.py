"""Rotating the keys of the vault, through its command."""

import base64
import io
from itertools import islice

import pytest
from django.core.management import CommandError, call_command
from pytest_django.fixtures import Settings

from moderation.flow.keeping.rotate import check_stored_addresses, count_by_key, rotate_email_keys
from moderation.models import AuditEvent, Comment, Contact, RemoteService, Site
from moderation.privacy import vault
from moderation.privacy.vault import VaultError
from tests.builders import build_site, submit
from tests.fake_services import KEY, use_service

pytestmark = pytest.mark.django_db

OLD = "old:" + base64.b64encode(b"1" * 32).decode()
NEW = "new:" + base64.b64encode(b"2" * 32).decode()
ADDRESSES = [f"cnry-{number}@leak-91bc.example" for number in range(5)]


@pytest.fixture
def comments(settings: Settings) -> list[Comment]:
    settings.EMAIL_KEYS = [OLD]
    site = build_site()
    stored = [submit(site, f"Remark {number}.", email=email) for number, email in enumerate(ADDRESSES)]
    settings.EMAIL_KEYS = [NEW, OLD]
    return stored


def opened(comments: list[Comment]) -> list[str]:
    """All addresses as the vault gives them out now."""
    found = {contact.comment_id: contact for contact in Contact.objects.all()}
    return [vault.unseal(found[c.id].sealed, site_id=c.site_id, comment_id=c.id) for c in comments]


def run(*arguments: str) -> str:
    out = io.StringIO()
    call_command("rotate_email_keys", *arguments, stdout=out)
    return out.getvalue()


def test_afterwards_the_old_key_is_no_longer_needed(comments: list[Comment], settings: Settings) -> None:
    said = run("--step", "2")
    settings.EMAIL_KEYS = [NEW]
    assert opened(comments) == ADDRESSES
    assert said.splitlines() == [
        "2 sealed again, 0 unreadable",
        "4 sealed again, 0 unreadable",
        "5 sealed again, 0 unreadable",
        "Done: 5 addresses sealed again under 'new'.",
        "new: 5 addresses (newest key)",
    ]


def test_half_way_all_addresses_open_and_a_second_run_finishes(
    comments: list[Comment], settings: Settings
) -> None:
    list(islice(rotate_email_keys(step=2), 1))
    assert count_by_key() == {"new": 2, "old": 3}
    assert opened(comments) == ADDRESSES
    assert [progress.renewed for progress in rotate_email_keys(step=2)] == [2, 3]
    settings.EMAIL_KEYS = [NEW]
    assert opened(comments) == ADDRESSES


def test_a_second_run_writes_nothing(comments: list[Comment]) -> None:
    run()
    before = list(Contact.objects.order_by("pk").values_list("sealed"))
    assert "Done: 0 addresses" in run()
    assert list(Contact.objects.order_by("pk").values_list("sealed")) == before


def test_looking_writes_nothing(comments: list[Comment]) -> None:
    before = list(Contact.objects.order_by("pk").values_list("sealed"))
    assert run("--check") == "old: 5 addresses\n"
    assert list(Contact.objects.order_by("pk").values_list("sealed")) == before


def test_what_does_not_open_is_named_and_left_alone(comments: list[Comment]) -> None:
    moved = Contact.objects.get(comment=comments[0])
    moved.sealed = Contact.objects.get(comment=comments[1]).sealed
    moved.save()
    with pytest.raises(CommandError, match=f"1 addresses did not open.*{comments[0].id}"):
        run("--step", "1")
    assert Contact.objects.get(comment=comments[0]).sealed == moved.sealed
    assert count_by_key() == {"new": 4, "old": 1}


def test_a_missing_old_key_loses_nothing(comments: list[Comment], settings: Settings) -> None:
    settings.EMAIL_KEYS = [NEW]
    with pytest.raises(CommandError, match="5 addresses did not open"):
        run()
    settings.EMAIL_KEYS = [NEW, OLD]
    assert opened(comments) == ADDRESSES


def test_a_key_list_that_does_not_work_is_a_plain_message(settings: Settings) -> None:
    settings.EMAIL_KEYS = ["nonsense"]
    with pytest.raises(CommandError, match="Entry 1 of the key list"):
        run()


def test_it_is_recorded_without_addresses(comments: list[Comment]) -> None:
    said = run()
    event = AuditEvent.objects.get(kind="email_keys.rotated")
    assert event.data == {"renewed": 5, "unreadable": 0, "key": "new"}
    assert "leak" not in said


def test_erased_contacts_are_left_out(comments: list[Comment]) -> None:
    Contact.objects.filter(comment=comments[0]).delete()
    assert "Done: 4 addresses" in run()


def test_stored_addresses_prove_the_keys_at_start(comments: list[Comment], settings: Settings) -> None:
    check_stored_addresses()
    settings.EMAIL_KEYS = [NEW]
    with pytest.raises(VaultError, match="'old' is not in the key list"):
        check_stored_addresses()


def test_another_index_key_is_noticed_at_start(comments: list[Comment], settings: Settings) -> None:
    settings.EMAIL_INDEX_KEY = base64.b64encode(b"3" * 32).decode()
    with pytest.raises(VaultError, match="EMAIL_INDEX_KEY"):
        check_stored_addresses()


def test_an_empty_database_needs_no_former_keys(settings: Settings) -> None:
    assert not Site.objects.exists()
    settings.EMAIL_KEYS = [NEW]
    check_stored_addresses()


def test_keys_of_outside_services_are_sealed_anew(comments: list[Comment], settings: Settings) -> None:
    settings.EMAIL_KEYS = [OLD]
    service = use_service(comments[0].site, "https://rest.akismet.com").service
    settings.EMAIL_KEYS = [NEW, OLD]
    assert count_by_key() == {"old": 6}
    assert "new: 6 addresses (newest key)" in run()
    settings.EMAIL_KEYS = [NEW]
    service.refresh_from_db()
    assert vault.unseal_secret(service.sealed_key, site_id=service.site_id, row_id=service.id) == KEY


def test_a_key_of_a_service_that_does_not_open_is_named(comments: list[Comment], settings: Settings) -> None:
    settings.EMAIL_KEYS = [OLD]
    service = use_service(comments[0].site, "https://rest.akismet.com").service
    RemoteService.objects.update(sealed_key=Contact.objects.all()[0].sealed)
    settings.EMAIL_KEYS = [NEW, OLD]
    with pytest.raises(CommandError, match=f"1 addresses did not open.*{service.id}"):
        run()
    assert count_by_key() == {"new": 5, "old": 1}
