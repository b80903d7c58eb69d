"""Answers of the whole API: problems with stable codes, and each documented status for real."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import DataError, InterfaceError, OperationalError, connection
from django.test import Client

from moderation.api.documentation import load_schema
from moderation.models import Comment, Site
from moderation.models.key import Scope
from tests.api.calls import Answer, Api, check_answer, find_operation, public_api, secret_api, submission
from tests.builders import PAGE, submit_screened

pytestmark = pytest.mark.django_db

LINKED = "They say the opposite in https://city.example/rents though."
NOBODY = "019a0000-0000-7000-8000-000000000001"
ACT = {"action": "spam", "reason": "spam"}
COMMENTS = "/api/v1/comments"


@contextmanager
def broken_database(error: Exception) -> Iterator[None]:
    def fail(*args: Any) -> None:
        raise error

    with connection.execute_wrapper(fail):
        yield


@pytest.mark.parametrize("error", [OperationalError("x"), InterfaceError("x")])
def test_while_the_database_is_away_callers_are_asked_to_come_back(secret: Api, error: Exception) -> None:
    with broken_database(error):
        for answer in (secret.get(COMMENTS), secret.post(COMMENTS, submission())):
            assert (answer.status, answer.code) == (503, "unavailable")
            assert int(answer.headers["Retry-After"]) > 0


def test_a_fault_of_ours_is_a_problem_too_and_tells_nothing(site: Site) -> None:
    with broken_database(DataError("secret detail")):
        response = Client().get("/api/v1/reasons")
    assert (response.status_code, response.headers["Content-Type"]) == (500, "application/problem+json")
    assert response.json()["code"] == "error"
    assert b"secret" not in response.content


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("PUT", COMMENTS),
        ("DELETE", f"{COMMENTS}/{NOBODY}"),
        ("TRACE", COMMENTS),
        ("PATCH", "/api/v1/decisions"),
        ("GET", "/api/v1/decisions"),
        ("FROB", COMMENTS),
    ],
)
def test_what_is_not_offered_says_what_is(secret: Api, method: str, path: str) -> None:
    for api in (secret, Api()):
        answer = api.call(method, path)
        assert (answer.status, answer.code) == (405, "method_not_allowed")
        assert "OPTIONS" in answer.headers["Allow"]
        assert "POST" in answer.headers["Allow"] or "GET" in answer.headers["Allow"]


@pytest.mark.parametrize(
    "path",
    [
        "/api/",
        "/api/v1",
        "/api/v1/comments/",
        "/api/v2/comments",
        "/api/v1/comments/%00",
        "/api/v1/comments/-1",
        f"/api/v1/comments/{2**200}",
        "/api/v1/comments/" + "9" * 5000,
        "/api/v1/comments/abc",
        f"/api/v1/comments/{NOBODY.upper()}",
        "/api/v1/%FF",
        "/api/v1/..%2fadmin",
        "/api/v1/comments;x=1",
        "/api/v1/" + "a" * 8000,
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_unknown_addresses_are_problems_by_any_method(secret: Api, method: str, path: str) -> None:
    answer = secret.call(method, path)
    assert (answer.status, answer.code) == (404, "not_found")
    assert answer.headers["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("accept", ["text/html", "text/html,application/xhtml+xml;q=0.9", "", "*/*;q=0.1"])
def test_browsers_get_json_too(secret: Api, accept: str) -> None:
    answer = secret.get(COMMENTS, Accept=accept)
    assert (answer.status, answer.headers["Content-Type"]) == (200, "application/json")


def test_a_head_is_a_get_without_its_body(secret: Api) -> None:
    answer = secret.call("HEAD", COMMENTS)
    assert (answer.status, answer.raw) == (200, b"")


def test_every_answer_has_an_id_of_its_own(secret: Api) -> None:
    ids = {secret.get(COMMENTS).headers["X-Request-Id"] for _ in range(3)}
    assert len(ids) == 3


def test_no_cookie_is_set_and_none_is_believed(site: Site, secret: Api) -> None:
    answer = secret.get(COMMENTS, Cookie="session=x")
    assert "Set-Cookie" not in answer.headers
    assert Api().get(COMMENTS, Cookie="session=x").status == 401


# -- every documented status, for real ----------------------------------------------------------------


class World:
    """What the calls below need."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.public, self.secret = public_api(site), secret_api(site)
        self.weak = secret_api(site, Scope.SUBMIT)
        self.reader = secret_api(site, Scope.READ)
        self.published = submit_screened(site)
        self.held = submit_screened(site, LINKED, email="bo@reader.example")

    def decided(self) -> str:
        body = {"action": "reject", "reason": "spam"}
        return str(self.secret.post(f"{COMMENTS}/{self.held.id}/decisions", body).body["id"])


Call = Callable[[World], Answer]
TOO_LARGE = b'{"x": "' + b"x" * 131_072 + b'"}'
# How each operation is called well; the cases that any operation shares are made from it.
WELL: dict[str, Callable[[World, Api, dict[str, str]], Answer]] = {
    "submitComment": lambda w, api, h: api.post(COMMENTS, submission(body="New."), **h),
    "listComments": lambda w, api, h: api.get(COMMENTS, **h),
    "readComment": lambda w, api, h: api.get(f"{COMMENTS}/{w.held.id}", **h),
    "readThreadByName": lambda w, api, h: api.get(f"/api/v1/thread?url={PAGE}", **h),
    "readThread": lambda w, api, h: api.get(f"/api/v1/threads/{w.held.thread_id}", **h),
    "readPublicThread": lambda w, api, h: Api().get(f"/api/v1/sites/{w.public.key}/thread?url={PAGE}", **h),
    "readFormToken": lambda w, api, h: Api().get(f"/api/v1/sites/{w.public.key}/form-token?thread=x", **h),
    "decide": lambda w, api, h: api.post(f"{COMMENTS}/{w.held.id}/decisions", ACT, **h),
    "decideMany": lambda w, api, h: api.post(
        "/api/v1/decisions", ACT | {"comments": [{"id": str(w.held.id)}]}, **h
    ),
    "undo": lambda w, api, h: api.post(f"/api/v1/decisions/{w.decided()}/undo", **h),
    "listReasons": lambda w, api, h: api.get("/api/v1/reasons", **h),
}
POSTED = {
    "submitComment": COMMENTS,
    "decide": f"{COMMENTS}/{NOBODY}/decisions",
    "decideMany": "/api/v1/decisions",
    "undo": f"/api/v1/decisions/{NOBODY}/undo",
}
READS = "moderation.queries.read_rate.KEY_CAPACITY"
LIMITED = {
    "submitComment": "moderation.api.limits.KEY_CAPACITY",
    "readComment": READS,
    "readThreadByName": READS,
    "readThread": READS,
    "readPublicThread": READS,
    "readFormToken": READS,
}
BAD = {
    "listComments": f"{COMMENTS}?limit=0",
    "readComment": f"{COMMENTS}/{NOBODY}?x=1",
    "readThreadByName": "/api/v1/thread",
    "readThread": f"/api/v1/threads/{NOBODY}?x=1",
    "readPublicThread": "/api/v1/sites/cm_pk_x/thread?x=1",
    "readFormToken": "/api/v1/sites/cm_pk_x/form-token?x=1",
    "listReasons": "/api/v1/reasons?x=1",
}
UNKNOWN: dict[str, Call] = {
    "readComment": lambda w: w.secret.get(f"{COMMENTS}/{NOBODY}"),
    "readThreadByName": lambda w: w.secret.get("/api/v1/thread?key=nothing"),
    "readThread": lambda w: w.secret.get(f"/api/v1/threads/{NOBODY}"),
    "readPublicThread": lambda w: Api().get(f"/api/v1/sites/cm_pk_x/thread?url={PAGE}"),
    "readFormToken": lambda w: Api().get("/api/v1/sites/cm_pk_x/form-token?thread=x"),
    "decide": lambda w: w.secret.post(f"{COMMENTS}/{NOBODY}/decisions", ACT),
    "undo": lambda w: w.secret.post(f"/api/v1/decisions/{NOBODY}/undo"),
}
CONFLICT: dict[str, Call] = {
    "submitComment": lambda w: w.secret.post(COMMENTS, submission()),
    "decide": lambda w: w.secret.post(f"{COMMENTS}/{w.held.id}/decisions", ACT | {"version": 99}),
    "undo": lambda w: w.secret.post(f"/api/v1/decisions/{w.decided()}/undo", {"version": 99}),
}


def mismatch(world: World) -> Answer:
    world.public.post(COMMENTS, submission(body="One."), Idempotency_Key="k")
    return world.public.post(COMMENTS, submission(body="Two."), Idempotency_Key="k")


def too_often(name: str, world: World) -> Answer:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(LIMITED[name], 1)
        WELL[name](world, world.public, {})
        return WELL[name](world, world.public, {})


def not_modified(name: str, world: World) -> Answer:
    known = WELL[name](world, world.secret, {}).headers["ETag"]
    return WELL[name](world, world.secret, {"If-None-Match": known})


def unavailable(name: str, world: World) -> Answer:
    with broken_database(OperationalError("x")):
        return world.secret.post(POSTED[name]) if name in POSTED else WELL[name](world, world.secret, {})


def accepted(name: str, world: World) -> Answer:
    return WELL[name](world, world.secret, {})


# How an operation is called such that it answers with a status.
PRODUCE: dict[int, Callable[[str, World], Answer]] = {
    200: accepted,
    201: accepted,
    202: accepted,
    304: not_modified,
    400: lambda name, w: w.secret.post(POSTED[name], b"{") if name in POSTED else w.secret.get(BAD[name]),
    401: lambda name, w: WELL[name](w, Api("wrong"), {}),
    403: lambda name, w: WELL[name](w, w.reader if name in POSTED else w.weak, {}),
    404: lambda name, w: UNKNOWN[name](w),
    406: lambda name, w: WELL[name](w, w.secret, {"Accept": "application/xml"}),
    409: lambda name, w: CONFLICT[name](w),
    413: lambda name, w: w.secret.post(POSTED[name], TOO_LARGE),
    415: lambda name, w: w.secret.call("POST", POSTED[name], b"x=1", content_type="text/plain"),
    422: lambda name, w: mismatch(w),
    429: too_often,
    503: unavailable,
}


def documented() -> list[tuple[str, int]]:
    return [
        (operation["operationId"], int(status))
        for operations in load_schema()["paths"].values()
        for operation in operations.values()
        for status in operation["responses"]
    ]


@pytest.mark.parametrize(("name", "status"), documented())
def test_every_documented_status_is_real(name: str, status: int, site: Site) -> None:
    """That no other status occurs is checked by every call of these tests (`calls.check_answer`)."""
    assert PRODUCE[status](name, World(site)).status == status


def test_the_two_checks_above_see_what_they_should() -> None:
    assert find_operation("POST", COMMENTS) is not None
    with pytest.raises(AssertionError, match="answers 418"):
        check_answer(
            "GET",
            COMMENTS,
            Answer(
                418,
                {
                    "X-Content-Type-Options": "nosniff",
                    "Content-Security-Policy": "default-src 'none'",
                    "X-Request-Id": "x" * 32,
                },
                b"{}",
                {},
            ),
        )
    assert Comment.objects.count() == 0
