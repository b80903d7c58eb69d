"""Every address of the API, tried without a key, with wrong ones, and with another site's.

What an address answers others follows from what its view declares (`case_of`), so that a new one is tried
without a line here; `MATRIX` lists those of which that is not true.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import URLPattern

from moderation.api.view import ANY_KEY, DECIDE, READ_ALL
from moderation.domain.status import Action
from moderation.flow.comments.decide import Choice, decide
from moderation.flow.record import SYSTEM
from moderation.flow.site.settings import revoke_key
from moderation.models import Comment, Decision, Site, SiteKey
from tests.api.addresses import declared_example, open_methods, path_of, patterns_of_api
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
    "decide_many": [
        Case(
            "POST",
            lambda w: "/api/v1/decisions",
            403,
            200,
            lambda w: ACT | {"comments": [{"id": str(w.held.id)}, {"id": str(w.published.id)}]},
        )
    ],
    "thread_by_name": [Case("GET", lambda w: f"/api/v1/thread?url={PAGE}", 404, 404)],
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


def case_of(pattern: URLPattern, method: str) -> Case:
    """What a method answers by the rule: without its scope 403, of another site's things 404, and none of
    them in a list. Raises `LookupError` where the rule says nothing, so that `MATRIX` has to.
    """
    access, names_a_thing = open_methods(pattern)[method], bool(pattern.pattern.converters)
    if access.need not in (READ_ALL, DECIDE, ANY_KEY) or not (names_a_thing or method == "GET"):
        raise LookupError(f"{pattern.name}: say in MATRIX what {method} answers others")
    secret = 404 if names_a_thing else 200
    public = secret if access.need == ANY_KEY else 403
    body = declared_example(pattern, method)
    return Case(method, lambda world: path_of(pattern, world), public, secret, lambda world: body)


def all_cases() -> dict[str, list[Case]]:
    """Those of the matrix, and by the rule those of all methods that it does not list."""
    found = {name: list(cases) for name, cases in MATRIX.items()}
    for pattern in patterns_of_api():
        name = pattern.name or ""
        if name not in {*OPEN, "unknown"}:
            listed = {case.method for case in found.get(name, ())}
            by_rule = [case_of(pattern, method) for method in open_methods(pattern) if method not in listed]
            found[name] = [*found.get(name, ()), *by_rule]
    return found


CASES = all_cases()
EACH_CASE = [
    pytest.param(case, id=f"{name}-{case.method}-{number}")
    for name, cases in CASES.items()
    for number, case in enumerate(cases)
]


def test_every_address_is_tried() -> None:
    patterns = {pattern.name or "": pattern for pattern in patterns_of_api()}
    assert patterns.keys() == CASES.keys() | OPEN
    for name in CASES.keys() - {"unknown"}:
        assert {case.method for case in CASES[name]} == open_methods(patterns[name]).keys(), name


def test_the_rule_gives_what_is_known_of_some_addresses() -> None:
    by_rule = {name: CASES[name] for name in CASES.keys() - MATRIX.keys()}
    assert {
        name: [(case.method, case.others_public, case.others_secret) for case in cases]
        for name, cases in by_rule.items()
        if name in {"decide", "reasons", "thread"}
    } == {"decide": [("POST", 403, 404)], "reasons": [("GET", 403, 200)], "thread": [("GET", 404, 404)]}


@pytest.mark.parametrize(
    ("name", "method"), [("comments", "POST"), ("decide_many", "POST"), ("form_token", "GET")]
)
def test_of_others_the_rule_says_nothing(name: str, method: str) -> None:
    (pattern,) = [pattern for pattern in patterns_of_api() if pattern.name == name]
    with pytest.raises(LookupError):
        case_of(pattern, method)


def ask(case: Case, world: World, api: Api) -> Answer:
    path = case.path(world)
    if "{key}" in path:
        return Api().call(case.method, path.replace("{key}", api.key or "cm_pk_"), case.body(world))
    return api.call(case.method, path, case.body(world))


def revoked(api: Api) -> Api:
    public_id = api.key.split("_")[2]
    key = SiteKey.objects.get(public_id=public_id)
    revoke_key(key.id, site_id=key.site_id, actor=SYSTEM)
    return api


@pytest.mark.parametrize("case", EACH_CASE)
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


@pytest.mark.parametrize("case", EACH_CASE)
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
        for case in CASES[name]:
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
