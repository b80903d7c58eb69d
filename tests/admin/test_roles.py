"""Roles: given, changed, taken away, and how each person hears of held comments."""

import pytest
from django.contrib.auth.models import User
from django.test import Client

from moderation.models import AuditEvent, Role, Site
from moderation.models.role import RoleName
from tests.admin.people import PASSWORD, client_of, person_with
from tests.builders import build_moderator, build_site

pytestmark = pytest.mark.django_db


@pytest.fixture
def site() -> Site:
    return build_site()


@pytest.fixture
def people(site: Site) -> str:
    return f"/admin/sites/{site.id}/people/"


@pytest.fixture
def owner(site: Site) -> Client:
    return person_with(RoleName.OWNER, site, "olga")


def test_an_owner_gives_a_role_by_user_name(owner: Client, site: Site, people: str):
    ann = User.objects.create_user("ann", password=PASSWORD)
    answer = owner.post(people, {"username": "ann", "name": "editor", "notify": "digest"})
    assert answer["Location"] == people
    role = Role.objects.get(user=ann, site=site)
    assert (role.name, role.notify) == ("editor", "digest")
    assert (
        client_of(User.objects.get(username="ann")).get(f"/admin/sites/{site.id}/policy/").status_code == 200
    )


@pytest.mark.parametrize("change", [{"username": "nobody"}, {"name": "king"}, {"notify": "always"}])
def test_what_does_not_exist_is_refused(owner: Client, people: str, change: dict[str, str]):
    build_moderator([], "ann")
    values = {"username": "ann", "name": "editor", "notify": "off"} | change
    assert owner.post(people, values).status_code == 422
    assert Role.objects.count() == 1


def test_an_inactive_account_gets_no_role(owner: Client, people: str):
    build_moderator([], "ann", is_active=False)
    values = {"username": "ann", "name": "editor", "notify": "off"}
    assert owner.post(people, values).status_code == 422


def test_a_role_is_changed_and_taken_away_on_record(owner: Client, site: Site, people: str):
    mo = build_moderator([site])
    role = Role.objects.get(user=mo)
    client = client_of(mo)
    owner.post(f"{people}{role.id}/", {"name": "editor", "notify": "each"})
    assert client.get(f"/admin/sites/{site.id}/policy/").status_code == 200
    owner.get(f"{people}{role.id}/remove/")
    assert Role.objects.filter(id=role.id).exists()
    owner.post(f"{people}{role.id}/remove/")
    assert client.get(f"/admin/sites/{site.id}/").status_code == 404
    kinds = AuditEvent.objects.filter(site=site, subject_id=str(mo.pk)).values_list("kind", flat=True)
    assert {"role.set", "role.removed"} <= set(kinds)


@pytest.mark.parametrize("way", ["demote", "remove", "demote by giving"])
def test_a_site_keeps_an_owner(owner: Client, site: Site, people: str, way: str):
    role = Role.objects.get(site=site)
    if way == "demote":
        answer = owner.post(f"{people}{role.id}/", {"name": "editor", "notify": "off"})
    elif way == "remove":
        answer = owner.post(f"{people}{role.id}/remove/", follow=True)
    else:
        answer = owner.post(people, {"username": "olga", "name": "moderator", "notify": "off"})
    assert "needs an owner" in answer.content.decode()
    role.refresh_from_db()
    assert role.name == RoleName.OWNER


def test_a_moderator_changes_only_how_they_hear_of_held_comments(site: Site, owner: Client, people: str):
    client = person_with(RoleName.MODERATOR, site)
    page = client.get(people).content.decode()
    assert "olga" not in page
    assert client.post(f"{people}mail/", {"notify": "each"})["Location"] == people
    assert Role.objects.get(user__username="mo").notify == "each"
    assert Role.objects.get(user__username="olga").notify == "off"
    assert client.post(f"{people}mail/", {"notify": "always"}).status_code == 404


def test_people_of_another_site_are_not_shown(owner: Client, people: str):
    build_moderator([build_site("The Morning Post", host="post.example")], "stranger")
    assert "stranger" not in owner.get(people).content.decode()
