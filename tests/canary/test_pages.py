"""Every address of the service, asked by everybody: none of them shows the canary."""

from urllib.parse import quote

import pytest

from moderation.lib.addresses import mask_address
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
_MOST_LINKS = 40


def find_leaking(answers: list[Answer], scene: Scene) -> dict[str, list[str]]:
    found = {answer.label: find_leaks(answer.wire, scene.canary.needles) for answer in answers}
    return {label: forms for label, forms in found.items() if forms}


def test_every_caller_is_tried(scene: Scene) -> None:
    assert {caller.name for caller in scene.callers} == set(CALLERS)


@pytest.mark.parametrize("name", CALLERS)
def test_no_address_shows_it(scene: Scene, name: str) -> None:
    caller = scene.caller(name)
    # The admin knows sessions only: with a key one is nobody there.
    known = [route for route in routes() if not caller.headers or not route.text.startswith("admin/")]
    once = [build_paths(route, scene)[0] for route in known]
    seen = {path: ask(caller, "GET", path) for route in known for path in build_paths(route, scene)}
    linked = links_in(seen, but=seen)[:_MOST_LINKS]
    others = [*crawl(caller, once, ("HEAD", "OPTIONS")), *crawl(caller, linked)]
    others += crawl(caller, [path for path in once if "logout" not in path], ("POST", "DELETE"))
    assert not find_leaking([*seen.values(), *others], scene)
    assert len(seen) > 25


def test_what_crawls_reaches_the_service(scene: Scene) -> None:
    key = scene.caller("own secret key")
    for path, told in (
        ("/", scene.article.title),
        ("/metrics", "moderation_"),
        ("/api/schema/", "openapi"),
        (f"/articles/{scene.article.slug}/", "Ada Reader"),
        (f"/embed/{scene.public_key}/thread?url={scene.url}", "Ada Reader"),
        (f"/embed/{scene.public_key}/thread.json?url={scene.url}", "Ada Reader"),
        ("/api/v1/comments", scene.canary.domain),  # the mask
    ):
        answer = ask(key, "GET", path)
        assert answer.status == 200, path
        assert told.encode() in answer.body, path


def test_moderators_see_a_mask_and_nothing_more(scene: Scene) -> None:
    mask = f"c…@{scene.canary.domain}".encode()
    comment = next(comment for comment in scene.samples if comment.status == "held")
    for name in ("moderator", "editor"):
        assert b"Ada Reader" in ask(scene.caller(name), "GET", "/admin/queue/").body
        item = ask(scene.caller(name), "GET", f"/admin/queue/{comment.id}/")
        assert mask in item.body
        assert not find_leaks(item.wire, scene.canary.needles)


def test_no_search_finds_it(scene: Scene) -> None:
    root, path = scene.caller("superuser"), "/admin/moderation/comment/"
    ids = [str(comment.id).encode() for comment in scene.comments]

    def found(query: str) -> list[bytes]:
        body = ask(root, "GET", f"{path}?{query}").body
        return [each for each in ids if each in body]

    assert found("") == found("q=Ada") == ids, "the list and its search work"
    address, local = scene.canary.address, scene.canary.local
    for word in (address, address.upper(), local, local[:6], address[::-1], mask_address(address)):
        assert not found(f"q={quote(word)}"), word


@pytest.mark.parametrize(
    "lookup", ["sealed_contact__sealed__startswith", "author__address_hash", "email_mask"]
)
def test_no_filter_by_hand_gropes_for_it(scene: Scene, lookup: str) -> None:
    answer = ask(scene.caller("superuser"), "GET", f"/admin/moderation/comment/?{lookup}=c")
    assert answer.status in {302, 400}
