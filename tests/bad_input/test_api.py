"""The corpus through the API: refused by a problem with a stable code, or taken and returned intact."""

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import quote

import pytest
from django.db import connections
from django.test import Client
from pytest_django.fixtures import Settings

from moderation.flow.comments import submit
from moderation.models import Comment
from tests.api.calls import PROBLEM, Answer, Api, secret_api, submission
from tests.bad_input.bodies import BODIES
from tests.bad_input.fields import NUMBERS, OF_JSON_ONLY, REFUSED, TAKEN, TRIMMED, Typed
from tests.bad_input.world import API_WRITES, World
from tests.builders import PAGE, build_site, screen_all, submit_screened

pytestmark = pytest.mark.django_db

COMMENTS = "/api/v1/comments"
NOBODY = "019a0000-0000-7000-8000-000000000001"


@pytest.mark.parametrize("name", API_WRITES)
def test_every_bad_body_is_refused_by_every_address(name: str, world: World) -> None:
    write = API_WRITES[name]
    path, good, wrong = write.path(world), write.body(world), []
    before = world.counts()
    for case in BODIES:
        raw = case.build(good)
        if not raw and write.may_be_empty:
            continue
        answer = world.secret.call("POST", path, raw, content_type=case.content_type, headers=case.headers)
        if (answer.status, answer.code) != (case.status, case.code) or world.counts() != before:
            wrong.append((case.name, answer.status, answer.raw[:200]))
    assert wrong == []
    assert world.broken_lists() == []
    # What was spoiled was good: the same body, unspoiled, is taken.
    assert world.secret.post(path, good).status in (200, 201, 202)


def test_json_may_be_named_in_its_usual_ways(world: World) -> None:
    for number, named in enumerate(["Application/JSON; charset=UTF-8", 'application/json;charset="utf8"']):
        body = json.dumps(submission(body=f"Hello there, {number}.")).encode()
        headers = {"Content-Encoding": "identity"}
        answer = world.secret.call("POST", COMMENTS, body, content_type=named, headers=headers)
        assert answer.status == 202, named


def send_typed(world: World, case: Typed) -> Answer:
    change = {case.field: case.value}
    return world.secret.post(COMMENTS, {**submission(body="Never said before."), **change})


def test_every_field_is_refused_what_it_cannot_hold(world: World) -> None:
    wrong = []
    before = world.counts()
    for case in (*REFUSED, *OF_JSON_ONLY):
        answer = send_typed(world, case)
        named = (
            {field.partition(".")[0] for field in answer.fields}
            if answer.status == 400 and ("errors" in answer.body)
            else {answer.body.get("code")}
        )
        if answer.status != 400 or not named <= {case.field, "control_character"} or world.counts() != before:
            wrong.append((case.label, answer.status, answer.raw[:200]))
    assert wrong == []
    assert world.broken_lists() == []


def test_no_field_takes_a_number_out_of_range(world: World) -> None:
    for field in ("parent", "author_ip", "submitted_at", "author_verified", "body"):
        for number in NUMBERS.values():
            body = json.dumps({**submission(), field: "@"}).replace('"@"', number).encode()
            answer = world.secret.post(COMMENTS, body)
            assert (answer.status, answer.code) == (400, "number_out_of_range"), (field, number)


def test_the_forms_own_fields_are_texts(world: World) -> None:
    for field in ("form_token", "honeypot"):
        sent: list[Any] = [7, 1.5, True, [], {}]
        for value in sent:
            answer = world.public.post(COMMENTS, submission(**{field: value}))
            assert answer.fields == {field: "not_text"}, value


def as_read(world: World, answer: Answer) -> dict[str, Any]:
    read: dict[str, Any] = world.secret.get(f"{COMMENTS}/{answer.body['id']}").body
    return {"body": read["body"], "name": read["author"]["name"], "website": read["author"]["website"]}


def test_what_is_odd_but_honest_is_taken_and_comes_back_as_it_was(world: World) -> None:
    wrong = []
    for number, case in enumerate(TAKEN):
        body = submission(body=f"Never said before, {number}.", email=f"r{number}@reader.example")
        raw = json.dumps(body | {case.field: case.value}, ensure_ascii=False).encode()
        answer = world.secret.post(COMMENTS, raw)
        screen_all()
        if answer.status != 202 or as_read(world, answer)[case.field] != case.value:
            wrong.append((case.label, answer.status, answer.raw[:200]))
        wrong += [(case.label, 0, broken.encode()) for broken in world.broken_public_lists()]
    assert wrong == []
    assert world.broken_lists() == []


def test_emoji_may_be_written_as_escapes(world: World) -> None:
    body = json.dumps(submission(body="\U0001f600" * 10_000)).encode()
    assert len(body) > 120_000
    answer = world.secret.post(COMMENTS, body)
    assert as_read(world, answer)["body"] == "\U0001f600" * 10_000


def test_a_name_is_trimmed_before_it_is_looked_at(world: World) -> None:
    answer = send_typed(world, TRIMMED)
    assert as_read(world, answer)["name"] == TRIMMED.value.strip()


def test_a_thread_ends_at_its_depth(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A comment cannot be its own parent: its id is ours. What is left is how deep replies may go."""
    assert world.secret.post(COMMENTS, submission(parent=NOBODY)).fields == {"parent": "unknown_parent"}
    monkeypatch.setattr(submit, "MOST_DEPTH", 1)
    parent = submit_screened(world.site, "Deep.", parent_id=submit_screened(world.site, "First.").id)
    assert (parent.status, parent.depth) == ("published", 1)
    answer = world.secret.post(COMMENTS, submission(body="Deeper.", parent=str(parent.id)))
    assert (answer.status, answer.fields) == (400, {"parent": "parent_not_published"})


@pytest.mark.django_db(transaction=True)
def test_the_same_call_twice_at_once_stores_one_comment() -> None:
    api = secret_api(build_site())

    def call(number: int) -> Answer:
        try:
            return api.post(COMMENTS, submission(), Idempotency_Key="once")
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(call, range(4)))
    assert {answer.status for answer in answers} == {202}
    assert len({answer.body["id"] for answer in answers}) == 1
    assert Comment.objects.count() == 1


QUERIES = {
    "?ordering=password": "unknown_parameter",
    "?status[]=held": "unknown_parameter",
    "?status=held&status=spam": "repeated_parameter",
    "?status=held%00": "control_character",
    "?%00=1": "unknown_parameter",
    "?status=%FF": "bad_query",
    "?status=%ED%A0%80": "bad_query",
    "?status=": "invalid_parameter",
    "?status=held;limit=1": "invalid_parameter",
    "?limit=0": "invalid_parameter",
    "?limit=101": "invalid_parameter",
    "?limit=-1": "invalid_parameter",
    "?limit=1e2": "invalid_parameter",
    "?limit=" + "9" * 5000: "invalid_parameter",
    "?limit=%D9%A1": "invalid_parameter",
    "?after=x": "invalid_parameter",
    "?after=": "invalid_parameter",
    "?after=" + NOBODY + "%00": "control_character",
    "?after={" + NOBODY + "}": "invalid_parameter",
    "?after=" + "0" * 5000: "invalid_parameter",
    "?id__gt=1": "unknown_parameter",
    "?" + "a=1&" * 50: "bad_query",
    "?format=xml": "unknown_parameter",
    "?_method=DELETE": "unknown_parameter",
}


def test_a_query_is_read_strictly(world: World) -> None:
    told = {query: world.secret.get(f"{COMMENTS}{query}") for query in QUERIES}
    assert {query: answer.code for query, answer in told.items()} == QUERIES
    assert {answer.status for answer in told.values()} == {400}


CURSORS = [NOBODY, "00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff"]


def test_a_cursor_of_nothing_is_the_beginning_or_the_end(world: World) -> None:
    for after in CURSORS:
        for path in (COMMENTS, f"/api/v1/threads/{world.published.thread_id}"):
            assert world.secret.get(f"{path}?after={after}").status == 200


ODD_HEADERS = [
    {"X-HTTP-Method-Override": "DELETE"},
    {"X-Method-Override": "PUT"},
    {"Cookie": "session=\x7f; csrf==;;=;\xff" + "a" * 3000},
    {"If-None-Match": '"' * 500},
    {"If-Modified-Since": "yesterday"},
    {"Range": "bytes=0-1,5-9999999999999999999999"},
    {"Accept": ",;q=x" * 200 + ",*/*"},
    {"Accept-Language": "x" * 5000},
    {"X-Forwarded-For": "1.1.1.1," * 500},
    {"X-Forwarded-Proto": "javascript"},
    {"Expect": "something"},
    {"X-Requested-With": "XMLHttpRequest"},
]


def test_headers_that_mean_nothing_here_change_nothing(world: World) -> None:
    for number, headers in enumerate(ODD_HEADERS):
        assert world.secret.get(COMMENTS, **headers).status == 200, headers
        answer = world.secret.post(COMMENTS, submission(body=f"Remark {number}."), **headers)
        assert answer.status == 202, headers
    assert world.broken_lists() == []


KEYS = [
    "",
    "\x00",
    "cm_sk_",
    "cm_sk_" + "A" * 10_000,
    "cm_pk_\u20ac",
    "Bearer",
    "cm_sk_A_B_C_D",
    "' OR 1=1 --",
]


def test_a_key_that_is_none_is_refused(world: World) -> None:
    for key in KEYS:
        sent = quote(key, safe=" _'=")
        for headers in ({"Authorization": f"Bearer {sent}"}, {"X-Api-Key": sent}, {"Authorization": sent}):
            answer = Api().call("GET", COMMENTS, headers=headers)
            assert (answer.status, answer.code) == (401, "not_authenticated"), headers
        path = quote(f"/api/v1/sites/{key or '-'}/thread", safe="/_")
        assert Client().get(path, {"url": PAGE}).status_code == 404, key


def test_another_host_is_refused_or_ignored(world: World, settings: Settings) -> None:
    settings.ALLOWED_HOSTS = ["testserver"]
    refused = Client().get(COMMENTS, headers={"Host": "evil.example"})
    assert (refused.status_code, refused["Content-Type"]) == (400, PROBLEM)
    assert refused.json()["code"] == "bad_request"
    page = Client().get("/", headers={"Host": "evil.example", "Accept": "text/html"})
    assert (page.status_code, page["Content-Type"]) == (400, "text/html; charset=utf-8")
    answer = world.secret.post(COMMENTS, submission(body="Hello there."), X_Forwarded_Host="evil.example")
    assert answer.status == 202
    assert "evil" not in str(answer.headers) + answer.raw.decode()


def refusals(api: Api) -> list[Answer]:
    wanted = [
        submission(email="cnry-leak@leak.example", website="cnry-leak@leak.example", parent="x"),
        submission(email="cnry-leak(at)leak.example"),
        {"cnry-leak@leak.example": "cnry-leak@leak.example"},
        submission(thread={"url": "cnry-leak@leak.example"}),
        submission(submitted_at="cnry-leak@leak.example", author_ip="cnry-leak@leak.example"),
    ]
    answers = [api.post(COMMENTS, body) for body in wanted]
    answers.append(api.post(COMMENTS, b'{"email": "cnry-leak@leak.example", cnry-leak'))
    answers.append(api.get(f"{COMMENTS}?cnry-leak@leak.example=cnry-leak"))
    answers.append(api.get(f"{COMMENTS}?status=cnry-leak@leak.example"))
    answers.append(api.get(f"{COMMENTS}/cnry-leak@leak.example"))
    return answers


def test_no_refusal_repeats_what_was_sent(world: World) -> None:
    for answer in refusals(world.secret):
        assert 400 <= answer.status < 500
        assert b"cnry" not in answer.raw
        assert "cnry" not in str(answer.headers)
