"""No address changes anything when it is only looked at, by anybody, with any usual parameter."""

import hashlib
from collections.abc import Iterator

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client

from moderation.domain.status import Action
from moderation.flow.comments.decide import Choice, decide
from moderation.models import Site
from tests.builders import person, submit_screened
from tests.canary.crawler import build_paths, routes
from tests.canary.scene import Scene, build_scene

pytestmark = pytest.mark.django_db

# What keeping a log-in alive writes; nothing else may differ.
BOOKKEEPING = {"django_session"}
LINKED = "See https://shop.example/ for more."
METHODS = ("GET", "HEAD", "OPTIONS")
# What a page that acted on GET would listen to.
TEMPTING = (
    "action=delete&confirm=1&act=approve:fine&state=closed&reason=fine&bulk=1&everything=1&undo=1&save=1"
    "&_method=POST&_save=1&post=yes&delete=1&revoke=1&notify=each&theme=dark&next=/"
)


@pytest.fixture
def scene() -> Scene:
    scene = build_scene()
    published = submit_screened(scene.site, url=scene.url)
    held = submit_screened(scene.site, LINKED, url=scene.url, email="bo@reader.example")
    other = submit_screened(scene.other_site, url="https://other.example/a")
    assert {published.status, held.status, other.status} == {"published", "held"}
    actor = person(User.objects.get(username="root"))
    decide(Choice(held.id), site_id=scene.site.id, action=Action.SPAM, reason="spam", actor=actor)
    return scene


def digest_tables() -> dict[str, str]:
    """A hash of all rows of each table but the bookkeeping ones."""
    digests = {}
    with connection.cursor() as cursor:
        for table in sorted(set(connection.introspection.table_names(cursor)) - BOOKKEEPING):
            cursor.execute(
                f"SELECT md5(coalesce(string_agg(t::text, chr(10) ORDER BY t::text), '')) FROM \"{table}\" t"
            )
            digests[table] = hashlib.sha256(str(cursor.fetchone()).encode()).hexdigest()
    return digests


def addresses(scene: Scene) -> Iterator[str]:
    for route in routes():
        for path in build_paths(route, scene):
            yield path
            yield f"{path}{'&' if '?' in path else '?'}{TEMPTING}"


@pytest.mark.slow
def test_nothing_changes_by_looking(scene: Scene) -> None:
    superuser = scene.caller("superuser")
    superuser.log_in()
    keys = [scene.caller("own secret key"), scene.caller("nobody")]
    before = digest_tables()
    asked = 0
    for path in addresses(scene):
        for caller in (superuser, *keys):
            for method in METHODS:
                response = caller.client.generic(method, path)
                assert response.status_code < 500, (caller.name, method, path)
                asked += 1
    assert asked > 500
    after = digest_tables()
    assert {table for table in before if before[table] != after[table]} == set()
    # And the log-in is still there: nobody was logged out by looking either.
    assert superuser.client.get("/admin/").status_code == 200


def test_the_comparison_would_see_a_change(scene: Scene) -> None:
    before = digest_tables()
    Site.objects.filter(id=scene.site.id).update(is_open=False)
    assert {table for table, digest in digest_tables().items() if digest != before[table]} == {"site"}


def test_what_acts_takes_a_post_with_a_token(scene: Scene) -> None:
    """Every page of the admin refuses a POST without the token of its own form."""
    client = Client(enforce_csrf_checks=True, raise_request_exception=False)
    client.force_login(User.objects.get(username="root"), backend="django.contrib.auth.backends.ModelBackend")
    before = digest_tables()
    for route in routes():
        if route.text.startswith("admin/"):
            for path in build_paths(route, scene)[:2]:
                assert client.post(path, {"act": "approve:fine"}).status_code in (403, 404), path
    assert digest_tables() == before
