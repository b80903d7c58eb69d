"""The strict JSON parser against hand-made bodies."""

import json
from collections.abc import Callable
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moderation.api.parser import MAX_BYTES, MAX_DEPTH, BodyRefused, parse_json
from tests.pace import count_loops

JSON = "application/json"


def refusal(body: bytes, content_type: str = JSON) -> tuple[int, str]:
    """Status and code; fails where the body is taken."""
    with pytest.raises(BodyRefused) as caught:
        parse_json(body, content_type=content_type)
    assert caught.value.message
    return caught.value.status, caught.value.code


def with_value(json_text: str) -> bytes:
    return f'{{"x": {json_text}}}'.encode()


def nested(depth: int) -> bytes:
    return with_value("[" * (depth - 1) + "]" * (depth - 1))


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "empty"),
        (b" \n ", "empty"),
        (b"{", "truncated"),
        (b'{"a', "truncated"),
        (b'{"a": 1', "truncated"),
        (b'{"a": "\\', "truncated"),
        (b"[]", "not_an_object"),
        (b"null", "not_an_object"),
        (b'"x"', "not_an_object"),
        (b"1", "not_an_object"),
        (b'{"a": "\xff\xfe"}', "bad_encoding"),
        ('{"a": 1}'.encode("utf-16"), "bad_encoding"),
        ('{"a": 1}'.encode("utf-16-le"), "invalid_json"),
        (b"\xef\xbb\xbf{}", "bad_encoding"),
        (b'{"a": "\xed\xa0\x80"}', "bad_encoding"),
        (b"{'a': 1}", "invalid_json"),
        (b'{"a": 1,}', "invalid_json"),
        (b'{"a": 1} x', "invalid_json"),
        (b'{"a": "tab\there"}', "invalid_json"),
        (b'{"name": "a", "name": "b"}', "duplicate_key"),
        (b'{"x": {"name": "a", "n\\u0061me": "b"}}', "duplicate_key"),
        (with_value("NaN"), "invalid_json"),
        (with_value("Infinity"), "invalid_json"),
        (with_value("-Infinity"), "invalid_json"),
        (with_value("1e400"), "number_out_of_range"),
        (with_value("-1e400"), "number_out_of_range"),
        (with_value("9223372036854775808"), "number_out_of_range"),
        (with_value("9" * 5000), "number_out_of_range"),
        (with_value("0." + "1" * 16), "number_out_of_range"),
        (with_value('"\\u0000"'), "control_character"),
        (with_value('["\\ud800"]'), "control_character"),
        (with_value('{"\\udfff": 1}'), "control_character"),
        (with_value('{"a\\u0007": 1}'), "control_character"),
        (with_value('"\\b"'), "control_character"),
        (with_value('"\\f"'), "control_character"),
        (with_value('"\x7f"'), "control_character"),
        (nested(MAX_DEPTH + 1), "too_deep"),
        (with_value("[" * 1000), "too_deep"),
        (b'{"a":' * 10_000, "too_deep"),
        (with_value('["' + "]" * 50 + '",' + "[" * 20), "too_deep"),
    ],
)
def test_a_bad_body_is_refused(body: bytes, code: str) -> None:
    assert refusal(body) == (400, code)


@pytest.mark.parametrize("size", [MAX_BYTES + 1, 3_000_000])
def test_a_large_body_is_too_large(size: int) -> None:
    assert refusal(b"x" * size) == (413, "too_large")


@pytest.mark.parametrize(
    "content_type",
    [
        "",
        "application/xml",
        "text/plain",
        "application/jsonp",
        "multipart/form-data",
        "multipart/form-data; boundary=" + "x" * 300,
        "application/x-www-form-urlencoded",
        "application/json; charset=utf-7",
        "application/json; charset=bogus",
        "application/json; charset=utf-16",
        "application/json; charset*=utf-8''utf-8",
        "application/json, text/plain",
    ],
)
def test_another_media_type_or_charset_is_415(content_type: str) -> None:
    assert refusal(b"{}", content_type)[0] == 415


@pytest.mark.parametrize(
    "content_type",
    [
        JSON,
        "Application/JSON",
        "application/json;charset=UTF-8",
        'application/json; charset="utf-8"',
        f" {JSON} ; v=1",
    ],
)
def test_json_in_utf_8_is_taken(content_type: str) -> None:
    assert parse_json(b"{}", content_type=content_type) == {}


@pytest.mark.parametrize(
    "value",
    [
        {},
        {"a": [1, -2, 1.5, 1e300, True, None, "x"]},
        {"body": "one\n\ttwo\r\n", "ключ": "😀"},
        {"brackets": "[[[[" * 100, "quotes": '\\"[' * 100},
        {"number": 999_999_999_999_999},
    ],
)
@pytest.mark.parametrize("ensure_ascii", [True, False])
def test_good_values_arrive_intact(value: dict[str, object], ensure_ascii: bool) -> None:
    assert parse_json(json.dumps(value, ensure_ascii=ensure_ascii).encode(), content_type=JSON) == value


def test_the_deepest_allowed_nesting_is_taken() -> None:
    assert parse_json(nested(MAX_DEPTH), content_type=JSON)


@pytest.mark.parametrize("ensure_ascii", [True, False])
def test_ten_thousand_emoji_fit_raw_and_escaped(ensure_ascii: bool) -> None:
    body = json.dumps({"body": "😀" * 10_000}, ensure_ascii=ensure_ascii).encode()
    assert parse_json(body, content_type=JSON) == {"body": "😀" * 10_000}


def fill(piece: str, head: str = '{"x":[', tail: str = "]}") -> bytes:
    return (head + piece * ((MAX_BYTES - len(head) - len(tail)) // len(piece)) + tail).encode()


@pytest.mark.parametrize(
    "body",
    [
        fill("1,", tail="1]}"),
        fill("1.5e3,", tail="1]}"),
        fill("[],", tail="1]}"),
        fill('"",', tail="1]}"),
        fill('{"a":1},', tail="1]}"),
        fill('\\"', head='{"', tail=""),
        fill('"', head="", tail=""),
        fill("\\", head='{"x":"', tail=""),
        fill("\\u0301", head='{"x":"', tail='"}'),
        fill("9", head='{"x":', tail="}"),
        fill(" ", head="{", tail="}"),
        fill("[", head="", tail=""),
        b"{" + b",".join(b'"%d":0' % n for n in range(13_000)) + b"}",
    ],
    ids=lambda body: body[:12].decode(),
)
def test_no_body_costs_more_than_thirty_loops(body: bytes) -> None:
    def parse() -> None:
        with suppress(BodyRefused):
            parse_json(body, content_type=JSON)

    assert len(body) <= MAX_BYTES
    assert count_loops(parse) < 30  # the dearest takes 10


@given(st.binary(), st.text())
def test_no_bytes_raise_anything_else(body: bytes, content_type: str) -> None:
    check: list[Callable[[], object]] = [
        lambda: parse_json(body, content_type=JSON),
        lambda: parse_json(b"{}", content_type=content_type),
        lambda: parse_json(body, content_type="application/json;" + content_type),
    ]
    for attempt in check:
        try:
            attempt()
        except BodyRefused:
            continue
