"""Hand-made bodies: each is refused by a problem with a stable code, or taken and returned intact."""

import json
from typing import Any

import pytest

from moderation.models import Comment, Contact, Job, Thread
from tests.api.calls import JSON, Answer, Api, submission
from tests.builders import screen_all

pytestmark = pytest.mark.django_db

COMMENTS = "/api/v1/comments"


def assert_nothing_stored() -> None:
    for model in (Comment, Contact, Thread):
        assert not model.objects.exists()
    assert not Job.objects.filter(kind="screen").exists()


def raw(text: str) -> bytes:
    """A body with `text` as it is, where a field's value would be."""
    return json.dumps(submission(body="@")).replace('"@"', text).encode()


DEEP_LIST = "[" * 1000 + "]" * 1000
DEEP_OBJECT = '{"a":' * 10_000 + "1" + "}" * 10_000
BODIES: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "empty"),
    "blank": (b" \n", "empty"),
    "cut off": (b'{"body": "x', "truncated"),
    "open": (b"{", "truncated"),
    "list": (b"[]", "not_an_object"),
    "null": (b"null", "not_an_object"),
    "text": (b'"x"', "not_an_object"),
    "number": (b"1", "not_an_object"),
    "broken UTF-8": (b'{"body": "\xff\xfe"}', "bad_encoding"),
    "UTF-16": ('{"body": "x"}'.encode("utf-16"), "bad_encoding"),
    "BOM": (b"\xef\xbb\xbf{}", "bad_encoding"),
    "deep list in an unknown field": (f'{{"x": {DEEP_LIST}}}'.encode(), "too_deep"),
    "deep object": (DEEP_OBJECT.encode(), "too_deep"),
    "twice the same key": (b'{"body": "a", "body": "b"}', "duplicate_key"),
    "NaN": (raw("NaN"), "invalid_json"),
    "Infinity": (raw("-Infinity"), "invalid_json"),
    "1e400": (raw("1e400"), "number_out_of_range"),
    "2^200": (raw(str(2**200)), "number_out_of_range"),
    "NUL": (raw(r'"a\u0000b"'), "control_character"),
    "half a pair": (raw(r'"\ud800"'), "control_character"),
    "NUL in a key": (rb'{"\u0000": 1}', "control_character"),
    "escape character": (raw(r'"\u001b"'), "control_character"),
    "comment": (b"{} // x", "invalid_json"),
    "single quotes": (b"{'body': 'x'}", "invalid_json"),
}


@pytest.mark.parametrize("name", BODIES)
def test_what_is_no_clean_json_object_is_refused(secret: Api, name: str) -> None:
    body, code = BODIES[name]
    answer = secret.post(COMMENTS, body)
    assert (answer.status, answer.code) == (400, code)
    assert_nothing_stored()


@pytest.mark.parametrize(
    ("content_type", "code"),
    [
        ("", "unsupported_media_type"),
        ("application/xml", "unsupported_media_type"),
        ("multipart/form-data", "unsupported_media_type"),
        ("multipart/form-data; boundary=" + "b" * 300, "unsupported_media_type"),
        ("application/x-www-form-urlencoded", "unsupported_media_type"),
        ("text/json", "unsupported_media_type"),
        ("application/json; charset=utf-7", "unsupported_charset"),
        ("application/json; charset=base64", "unsupported_charset"),
        ("application/json; charset=bogus", "unsupported_charset"),
    ],
)
def test_only_json_in_utf8_is_read(secret: Api, content_type: str, code: str) -> None:
    body = json.dumps(submission()).encode()
    answer = secret.call("POST", COMMENTS, body, content_type=content_type)
    assert (answer.status, answer.code) == (415, code)
    assert_nothing_stored()


@pytest.mark.parametrize(
    "content_type", [JSON, "Application/JSON; charset=UTF-8", 'application/json;charset="utf-8"']
)
def test_json_may_be_named_in_its_usual_ways(secret: Api, content_type: str) -> None:
    body = json.dumps(submission()).encode()
    assert secret.call("POST", COMMENTS, body, content_type=content_type).status == 202


@pytest.mark.parametrize("size", [131_073, 3_000_000])
def test_what_is_too_large_is_not_read(secret: Api, size: int) -> None:
    answer = secret.post(COMMENTS, b'{"body": "' + b"x" * (size - 12) + b'"}')
    assert (answer.status, answer.code) == (413, "too_large")


ODD: list[Any] = [[], ["x"], {}, {"x": 1}, 7, 1.5, True, False]
TEXTS = ["name", "email", "website", "body", "thread.key", "thread.url", "thread.title"]
OF_SERVER = ["author_ip", "submitted_at"]


@pytest.mark.parametrize("value", ODD, ids=repr)
@pytest.mark.parametrize("name", [*TEXTS, *OF_SERVER, "parent"])
def test_no_field_takes_another_type(secret: Api, name: str, value: Any) -> None:
    outer, _, inner = name.partition(".")
    change = {"thread": {"url": "https://news.example/first"} | {inner: value}} if inner else {outer: value}
    answer = secret.post(COMMENTS, submission(**change))
    assert answer.status == 400
    assert name in answer.fields
    assert_nothing_stored()


@pytest.mark.parametrize("value", [*ODD[:6], "true"], ids=repr)
def test_a_flag_is_true_or_false(secret: Api, value: Any) -> None:
    answer = secret.post(COMMENTS, submission(author_verified=value))
    assert (answer.status, answer.fields) == (400, {"author_verified": "not_a_flag"})


@pytest.mark.parametrize("value", [*ODD, "x", ""], ids=repr)
def test_a_thread_is_an_object_that_names_a_page(secret: Api, value: Any) -> None:
    answer = secret.post(COMMENTS, submission(thread=value))
    assert answer.status == 400
    assert {field.partition(".")[0] for field in answer.fields} == {"thread"}


@pytest.mark.parametrize("value", [*ODD[4:], []], ids=repr)
@pytest.mark.parametrize("name", ["form_token", "honeypot"])
def test_the_forms_own_fields_are_texts(public: Api, name: str, value: Any) -> None:
    assert public.post(COMMENTS, submission(**{name: value})).fields == {name: "not_text"}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"body": None}, "body"),
        ({"body": " \t\n "}, "body"),
        ({"body": "\u200b"}, "body"),
        ({"body": "\ufeff"}, "body"),
        ({"body": "\u2800"}, "body"),
        ({"body": "\u3164"}, "body"),
        ({"body": "x" * 10_001}, "body"),
        ({"body": "Z" + "\u0301" * 500}, "body"),
        ({"name": ""}, "name"),
        ({"name": None}, "name"),
        ({"name": "n" * 101}, "name"),
        ({"name": "abc\u202edef"}, "name"),
        ({"name": "Ada\r\nBcc: x@y.example"}, "name"),
        ({"email": None}, "email"),
        ({"email": ""}, "email"),
        ({"email": "a"}, "email"),
        ({"email": "a@b.example\r\nBcc: c@d.example"}, "email"),
        ({"email": "a" * 250 + "@b.example"}, "email"),
        ({"email": "a" * 65 + "@b.example"}, "email"),
        ({"email": '"a b"@example.org'}, "email"),
        ({"email": "a@[127.0.0.1]"}, "email"),
        ({"website": "javascript:alert(1)"}, "website"),
        ({"website": "JaVaScRiPt:alert(1)"}, "website"),
        ({"website": "jav\tascript:alert(1)"}, "website"),
        ({"website": "data:text/html,x"}, "website"),
        ({"website": "ftp://a/"}, "website"),
        ({"website": "http://[::1"}, "website"),
        ({"website": "http://a:99999999/"}, "website"),
        ({"website": "//host"}, "website"),
        ({"website": "http:///x"}, "website"),
        ({"parent": "1"}, "parent"),
        ({"parent": "{019a0000-0000-7000-8000-000000000001}"}, "parent"),
        ({"parent": "019a00000000700080000000000000010"}, "parent"),
        ({"parent": 2**40}, "parent"),
        ({"thread": {"url": "javascript:alert(1)"}}, "thread.url"),
        ({"thread": {"url": "https://[::1"}}, "thread.url"),
        ({"thread": {"url": "//news.example/a"}}, "thread.url"),
        ({"thread": {"url": "https://news.example/" + "a" * 2000}}, "thread.url"),
        ({"thread": {"key": "k" * 501}}, "thread.key"),
        ({"thread": {"key": "a\nb"}}, "thread.key"),
        ({"thread": {"key": " "}}, "thread.url"),
        ({"thread": {"key": "k", "title": "t" * 301}}, "thread.title"),
        ({"thread": {"key": "k", "site": "x"}}, "thread"),
        ({"author_ip": "999.1.1.1"}, "author_ip"),
        ({"author_ip": "localhost"}, "author_ip"),
        ({"submitted_at": "yesterday"}, "submitted_at"),
        ({"submitted_at": "2026-01-01"}, "submitted_at"),
        ({"submitted_at": "2026-01-01T00:00:00"}, "submitted_at"),
        ({"submitted_at": "2026-W01-1T00:00:00Z"}, "submitted_at"),
        ({"submitted_at": "2026-13-01T00:00:00Z"}, "submitted_at"),
        ({"submitted_at": "0001-01-01T00:00:00+14:00"}, "submitted_at"),
        ({"submitted_at": "9999-12-31T23:59:59-14:00"}, "submitted_at"),
        ({"submitted_at": "\u0662026-01-01T00:00:00Z"}, "submitted_at"),
        ({"id": "x"}, ""),
        ({"status": "approved"}, ""),
        ({"site": "x"}, ""),
        ({"revision": 1}, ""),
        ({"is_staff": True}, ""),
        ({"": 1}, ""),
    ],
)
def test_what_cannot_be_stored_is_refused_by_its_field(secret: Api, change: Any, field: str) -> None:
    answer = secret.post(COMMENTS, submission(**change))
    assert (answer.status, list(answer.fields)) == (400, [field])
    assert_nothing_stored()


def submit_and_read(api: Api, body: dict[str, Any]) -> dict[str, Any]:
    answer = api.post(COMMENTS, body)
    assert answer.status == 202, answer.raw
    screen_all()
    read: dict[str, Any] = api.get(f"{COMMENTS}/{answer.body['id']}").body
    return read


@pytest.mark.parametrize(
    "text",
    [
        "x" * 10_000,
        "\U0001f600" * 10_000,
        "\U0001f468\u200d\U0001f469\u200d\U0001f467 family, flags \U0001f1e9\U0001f1ea\U0001f1eb\U0001f1f7",
        "\u0915\u094d\u0937 \u0939\u093f\u0928\u094d\u0926\u0940",
        "\u05e9\u05c1\u05dc\u05d5\u05dd \u0645\u0631\u062d\u0628\u0627",
        "right to left: \u202eabc",
        "<script>alert(1)</script><svg onload=alert(1)>",
        "[x](javascript:alert(1)) ![x](https://a.example/x.png)",
        "<b>" * 3000,
        "[" * 5000,
        "=HYPERLINK(1)",
    ],
)
def test_odd_but_honest_texts_come_back_intact(secret: Api, text: str) -> None:
    assert submit_and_read(secret, submission(body=text))["body"] == text
    listed = secret.get(COMMENTS)
    assert listed.body["comments"][0]["body"] == text


@pytest.mark.parametrize("name", ["<script>", '"><img src=x onerror=y>', "' onx='", "=SUM(1)", "+1", "@x"])
def test_odd_names_come_back_as_text(secret: Api, name: str) -> None:
    assert submit_and_read(secret, submission(name=name))["author"]["name"] == name


def test_emoji_may_be_written_as_escapes(secret: Api) -> None:
    body = json.dumps(submission(body="\U0001f600" * 10_000)).encode()
    assert len(body) > 120_000
    assert secret.post(COMMENTS, body).status == 202


@pytest.mark.parametrize("website", ["http://127.0.0.1/", "http://169.254.169.254/latest/meta-data/"])
def test_a_website_is_never_fetched(secret: Api, website: str) -> None:
    assert submit_and_read(secret, submission(website=website))["author"]["website"] == website


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


def test_no_refusal_repeats_what_was_sent(secret: Api) -> None:
    for answer in refusals(secret):
        assert 400 <= answer.status < 500
        assert b"cnry" not in answer.raw
        assert "cnry" not in str(answer.headers)
