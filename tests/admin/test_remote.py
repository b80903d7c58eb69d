"""The pages of outside services: what is sent is told, what is set is stored, and no key is ever shown."""

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import Settings

from moderation.domain.remote import FIELDS, RemoteKind
from moderation.models import RemoteService, RemoteServiceVersion, Site
from moderation.models.role import RoleName
from moderation.privacy import vault
from tests.admin.people import person_with
from tests.builders import build_site, submit_screened
from tests.fake_services import build_answer, use_service

pytestmark = pytest.mark.django_db

KEY = "sk-canary-91bc7f3a"
GOOD = {
    "based_on": "0",
    "is_on": "on",
    "base_url": "https://rest.akismet.com",
    "key": KEY,
    "asks_about": "doubt",
    "on_failure": "ignore",
    "daily_budget": "50",
    "time_limit_s": "3",
    "sends_email": "on",
}
MODEL = {
    **GOOD,
    "base_url": "https://api.openai.com/v1",
    "model": "judge-1",
    "policy_text": "1. No insults.\n2. No politics.",
}


@pytest.fixture
def site() -> Site:
    return build_site()


@pytest.fixture
def editor(site: Site) -> Client:
    return person_with(RoleName.EDITOR, site, "ed")


def path(site: Site, kind: str = "akismet") -> str:
    return reverse("admin:site-remote-service", args=[site.id, kind])


def page(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def test_before_anything_is_set_both_are_off(site: Site, editor: Client) -> None:
    shown = page(editor, reverse("admin:site-remote", args=[site.id]))
    assert shown.count(">off</td>") == 2
    assert "No key is stored." in page(editor, path(site))
    assert not RemoteService.objects.exists()


@pytest.mark.parametrize("kind", list(RemoteKind))
def test_the_page_lists_every_field_that_leaves_the_server(
    site: Site, editor: Client, kind: RemoteKind
) -> None:
    shown = page(editor, path(site, kind.value))
    listed = re.findall(r"<li><code>(\w+)</code>", shown)
    assert listed == [each.name for each in FIELDS[kind]]


def test_what_is_typed_is_in_force_and_the_key_is_nowhere_to_be_read(site: Site, editor: Client) -> None:
    answer = editor.post(path(site), GOOD, follow=True)
    assert "Saved as version 1. It applies from the next comment on." in answer.content.decode()
    assert KEY not in answer.content.decode()
    service, version = RemoteService.objects.get(), RemoteServiceVersion.objects.get()
    assert version.settings == {
        "base_url": "https://rest.akismet.com",
        "is_on": True,
        "daily_budget": 50,
        "time_limit_s": 3,
        "asks_about": "doubt",
        "on_failure": "ignore",
        "sends_email": True,
        "is_test": False,
        "model": "",
        "policy_text": "",
    }
    assert version.created_by is not None
    assert version.created_by.username == "ed"
    assert vault.unseal_secret(service.sealed_key, site_id=site.id, row_id=service.id) == KEY
    shown = page(editor, path(site))
    assert KEY not in shown
    assert service.sealed_key not in shown
    assert "A key is stored." in shown
    assert "only held comments, 50 calls per day, 3 s, continues without an answer, sends addresses" in shown
    assert "on, at https://rest.akismet.com" in page(editor, reverse("admin:site-remote", args=[site.id]))


def test_a_policy_is_stored_and_shown_in_its_own_words(site: Site, editor: Client) -> None:
    editor.post(path(site, "policy_model"), MODEL)
    shown = page(editor, path(site, "policy_model"))
    assert "1. No insults.<br>2. No politics." in shown
    assert "judge-1" in shown
    assert RemoteServiceVersion.objects.get().settings["base_url"] == "https://api.openai.com/v1"


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"base_url": "http://169.254.169.254/"}, "allows these hosts: https://api.openai.com"),
        ({"base_url": "http://rest.akismet.com"}, "allows these hosts"),
        ({"key": ""}, "Akismet needs a key for this host."),
        ({"key": "two words"}, "A key has no spaces"),
        ({"daily_budget": "-1"}, "greater than or equal to 0"),
        ({"time_limit_s": "99"}, "less than or equal to 15"),
        ({"asks_about": "nobody"}, "Select a valid choice"),
        ({"on_failure": ""}, "This field is required"),
        ({"based_on": "7"}, "Somebody else changed this service"),
    ],
)
def test_what_makes_no_sense_comes_back_without_the_key(
    site: Site, editor: Client, wrong: dict[str, str], message: str
) -> None:
    answer = editor.post(path(site), {**GOOD, **wrong})
    assert answer.status_code == 422
    shown = answer.content.decode()
    assert message in shown
    assert KEY not in shown
    assert not RemoteService.objects.exists()


def test_a_key_stays_until_it_is_replaced_or_forgotten(site: Site, editor: Client) -> None:
    editor.post(path(site), GOOD)
    editor.post(path(site), {**GOOD, "based_on": "1", "key": ""})
    service = RemoteService.objects.get()
    assert vault.unseal_secret(service.sealed_key, site_id=site.id, row_id=service.id) == KEY
    off: dict[str, Any] = {**GOOD, "based_on": "2", "key": "", "forgets_key": "on"}
    del off["is_on"]
    answer = editor.post(path(site), off, follow=True)
    assert "Saved as version 3. It is off." in answer.content.decode()
    assert RemoteService.objects.get().sealed_key == ""


def test_former_settings_are_used_again(site: Site, editor: Client) -> None:
    editor.post(path(site), GOOD)
    editor.post(path(site), {**GOOD, "based_on": "1", "daily_budget": "9"})
    restore = reverse("admin:site-remote-restore", args=[site.id, "akismet", 1])
    assert restore in page(editor, path(site))
    editor.post(restore, {"seen_version": "2"})
    assert RemoteServiceVersion.objects.get(version=3).settings["daily_budget"] == 50
    stale = editor.post(restore, {"seen_version": "2"}, follow=True)
    assert "Somebody else changed this service" in stale.content.decode()
    odd = editor.post(restore, {"seen_version": "\u0663"}, follow=True)
    assert "Somebody else changed this service" in odd.content.decode()
    missing = reverse("admin:site-remote-restore", args=[site.id, "akismet", 99])
    assert editor.post(missing, {"seen_version": "3"}).status_code == 404


def test_former_settings_that_are_no_longer_allowed_are_refused_in_words(
    site: Site, editor: Client, settings: Settings
) -> None:
    editor.post(path(site), GOOD)
    editor.post(path(site), {**GOOD, "based_on": "1", "daily_budget": "9"})
    settings.REMOTE_CHECK_ORIGINS = frozenset()
    restore = reverse("admin:site-remote-restore", args=[site.id, "akismet", 1])
    answer = editor.post(restore, {"seen_version": "2"}, follow=True)
    assert "allows these hosts: none" in answer.content.decode()


def test_a_breaker_that_is_open_and_the_days_calls_are_shown(site: Site, editor: Client) -> None:
    use_service(site, "https://rest.akismet.com", daily_budget=9)
    RemoteService.objects.update(failures=2)
    listed = reverse("admin:site-remote", args=[site.id])
    assert "failed 2 times in a row" in page(editor, listed)
    RemoteService.objects.update(failures=6, paused_until="2199-01-01T00:00:00Z")
    assert "paused until" in page(editor, listed)
    assert "UTC after 6 failures in a row." in page(editor, path(site))
    assert "0 of 9 calls were made today" in page(editor, path(site))


def test_an_unknown_kind_is_not_there(site: Site, editor: Client) -> None:
    assert editor.get(f"/admin/sites/{site.id}/remote/perspective/").status_code == 404
    assert editor.post(f"/admin/sites/{site.id}/remote/x/versions/1/").status_code == 404


def test_what_was_sent_about_a_comment_is_on_record(site: Site, editor: Client) -> None:
    answer = build_answer(submit_screened(site))
    shown = page(editor, f"/admin/moderation/remoteanswer/{answer.pk}/")
    assert "comment_content" in shown
    assert "user_ip" in shown
