"""An address opens for editors and owners of its site only, with a reason, and on record."""

from typing import Any

import pytest
from django.contrib.auth.models import User

from moderation.domain.errors import ActionNotPossible, InvalidFields, NotAllowed, NotFound
from moderation.flow.record import SYSTEM, Actor
from moderation.flow.reveal import reveal_contact
from moderation.models import AuditEvent, Comment, Contact, Site
from moderation.models.role import RoleName
from tests.builders import build_moderator, build_site, key_actor, person, submit

pytestmark = pytest.mark.django_db

REASON = "A correction has to reach the author."
ADDRESS = "ada@reader.example"


@pytest.fixture
def site() -> Site:
    return build_site()


@pytest.fixture
def comment(site: Site) -> Comment:
    return submit(site, email=ADDRESS)


def ask(comment: Comment, actor: Actor, **changes: Any) -> str:
    values: dict[str, Any] = {"site_id": comment.site_id, "reason": REASON, "actor": actor}
    return reveal_contact(comment.id, **(values | changes))


@pytest.mark.parametrize("role", [RoleName.EDITOR, RoleName.OWNER])
def test_editors_and_owners_are_told_and_it_is_on_record(
    site: Site, comment: Comment, role: RoleName
) -> None:
    actor = person(build_moderator([site], role=role))
    assert ask(comment, actor) == ADDRESS
    event = AuditEvent.objects.get(kind="contact.revealed")
    assert (event.subject_id, event.site_id, event.actor_user_id) == (
        str(comment.id),
        site.id,
        actor.user_id,
    )
    assert event.data == {"reason": REASON}


def test_a_superuser_is_told(comment: Comment) -> None:
    root = User.objects.create_superuser("root", "", "correct horse battery")
    assert ask(comment, person(root)) == ADDRESS


def test_nobody_else_is_told_and_nothing_is_recorded(site: Site, comment: Comment) -> None:
    other = build_site("Other", host="other.example")
    gone = build_moderator([site], "gone", role=RoleName.OWNER, is_active=False)
    refused = [
        person(build_moderator([site])),
        person(build_moderator([other], "stranger", role=RoleName.OWNER)),
        person(gone),
        key_actor(comment.id),
        SYSTEM,
    ]
    for actor in refused:
        with pytest.raises(NotAllowed):
            ask(comment, actor)
    assert not AuditEvent.objects.filter(kind="contact.revealed").exists()


def test_another_sites_comment_is_not_there(site: Site, comment: Comment) -> None:
    other = build_site("Other", host="other.example")
    editor = build_moderator([site, other], role=RoleName.EDITOR)
    with pytest.raises(NotFound):
        ask(comment, person(editor), site_id=other.id)


@pytest.mark.parametrize("reason", ["", " \n", "x" * 301, f"for {ADDRESS}", "for \x00"])
def test_a_reason_is_needed_and_holds_no_address(site: Site, comment: Comment, reason: str) -> None:
    editor = build_moderator([site], role=RoleName.EDITOR)
    with pytest.raises(InvalidFields):
        ask(comment, person(editor), reason=reason)
    assert not AuditEvent.objects.filter(kind="contact.revealed").exists()


def test_an_address_that_is_gone_or_sealed_by_a_lost_key_is_said_so(site: Site, comment: Comment) -> None:
    editor = person(build_moderator([site], role=RoleName.EDITOR))
    Contact.objects.filter(comment=comment).update(sealed="v1:lost:AAAA")
    with pytest.raises(ActionNotPossible):
        ask(comment, editor)
    Contact.objects.all().delete()
    with pytest.raises(ActionNotPossible):
        ask(comment, editor)
    assert not AuditEvent.objects.filter(kind="contact.revealed").exists()
