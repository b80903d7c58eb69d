"""What people change about outside services: within bounds, at allowed hosts, recorded, never with a key."""

from dataclasses import replace
from typing import Any

import pytest
from pytest_django.fixtures import Settings

from moderation.domain.errors import ActionNotPossible, InvalidFields, NotFound
from moderation.domain.remote import DEFAULT_SETTINGS, RemoteKind, ServiceSettings, settings_from_json
from moderation.flow.record import SYSTEM
from moderation.flow.site.remote_services import change_service, restore_service_version
from moderation.models import AuditEvent, RemoteService, RemoteServiceVersion, Site
from moderation.privacy import vault
from moderation.privacy.vault import VaultError
from moderation.queries.remote_reports import services_of
from tests.builders import build_moderator, build_site, person

pytestmark = pytest.mark.django_db

AKISMET, MODEL = RemoteKind.AKISMET, RemoteKind.POLICY_MODEL
KEY = "akismet-key-d41d8cd98f00"


@pytest.fixture
def site() -> Site:
    return build_site()


def change(
    site: Site,
    kind: RemoteKind = AKISMET,
    *,
    seen: int = 0,
    key: str = KEY,
    forgets: bool = False,
    **new: Any,
) -> RemoteServiceVersion:
    standing = services_of(site).get(kind)
    settings = replace(standing.settings if standing else DEFAULT_SETTINGS[kind], **new)
    return change_service(
        site.id, kind, settings, actor=SYSTEM, seen_version=seen, key=key, forgets_key=forgets
    )


def problems(site: Site, kind: RemoteKind = AKISMET, **new: Any) -> set[str]:
    with pytest.raises(InvalidFields) as caught:
        change(site, kind, **new)
    return {error.field for error in caught.value.errors}


def test_a_change_is_a_version_on_record_and_the_key_is_sealed(site: Site) -> None:
    editor = person(build_moderator([site]))
    settings = replace(DEFAULT_SETTINGS[AKISMET], is_on=True, daily_budget=5)
    new = change_service(site.id, AKISMET, settings, actor=editor, seen_version=0, key=KEY)
    service = RemoteService.objects.get()
    assert (new.version, new.created_by_id, service.version) == (1, editor.user_id, 1)
    assert settings_from_json(new.settings) == settings
    assert service.sealed_key.startswith("v1:")
    assert vault.unseal_secret(service.sealed_key, site_id=site.id, row_id=service.id) == KEY
    event = AuditEvent.objects.get(kind="remote.changed")
    assert event.data == {
        "version": 1,
        "service": "akismet",
        "host": "https://rest.akismet.com",
        "is_on": True,
        "sends_email": False,
        "on_failure": "hold",
        "key": "set",
    }
    everything = [*RemoteService.objects.values(), *RemoteServiceVersion.objects.values(), event.data]
    assert KEY not in str(everything)
    before = site.remote_version
    site.refresh_from_db()
    assert site.remote_version == before + 1


def test_a_key_opens_for_its_own_row_only(site: Site) -> None:
    change(site)
    service = RemoteService.objects.get()
    other = build_site("The Morning Post", host="post.example")
    for site_id, row_id in ((other.id, service.id), (site.id, other.id)):
        with pytest.raises(VaultError):
            vault.unseal_secret(service.sealed_key, site_id=site_id, row_id=row_id)
    with pytest.raises(VaultError):
        vault.unseal(service.sealed_key, site_id=site.id, comment_id=service.id)


def test_without_a_new_key_the_stored_one_stays(site: Site) -> None:
    change(site, is_on=True)
    sealed = RemoteService.objects.get().sealed_key
    change(site, seen=1, key="", daily_budget=7)
    assert RemoteService.objects.get().sealed_key == sealed
    assert AuditEvent.objects.filter(kind="remote.changed").latest("id").data["key"] == "kept"
    change(site, seen=2, key="", forgets=True, is_on=False)
    assert RemoteService.objects.get().sealed_key == ""


def test_a_key_never_follows_to_another_host(site: Site, settings: Settings) -> None:
    settings.REMOTE_CHECK_ORIGINS |= {"https://akismet.example"}
    change(site)
    change(site, seen=1, key="", base_url="https://akismet.example")
    assert RemoteService.objects.get().sealed_key == ""
    assert problems(site, seen=2, key="", is_on=True) == {"key"}


@pytest.mark.parametrize(
    "address",
    [
        "http://rest.akismet.com",
        "https://rest.akismet.com:8443",
        "https://rest.akismet.com.evil.example",
        "https://rest.akismet.com@evil.example",
        "https://evil.example/rest.akismet.com",
        "https://127.0.0.1",
        "http://169.254.169.254/latest/meta-data",
        "http://localhost:5432",
        "https://[::1]",
        "file:///etc/passwd",
        "gopher://rest.akismet.com",
        "rest.akismet.com",
        "https://rest.akismet.com/?x=1",
        "https://rest.akismet.com/#x",
        "https://rest.akismet.com/" + "x" * 400,
        "https://rest.akismet.com\\@evil.example",
        "https://rest.akismet.com/\nX-Evil: 1",
        "",
    ],
)
def test_only_hosts_that_the_operator_allows(site: Site, address: str) -> None:
    assert problems(site, base_url=address) == {"base_url"}


def test_a_path_and_the_hosts_spelling_are_free(site: Site) -> None:
    assert change(site, base_url="https://REST.Akismet.com:443/eu/").settings["base_url"] == (
        "https://rest.akismet.com/eu"
    )


def test_what_is_needed_to_be_on(site: Site) -> None:
    assert problems(site, key="", is_on=True) == {"key"}
    assert problems(site, MODEL, is_on=True) == {"model", "policy_text"}
    assert problems(site, MODEL, is_on=True, model="m", policy_text=" \n") == {"policy_text"}
    assert change(site, MODEL, key="", is_on=True, model="m", policy_text="No insults.").version == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"daily_budget": -1},
        {"daily_budget": 1_000_001},
        {"time_limit_s": 0},
        {"time_limit_s": 16},
        {"model": "m" * 101},
        {"model": "a\x00b"},
        {"policy_text": "x" * 8_001},
        {"policy_text": "a\x00b"},
    ],
)
def test_settings_keep_to_their_bounds(site: Site, wrong: dict[str, Any]) -> None:
    assert problems(site, MODEL, **wrong) == set(wrong)


@pytest.mark.parametrize("key", ["a b", "a\nb", "ключ", "a\x00", "k" * 301])
def test_a_key_is_plain_letters(site: Site, key: str) -> None:
    assert problems(site, key=key) == {"key"}


def test_a_policy_model_is_never_sent_an_address(site: Site) -> None:
    new = change(site, MODEL, sends_email=True, is_test=True)
    assert (new.settings["sends_email"], new.settings["is_test"]) == (False, False)
    assert change(site, AKISMET, model="m", policy_text="x").settings["policy_text"] == ""


def test_a_stale_change_is_refused(site: Site) -> None:
    change(site)
    for seen in (0, 2, -1):
        with pytest.raises(ActionNotPossible, match="Somebody else changed"):
            change(site, seen=seen)
    assert RemoteServiceVersion.objects.count() == 1


def test_former_settings_come_back_as_a_new_version(site: Site) -> None:
    change(site, daily_budget=5)
    change(site, seen=1, key="another-key", daily_budget=9)
    sealed = RemoteService.objects.get().sealed_key
    new = restore_service_version(site.id, AKISMET, 1, actor=SYSTEM, seen_version=2)
    assert (new.version, new.settings["daily_budget"]) == (3, 5)
    assert RemoteService.objects.get().sealed_key == sealed
    with pytest.raises(NotFound):
        restore_service_version(site.id, AKISMET, 9, actor=SYSTEM, seen_version=3)
    with pytest.raises(NotFound):
        restore_service_version(site.id, MODEL, 1, actor=SYSTEM, seen_version=0)


def test_what_was_allowed_then_may_be_no_more(site: Site, settings: Settings) -> None:
    change(site)
    change(site, seen=1, daily_budget=3)
    settings.REMOTE_CHECK_ORIGINS = frozenset()
    with pytest.raises(InvalidFields) as caught:
        restore_service_version(site.id, AKISMET, 1, actor=SYSTEM, seen_version=2)
    assert "allows these hosts: none" in caught.value.errors[0].message


def test_sites_do_not_see_each_others_services(site: Site) -> None:
    other = build_site("The Morning Post", host="post.example")
    change(site)
    assert services_of(other) == {}
    with pytest.raises(NotFound):
        restore_service_version(other.id, AKISMET, 1, actor=SYSTEM, seen_version=0)
    assert change(other).version == 1


def test_settings_stored_before_a_field_existed_have_its_default() -> None:
    stored = {"base_url": "https://rest.akismet.com", "is_on": True, "gone": 1}
    assert settings_from_json(stored) == ServiceSettings(base_url="https://rest.akismet.com", is_on=True)
