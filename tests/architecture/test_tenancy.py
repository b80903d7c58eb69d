"""Every address of the API, tried without a key, with wrong ones, and with another site's."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import URLPattern, URLResolver, get_resolver

from moderation.domain.status import Action
from moderation.flow.comments.decide import Choice, decide
from moderation.flow.record import SYSTEM
from moderation.flow.site.settings import revoke_key
from moderation.models import Comment, Decision, Site, SiteKey
from tests.api.calls import Answer, Api, public_api, secret_api, submission
from tests.builders import build_moderator, build_site, person, submit_screened

pytestmark = pytest.mark.django_db

WORDS = "Heron words that nobody else uses"
LINKED = f"{WORDS}: https://shop.example/cheap"
PAGE = "https://news.example/first"
ACT = {"action": "spam", "reason": "spam"}


@dataclass(frozen=True, slots=True)
class World:
    """A site with something in it, and another site's keys."""

    site: Site
    public: Api
    published: Comment
    held: Comment
    decision: Decision


@dataclass(frozen=True, slots=True)
class Case:
    """One method of an address, and what each caller is answered.

    `path` may have `{key}`: then the key stands there instead of in a header.
    """

    method: str
    path: Callable[[World], str]
    others_public: int
    others_secret: int
    body: Callable[[World], Any] = lambda world: None
    refused: int = 401
    missing: int = 401


MATRIX: dict[str, list[Case]] = {
    "comments": [
        # A page of ours: another site's public key may not open it. A parent of ours: unknown there.
        Case(
            "POST", lambda w: "/api/v1/comments", 403, 400, lambda w: submission(parent=str(w.published.id))
        ),
        Case("GET", lambda w: "/api/v1/comments", 403, 200),
    ],
    "comment": [
        Case("GET", lambda w: f"/api/v1/comments/{w.published.id}", 404, 404),
        Case("GET", lambda w: f"/api/v1/comments/{w.held.id}", 404, 404),
    ],
    "decide": [Case("POST", lambda w: f"/api/v1/comments/{w.held.id}/decisions", 403, 404, lambda w: ACT)],
    "decide_many": [
        Case(
            "POST",
            lambda w: "/api/v1/decisions",
            403,
            200,
            lambda w: ACT | {"comments": [{"id": str(w.held.id)}, {"id": str(w.published.id)}]},
        )
    ],
    "undo": [Case("POST", lambda w: f"/api/v1/decisions/{w.decision.id}/undo", 403, 404)],
    "reasons": [Case("GET", lambda w: "/api/v1/reasons", 403, 200)],
    "thread_by_name": [Case("GET", lambda w: f"/api/v1/thread?url={PAGE}", 404, 404)],
    "thread": [Case("GET", lambda w: f"/api/v1/threads/{w.held.thread_id}", 404, 404)],
    "public_thread": [
        Case("GET", lambda w: f"/api/v1/sites/{{key}}/thread?url={PAGE}", 404, 404, refused=404, missing=404)
    ],
    # A token that another site's key gave is good for that site's forms only.
    "form_token": [
        Case(
            "GET",
            lambda w: f"/api/v1/sites/{{key}}/form-token?thread={PAGE}",
            200,
            404,
            refused=404,
            missing=404,
        )
    ],
    "unknown": [Case("GET", lambda w: "/api/v1/nothing", 404, 404, refused=404, missing=404)],
}
# Open to everybody, because they tell nothing of any site.
OPEN = {"schema", "docs", ""}


@pytest.fixture
def world() -> World:
    site = build_site()
    published = submit_screened(site, WORDS)
    held = submit_screened(site, LINKED, email="bo@reader.example")
    actor = person(build_moderator([site]))
    decision = decide(Choice(held.id), site_id=site.id, action=Action.SPAM, reason="spam", actor=actor)
    return World(site, public_api(site), published, held, decision)


@pytest.fixture
def other() -> Site:
    return build_site("The Other Paper", host="other.example")


def patterns_under_api() -> list[URLPattern]:
    resolvers: list[Any] = get_resolver().url_patterns
    (api,) = [resolver for resolver in resolvers if getattr(resolver, "namespace", None) == "api"]
    patterns = list(api.url_patterns)
    assert not [pattern for pattern in patterns if isinstance(pattern, URLResolver)]
    return patterns


def methods_of(pattern: URLPattern) -> set[str]:
    view: Any = pattern.callback
    return {name.upper() for name in vars(view.cls) if hasattr(getattr(view.cls, name), "allowance")}


def test_every_address_is_listed() -> None:
    patterns = {pattern.name or "": pattern for pattern in patterns_under_api()}
    assert patterns.keys() == MATRIX.keys() | OPEN
    for name in MATRIX.keys() - {"unknown"}:
        assert {case.method for case in MATRIX[name]} == methods_of(patterns[name]), name


def ask(case: Case, world: World, api: Api) -> Answer:
    path = case.path(world)
    if "{key}" in path:
        return Api().call(case.method, path.replace("{key}", api.key or "cm_pk_"), case.body(world))
    return api.call(case.method, path, case.body(world))


def all_cases() -> list[Any]:
    return [
        pytest.param(case, id=f"{name}-{case.method}-{number}")
        for name, cases in MATRIX.items()
        for number, case in enumerate(cases)
    ]


def revoked(api: Api) -> Api:
    public_id = api.key.split("_")[2]
    key = SiteKey.objects.get(public_id=public_id)
    revoke_key(key.id, site_id=key.site_id, actor=SYSTEM)
    return api


@pytest.mark.parametrize("case", all_cases())
def test_without_a_good_key_nothing_is_told(case: Case, world: World) -> None:
    good = secret_api(world.site)
    wrong = [
        "nonsense",
        "cm_pk_AAAAAAAAAAAAAAAA",
        "cm_sk_AAAAAAAAAAAAAAAA_" + "A" * 43,
        good.key[:-1] + ("A" if good.key[-1] != "A" else "B"),
        good.key.replace("cm_sk_", "cm_pk_").rsplit("_", 1)[0],
    ]
    answers = [ask(case, world, Api(key)) for key in wrong]
    answers += [ask(case, world, revoked(api)) for api in (secret_api(world.site), public_api(world.site))]
    assert {answer.status for answer in answers} == {case.refused}
    missing = ask(case, world, Api())
    assert missing.status == case.missing
    assert {answer.raw for answer in answers} == {missing.raw}
    if case.refused == 401:
        assert {a.headers["WWW-Authenticate"] for a in [*answers, missing]} == {'Bearer realm="comments"'}


@pytest.mark.parametrize("case", all_cases())
def test_another_sites_keys_neither_see_nor_touch(case: Case, world: World, other: Site) -> None:
    before = list(Comment.objects.filter(site=world.site).order_by("id").values())
    for api, status in (
        (public_api(other), case.others_public),
        (secret_api(other), case.others_secret),
    ):
        answer = ask(case, world, api)
        assert answer.status == status
        assert b"Heron" not in answer.raw
        assert b"reader.example" not in answer.raw
        if answer.status == 200 and isinstance(answer.body, dict):
            assert not answer.body.get("comments")
            assert all(r["problem"]["code"] == "not_found" for r in answer.body.get("results", ()))
    assert list(Comment.objects.filter(site=world.site).order_by("id").values()) == before


def test_an_unknown_thing_and_another_sites_look_the_same(world: World, other: Site) -> None:
    api, nobody = secret_api(other), "019a0000-0000-7000-8000-000000000001"
    for name in ("comment", "decide", "undo", "thread"):
        for case in MATRIX[name]:
            path = case.path(world)
            ours = next(part for part in path.split("/") if len(part) == 36)
            unknown = api.call(case.method, path.replace(ours, nobody), case.body(world))
            assert ask(case, world, api).raw == unknown.raw


def test_a_missing_a_wrong_and_a_revoked_key_cost_the_same(world: World) -> None:
    """One query and one comparison each: the time tells nothing."""

    def count(api: Api) -> int:
        with CaptureQueriesContext(connection) as captured:
            assert api.get("/api/v1/comments").status == 401
        return len(captured)

    tried = [Api(), Api("x"), Api(secret_api(world.site).key + "x"), revoked(secret_api(world.site))]
    assert [count(api) for api in tried] == [1, 1, 1, 1]


def test_a_revoked_key_ends_at_once(world: World) -> None:
    api = secret_api(world.site)
    assert api.get("/api/v1/comments").status == 200
    revoked(api)
    assert api.get("/api/v1/comments").status == 401


def test_a_key_may_come_in_a_header_of_its_own(world: World) -> None:
    key = secret_api(world.site).key
    assert Api().get("/api/v1/comments", X_Api_Key=key).status == 200
    assert Api().get("/api/v1/comments", Authorization=f"bearer  {key}").status == 200
    assert Api().get("/api/v1/comments", Authorization=f"Basic {key}").status == 401
