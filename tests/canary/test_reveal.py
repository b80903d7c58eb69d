"""The one place where the address may be seen: asked for by an editor, with a reason, on record."""

from pathlib import Path
from typing import Any

import pytest

from moderation.domain.errors import InvalidFields, NotFound
from moderation.flow.keeping.reveal import reveal_contact
from moderation.flow.record import Actor
from moderation.models import AuditEvent, Comment
from tests.canary.crawler import routes
from tests.canary.needles import find_leaks
from tests.canary.scene import Answer, Scene
from tests.canary.sender import read_answer
from tests.canary.wiretaps import dump_table, logs_in

pytestmark = pytest.mark.django_db

REASON = "The reader asked us to call back."
MAY = ("editor", "owner", "superuser")
MAY_NOT = ("nobody", "own public key", "own secret key", "moderator", "other site's owner")


@pytest.fixture
def comment(scene: Scene) -> Comment:
    return next(comment for comment in scene.samples if comment.status == "held")


def revealed() -> int:
    return AuditEvent.objects.filter(kind="contact.revealed").count()


def post(scene: Scene, name: str, comment: Comment, **data: str) -> Answer:
    [route] = [route for route in routes() if "reveal" in route.name]
    path = "/" + route.text.replace("<uuid:comment_id>", str(comment.id))
    client: Any = scene.caller(name).client
    return read_answer(name, client.post(path, data))


def test_it_is_told_with_a_reason_and_on_record(scene: Scene, comment: Comment) -> None:
    actor = Actor("person", user_id=scene.callers[-1].user.pk if scene.callers[-1].user else None)
    address = reveal_contact(comment.id, site_id=scene.site.id, reason=REASON, actor=actor)
    assert address == scene.canary.address
    event = AuditEvent.objects.get(kind="contact.revealed", subject_id=comment.id)
    assert (event.data["reason"], event.actor_user_id) == (REASON, actor.user_id)
    assert not find_leaks(dump_table("audit_event"), scene.canary.needles)


@pytest.mark.parametrize("reason", ["", "  ", "for {}"])
def test_it_is_not_told_without_a_reason_nor_does_the_reason_hold_it(
    scene: Scene, comment: Comment, reason: str
) -> None:
    text = reason.format(scene.canary.address)
    with pytest.raises(InvalidFields):
        reveal_contact(comment.id, site_id=scene.site.id, reason=text, actor=Actor("person"))
    with pytest.raises(NotFound):
        reveal_contact(comment.id, site_id=scene.other_site.id, reason=REASON, actor=Actor("person"))
    assert revealed() == 0


@pytest.mark.parametrize("name", MAY)
def test_the_page_shows_it_once_to_those_who_may(
    scene: Scene, comment: Comment, name: str, tmp_path: Path
) -> None:
    path = tmp_path / "reveal.log"
    with logs_in(path):
        answer = post(scene, name, comment, reason=REASON)
    assert scene.canary.address.encode() in answer.body
    assert not find_leaks(answer.head, scene.canary.needles)
    assert b"no-store" in answer.head
    assert revealed() == 1
    assert not find_leaks(path.read_bytes() + dump_table("audit_event"), scene.canary.needles)
    assert not find_leaks(dump_table("django_session"), scene.canary.needles)


@pytest.mark.parametrize("name", MAY_NOT)
def test_the_page_shows_it_to_nobody_else(scene: Scene, comment: Comment, name: str) -> None:
    answer = post(scene, name, comment, reason=REASON)
    assert not find_leaks(answer.wire, scene.canary.needles)
    assert revealed() == 0


@pytest.mark.parametrize("reason", ["", " "])
def test_the_page_wants_a_reason(scene: Scene, comment: Comment, reason: str) -> None:
    answer = post(scene, "editor", comment, reason=reason)
    assert not find_leaks(answer.wire, scene.canary.needles)
    assert revealed() == 0
