"""Leaks made on purpose: each of them has to be caught, or the other tests prove nothing."""

import hashlib
import logging
from pathlib import Path

import pytest
import structlog
from django.conf import settings
from pytest_django.fixtures import Settings
from redis import Redis

from moderation.models import Comment
from tests.canary.crawler import CannotBuild, Route, ask, build_paths, routes
from tests.canary.needles import find_leaks
from tests.canary.scene import Scene
from tests.canary.wiretaps import commands_in, dump_broker, dump_table, logs_in, statements_in

pytestmark = pytest.mark.django_db


def route_named(name: str, urlconf: str | None = None) -> Route:
    return next(route for route in routes(urlconf) if route.name == name)


@pytest.mark.parametrize(("name", "form"), [("leak-address", "raw"), ("leak-avatar", "md5 in hex")])
def test_a_view_that_leaks_is_caught(scene: Scene, settings: Settings, name: str, form: str) -> None:
    settings.ROOT_URLCONF = "tests.canary.leaking"
    [path] = build_paths(route_named(name), scene)
    answer = ask(scene.caller("nobody"), "GET", path)
    assert answer.status == 200
    assert form in find_leaks(answer.wire, scene.canary.needles)


def test_an_address_that_nobody_can_build_fails(scene: Scene) -> None:
    with pytest.raises(CannotBuild, match=r"leak-unknown: nothing .* for unheard_of"):
        build_paths(route_named("leak-unknown", "tests.canary.leaking"), scene)


def test_every_entry_of_the_url_conf_is_known(scene: Scene) -> None:
    assert len(routes()) > 30
    for route in routes():
        assert build_paths(route, scene), route.name


def test_log_lines_that_leak_are_caught(scene: Scene, tmp_path: Path) -> None:
    """Redaction takes addresses out; what is left to catch are other forms of them."""
    needles, path = scene.canary.needles, tmp_path / "leaking.log"
    digest = hashlib.sha256(scene.canary.address.encode()).hexdigest()
    with logs_in(path):
        structlog.get_logger("leak").info("looked", reason=digest)
        assert find_leaks(path.read_bytes(), needles) == ["sha256 in hex"]
        logging.getLogger("leak").warning("looked for %s", scene.canary.local)
        assert "local part" in find_leaks(path.read_bytes(), needles)


def test_a_row_that_leaks_is_caught(scene: Scene) -> None:
    Comment.objects.filter(site=scene.site).update(author_name=scene.canary.address[::-1])
    assert "reversed" in find_leaks(dump_table("comment"), scene.canary.needles)


def test_a_statement_that_leaks_is_caught(scene: Scene) -> None:
    heard: list[bytes] = []
    with statements_in(heard):
        Comment.objects.filter(author_name=scene.canary.address).exists()
    assert find_leaks(b"".join(heard), scene.canary.needles)


def test_a_message_that_leaks_is_caught(scene: Scene) -> None:
    heard: list[bytes] = []
    client = Redis.from_url(settings.REDIS_URL, socket_timeout=5)
    with commands_in(heard, settings.REDIS_URL):
        client.hset("leak", scene.canary.address, "1")
    assert find_leaks(b"".join(heard), scene.canary.needles)
    assert find_leaks(dump_broker(settings.REDIS_URL), scene.canary.needles)
    client.delete("leak")
    assert not find_leaks(dump_broker(settings.REDIS_URL), scene.canary.needles)
