"""The page of Coral's moderation phase: what to enter there, and the secret, which is never shown."""

import pytest
from django.test import Client
from django.urls import reverse

from moderation.flow.record import SYSTEM
from moderation.flow.site.settings import create_key
from moderation.models import Site
from moderation.models.key import KeyKind
from moderation.models.role import RoleName
from moderation.queries.coral import signing_secret
from tests.admin.people import person_with
from tests.builders import build_site

pytestmark = pytest.mark.django_db
SECRET = "a-secret-that-coral-shows"


@pytest.fixture
def site() -> Site:
    return build_site()


@pytest.fixture
def owner(site: Site) -> Client:
    return person_with(RoleName.OWNER, site, "owner")


def path(site: Site) -> str:
    return reverse("admin:site-coral", args=[site.id])


def test_the_address_for_coral_is_shown_with_each_public_key(site: Site, owner: Client, settings):
    settings.PUBLIC_URL = "https://comments.example.org"
    key = create_key(site.id, KeyKind.PUBLIC, actor=SYSTEM).plain
    page = owner.get(path(site)).content.decode()
    assert f"https://comments.example.org/compat/coral/{key}" in page
    assert "No secret is stored" in page


def test_without_a_public_key_the_page_leads_to_the_keys(owner: Client):
    bare = build_site("Bare", host="bare.example")
    bare.keys.all().delete()
    page = person_with(RoleName.OWNER, bare, "bare-owner").get(path(bare)).content.decode()
    assert reverse("admin:site-keys", args=[bare.id]) in page
    assert "create a public key" in page


def test_a_secret_is_stored_and_never_shown(site: Site, owner: Client):
    answer = owner.post(path(site), {"secret": SECRET}, follow=True)
    assert answer.redirect_chain
    page = answer.content.decode()
    assert "A secret is stored" in page
    assert SECRET not in page
    assert signing_secret(site.id) == SECRET


def test_it_can_be_deleted(site: Site, owner: Client):
    owner.post(path(site), {"secret": SECRET})
    owner.post(path(site), {"forgets_secret": "on"})
    assert signing_secret(site.id) is None


@pytest.mark.parametrize(
    "form", [{"secret": ""}, {"secret": SECRET, "forgets_secret": "on"}, {"secret": "short"}]
)
def test_anything_else_is_refused_and_changes_nothing(site: Site, owner: Client, form: dict[str, str]):
    owner.post(path(site), {"secret": SECRET + "-1"})
    answer = owner.post(path(site), form)
    assert answer.status_code == 422
    assert signing_secret(site.id) == SECRET + "-1"
