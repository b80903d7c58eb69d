"""The answers to those who send the address: it comes back to nobody but in the form that they sent."""

import re

import pytest

from moderation.embed.remembered import cookie_name
from moderation.models import Contact
from moderation.privacy import vault
from moderation.privacy.remembered import seal_remembered
from tests.canary.crawler import ask
from tests.canary.needles import find_leaks
from tests.canary.scene import Caller, Scene

pytestmark = pytest.mark.django_db

_EMAIL_INPUT = re.compile(rb'<input[^>]*\bname="email"[^>]*>')


def test_the_canary_was_really_stored(scene: Scene) -> None:
    opened = {
        vault.unseal(contact.sealed, site_id=contact.site_id, comment_id=contact.comment_id).lower()
        for contact in Contact.objects.all()
    }
    assert opened == {scene.canary.address}
    assert Contact.objects.filter(site=scene.site).count() == len(scene.comments) >= 10


def test_no_answer_to_who_sends_it_holds_it(asked_scene: Scene) -> None:
    answers = [answer for answer in asked_scene.answers if not answer.echoes]
    leaks = {answer.label: find_leaks(answer.wire, asked_scene.canary.needles) for answer in answers}
    assert not {label: found for label, found in leaks.items() if found}
    assert len(answers) >= 80


def test_the_form_shown_again_keeps_it_in_its_field_only_and_for_its_sender_only(scene: Scene) -> None:
    shown_again = [answer for answer in scene.answers if answer.echoes]
    assert len(shown_again) >= 10
    for answer in shown_again:
        elsewhere = _EMAIL_INPUT.sub(b"", answer.body)
        assert not find_leaks(answer.head + elsewhere, scene.canary.needles), answer.label
        assert b"no-store" in answer.head, answer.label
    assert any(find_leaks(answer.body, scene.canary.needles) for answer in shown_again)


def test_the_form_remembers_it_for_the_holder_of_the_cookie_only(scene: Scene) -> None:
    path = f"/articles/{scene.article.slug}/"
    sealed = seal_remembered({"email": scene.canary.address}, site_id=scene.site.id)
    reader = Caller("reader", {"Cookie": f"{cookie_name(scene.site)}={sealed}"})
    answer = ask(reader, "GET", path)
    assert scene.canary.address.encode() in b"".join(_EMAIL_INPUT.findall(answer.body))
    assert not find_leaks(answer.head + _EMAIL_INPUT.sub(b"", answer.body), scene.canary.needles)
    assert b"no-store" in answer.head
    assert not find_leaks(sealed.encode(), scene.canary.needles)
    assert not find_leaks(ask(scene.caller("nobody"), "GET", path).wire, scene.canary.needles)
