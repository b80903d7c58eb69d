"""Every address of the service, asked by everybody: none of them shows the canary."""

import pytest

from tests.canary.crawler import ask, build_paths, crawl, links_in, routes
from tests.canary.needles import find_leaks
from tests.canary.scene import Answer, Scene

pytestmark = pytest.mark.django_db

CALLERS = (
    "nobody",
    "own public key",
    "own secret key",
    "other site's public key",
    "other site's secret key",
    "moderator",
    "editor",
    "owner",
    "other site's owner",
    "superuser",
)
_MOST_LINKS = 60


def find_leaking(answers: list[Answer], scene: Scene) -> dict[str, list[str]]:
    found = {answer.label: find_leaks(answer.wire, scene.canary.needles) for answer in answers}
    return {label: forms for label, forms in found.items() if forms}


def test_every_caller_is_tried(scene: Scene) -> None:
    assert {caller.name for caller in scene.callers} == set(CALLERS)


@pytest.mark.parametrize("name", CALLERS)
def test_no_address_shows_it(scene: Scene, name: str) -> None:
    caller = scene.caller(name)
    once = [build_paths(route, scene)[0] for route in routes()]
    paths = dict.fromkeys(path for route in routes() for path in build_paths(route, scene))
    if caller.headers:  # the admin knows sessions only: a key is nobody there
        paths = dict.fromkeys(path for path in paths if path in once or not path.startswith("/admin/"))
    seen = {path: ask(caller, "GET", path) for path in paths}
    linked = links_in(seen, but=seen)[:_MOST_LINKS]
    others = [*crawl(caller, once, ("HEAD", "OPTIONS")), *crawl(caller, linked)]
    others += crawl(caller, [path for path in once if "logout" not in path], ("POST", "DELETE"))
    assert not find_leaking([*seen.values(), *others], scene)
    assert len(seen) > 60


def test_what_crawls_reaches_the_service(scene: Scene) -> None:
    key = scene.caller("own secret key")
    for path, told in (
        ("/", scene.article.title),
        ("/metrics", "moderation_"),
        ("/api/schema/", "openapi"),
        (f"/articles/{scene.article.slug}/", "Ada Reader"),
        (f"/embed/{scene.public_key}/thread?url={scene.url}", "Ada Reader"),
        ("/api/v1/comments", scene.canary.domain),  # the mask
    ):
        answer = ask(key, "GET", path)
        assert answer.status == 200, path
        assert told.encode() in answer.body, path
