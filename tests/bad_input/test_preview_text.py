"""The corpus of texts through the component's preview: shown or refused in words, and never stored."""

import pytest
from django.test import Client

from tests.bad_input.fields import REFUSED, TAKEN
from tests.bad_input.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_limits")]

NOT_UTF8 = (b"\xff\xfe", b"caf\xe9", b"\xed\xa0\x80")


def ask(world: World, body: bytes) -> tuple[int, dict[str, str]]:
    answer = Client().post(f"/embed/{world.public.key}/preview", body, content_type="text/plain")
    return answer.status_code, answer.json()


def test_what_no_comment_may_be_is_refused_in_words(world: World) -> None:
    before = world.counts()
    bodies = [case.value.encode() for case in REFUSED if case.field == "body"]
    for body in (*bodies, *NOT_UTF8, b""):
        status, problem = ask(world, body)
        assert status == 400, body[:40]
        assert problem["code"]
        assert problem["detail"].endswith("."), problem
    assert world.counts() == before


def test_what_a_comment_may_be_is_shown(world: World) -> None:
    for case in TAKEN:
        if case.field == "body":
            status, shown = ask(world, case.value.encode())
            assert status == 200, case.label
            assert shown["html"].startswith("<"), case.label
