"""The redaction filter against a canary in every spelling, and against harmless text."""

import base64
import html
import json
from urllib.parse import quote

import pytest

from moderation.privacy.redact import MAX_TEXT, REMOVED, describe_error, format_exception, redact
from tests.pace import count_loops

LOCAL, DOMAIN = "cnry-7f3a", "leak-91bc.example"
CANARY = f"{LOCAL}@{DOMAIN}"

SPELLINGS = {
    "raw": CANARY,
    "upper": CANARY.upper(),
    "percent": quote(CANARY),
    "percent twice": quote(quote(CANARY)),
    "decimal entity": CANARY.replace("@", "&#64;"),
    "padded entity": CANARY.replace("@", "&#0064;"),
    "hex entity": CANARY.replace("@", "&#x40;"),
    "named entity": CANARY.replace("@", "&commat;"),
    "json": CANARY.replace("@", "\\u0040"),
    "json in json": CANARY.replace("@", "\\\\u0040"),
    "python": CANARY.replace("@", "\\x40"),
    "quoted-printable": CANARY.replace("@", "=40"),
    "full width": CANARY.replace("@", "＠"),
    "tagged": f"{LOCAL}+news@{DOMAIN}",
    "tagged percent": quote(f"{LOCAL}+news@{DOMAIN}"),
    "literal": f"{LOCAL}@[192.0.2.1]",
}


@pytest.mark.parametrize(
    "frame", ["{}", "to <{}>", "email={}&x=1", "('{}',)", '{{"e": "{}"}}', "/a?email={}", "x{} y"]
)
@pytest.mark.parametrize("spelling", SPELLINGS.values(), ids=SPELLINGS.keys())
def test_an_address_is_taken_out_of_any_text(spelling: str, frame: str) -> None:
    redacted = redact(frame.format(spelling))
    assert REMOVED in redacted
    assert LOCAL not in redacted.lower()


def test_the_canary_would_be_found_without_the_filter() -> None:
    assert all(LOCAL in spelling.lower() for spelling in SPELLINGS.values())


def test_json_stays_json() -> None:
    line = json.dumps({"a": f"line\n{CANARY}\n", "b": html.escape(f"<{CANARY}>")})
    assert LOCAL not in redact(line)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "plain",
        "@functools.wraps",
        "a @ b",
        "12:30:45",
        "time 10:00",
        "1.2.3",
        "100%",
        "x = 40",
        "::",
        "Class::method",
    ],
)
def test_harmless_text_stays_as_it_is(text: str) -> None:
    assert redact(text) == text


@pytest.mark.parametrize(
    ("text", "redacted"),
    [
        ("from 203.0.113.77:4711", "from 203.0.113.0:4711"),
        ("ip_address: '203.0.113.77'", "ip_address: '203.0.113.0'"),
        ("from 2001:db8:1:2:3::4 now", "from 2001:db8:1:: now"),
        ("[2001:db8:1:2::4]:80", "[2001:db8:1::]:80"),
        ("on 127.0.0.1:8000 and 0.0.0.0 and ::1", "on 127.0.0.1:8000 and 0.0.0.0 and ::1"),
        ("version 1.2.3.4.5", "version 1.2.3.4.5"),
    ],
)
def test_ip_addresses_are_truncated_except_our_own(text: str, redacted: str) -> None:
    assert redact(text) == redacted


@pytest.mark.parametrize(
    ("text", "redacted"),
    [
        ("Not Found: /compat/coral/cm_pk_OE24Rr0vB6an/x", "Not Found: /compat/coral/cm_pk_…/x"),
        ("key=cm_sk_BrMA1l85AwUv_a4y5-lSqwYB&x=1", "key=cm_sk_…&x=1"),
        ('{"auth_key": "cm_sk_a_b"}', '{"auth_key": "cm_sk_…"}'),
        ("cm_sk_", "cm_sk_"),
        ("Not Found: /1.1/aoeu1aoue123", "Not Found: /1.1/…"),
        ("Not Found: /1.2/key-sites/aoeu1aoue123/x", "Not Found: /1.2/key-sites/…/x"),
        ("Not Found: /aoeu1aoue123/1.1/verify-key", "Not Found: /…/1.1/verify-key"),
        ("HTTP_HOST header: 'aoeu1aoue123.rest.akismet.com'.", "HTTP_HOST header: '….rest.akismet.com'."),
        ("Not Found: /1.1/comment-check", "Not Found: /1.1/comment-check"),
        ("Not Found: /admin/aoeu1aoue123", "Not Found: /admin/aoeu1aoue123"),
    ],
)
def test_keys_are_taken_out(text: str, redacted: str) -> None:
    assert redact(text) == redacted


def test_long_text_is_cut() -> None:
    assert len(redact("x" * 100_000)) == MAX_TEXT + 1


@pytest.mark.parametrize("piece", ["a", "a@", "a%40", "'a", "1.", "f:", "@", "&#0", "\\", "/1.1/", "/1.1/a"])
def test_no_text_takes_long(piece: str) -> None:
    assert count_loops(lambda: redact(piece * MAX_TEXT + "@"), tries=2) < 300  # up to 110


def test_an_exception_keeps_type_and_places_and_loses_what_was_typed() -> None:
    secret = "a whole comment with words"
    message = f"for {CANARY}\nDETAIL: Failing row contains ({secret})"
    try:
        try:
            int(secret)
        except ValueError as error:
            raise RuntimeError(message) from error
    except RuntimeError as error:
        text = format_exception(error)
    assert "ValueError: invalid literal for int() with base 10: '…'" in text
    assert "RuntimeError: for [address]" in text
    assert "test_redact.py" in text
    assert "DETAIL" not in text
    assert LOCAL not in text
    assert text.count(secret) == 0


def test_names_of_constraints_survive() -> None:
    error = ValueError(
        'duplicate key value violates unique constraint "comment_said_once"\nDETAIL: Key (a)=(b)'
    )
    assert describe_error(error).endswith('unique constraint "comment_said_once"')


def fail_again_from_none() -> None:
    try:
        raise ValueError("words within")
    except ValueError:
        raise KeyError("outer") from None


def test_a_context_that_was_suppressed_stays_away() -> None:
    with pytest.raises(KeyError) as caught:
        fail_again_from_none()
    text = format_exception(caught.value)
    assert text.count("Traceback") == 1


def test_circles_of_causes_end() -> None:
    first, second = ValueError("first"), ValueError("second")
    first.__cause__, second.__cause__ = second, first
    assert format_exception(first).count("Traceback") == 2


def test_base64_is_beyond_the_filter_so_the_allow_list_has_to_hold() -> None:
    encoded = base64.b64encode(CANARY.encode()).decode()
    assert redact(encoded) == encoded
