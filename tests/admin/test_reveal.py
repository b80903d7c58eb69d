"""The author's address: shown once to editors who say why; moderators do not even see the button."""

import pytest
from django.test import Client

from moderation.models import AuditEvent, Contact, Site
from moderation.models.role import RoleName
from tests.admin.desk import held, item_url
from tests.admin.people import person_with
from tests.builders import build_site

pytestmark = pytest.mark.django_db
ADDRESS = "ada.reader@reader.example"
BUTTON = "Show the address"


@pytest.fixture
def site() -> Site:
    return build_site()


def reveal(client: Client, comment, reason: str = "They asked us to write."):
    return client.post(f"{item_url(comment.id)}reveal/", {"reason": reason})


def count_events() -> int:
    return AuditEvent.objects.filter(kind="contact.revealed").count()


@pytest.mark.parametrize("role", [RoleName.EDITOR, RoleName.OWNER])
def test_an_editor_sees_it_once(site, role):
    client, comment = person_with(role, site), held(site)
    assert BUTTON in client.get(item_url(comment.id)).content.decode()
    response = reveal(client, comment)
    assert ADDRESS in response.content.decode()
    assert "no-store" in response["Cache-Control"]
    assert "private" in response["Cache-Control"]
    after = client.get(item_url(comment.id)).content.decode()
    assert ADDRESS not in after
    assert "contact.revealed" in after
    assert "They asked us to write." in after


def test_a_moderator_sees_no_button_and_gets_nothing(site):
    client, comment = person_with(RoleName.MODERATOR, site), held(site)
    assert BUTTON not in client.get(item_url(comment.id)).content.decode()
    response = reveal(client, comment)
    assert response.status_code == 404
    assert ADDRESS not in response.content.decode()
    assert count_events() == 0


def test_another_sites_owner_gets_nothing(site):
    other = build_site("The Morning Post", host="post.example")
    comment = held(site)
    assert reveal(person_with(RoleName.OWNER, other), comment).status_code == 404
    assert count_events() == 0


@pytest.mark.parametrize("reason", ["", "  ", f"for {ADDRESS}", "x" * 301])
def test_without_a_proper_reason_nothing_is_shown(site, reason):
    client, comment = person_with(RoleName.EDITOR, site), held(site)
    response = reveal(client, comment, reason)
    assert response.status_code == 422
    assert "what you need it for" in response.content.decode()
    assert "no-store" in response["Cache-Control"]
    assert count_events() == 0


def test_after_the_purge_it_says_that_nothing_is_stored(site):
    client, comment = person_with(RoleName.EDITOR, site), held(site)
    Contact.objects.all().delete()
    response = reveal(client, comment)
    assert response.status_code == 422
    assert "no longer stored" in response.content.decode()


def test_a_seal_that_does_not_open_is_said_plainly(site):
    client, comment = person_with(RoleName.EDITOR, site), held(site)
    Contact.objects.update(sealed="v1:none:AAAA")
    response = reveal(client, comment)
    assert "cannot be opened" in response.content.decode()
    assert count_events() == 0


def test_a_comment_without_an_address_offers_none(site):
    client = person_with(RoleName.EDITOR, site)
    comment = held(site)
    type(comment).objects.filter(id=comment.id).update(email_mask="")
    assert BUTTON not in client.get(item_url(comment.id)).content.decode()
