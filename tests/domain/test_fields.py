"""What a reader may type, field by field."""

from contextlib import suppress

import pytest
from email_validator import EmailNotValidError, validate_email
from hypothesis import given
from hypothesis import strategies as st

from moderation.domain.errors import InvalidFields
from moderation.domain.fields import FieldRefused, clean_email, clean_submission_fields

GOOD = {"body": "A fine text.", "name": "Anna", "email": "anna@example.org", "website": ""}


def refusals(*, requires_email: bool = True, **changed: object) -> dict[str, str]:
    """Codes by field, empty where all is well."""
    try:
        clean_submission_fields(GOOD | changed, requires_email=requires_email)
    except InvalidFields as refused:
        return {error.field: error.code for error in refused.errors}
    return {}


def test_good_fields_are_taken() -> None:
    fields = clean_submission_fields(GOOD)
    assert (fields.body, fields.name, fields.email, fields.website) == tuple(GOOD.values())


def test_all_errors_are_named_at_once() -> None:
    assert refusals(body="", name="a\nb", email="a", website="ftp://a/") == {
        "body": "required",
        "name": "line_break",
        "email": "invalid",
        "website": "invalid",
    }


def test_messages_say_what_to_do_and_repeat_nothing() -> None:
    with pytest.raises(InvalidFields) as caught:
        clean_submission_fields(
            {"body": "x" * 10_001, "name": None, "email": "cnry@@leak", "website": "x:leak"}
        )
    messages = {error.field: error.message for error in caught.value.errors}
    assert messages == {
        "body": "Keep it to 10,000 characters; it has 10,001 now.",
        "name": "Enter your name.",
        "email": "Enter an address like name@example.org.",
        "website": "Enter an address like https://example.org, or leave this empty.",
    }
    assert "leak" not in repr(caught.value.errors) + str(caught.value)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (None, "required"),
        ("", "required"),
        (" \t\n ", "required"),
        ("\u200b\u200b", "required"),
        ("\ufeff", "required"),
        ("\u2800", "required"),
        ("\u3164", "required"),
        ("a\x00b", "control_character"),
        ("a\x1bb", "control_character"),
        ("a\ud800b", "control_character"),
        ("a" * 10_001, "too_long"),
        ("Z" + "\u0301" * 500, "too_many_marks"),
        (["a"], "not_text"),
        ({}, "not_text"),
        (1, "not_text"),
        (True, "not_text"),
    ],
)
def test_a_body_is_refused(body: object, code: str) -> None:
    assert refusals(body=body) == {"body": code}


@pytest.mark.parametrize(
    "body",
    [
        "a" * 10_000,
        "😀" * 10_000,
        "👨‍👩‍👧‍👦 🇩🇪 🏴󠁧󠁢󠁷󠁬󠁳󠁿",
        "क्षत्रिय ज्ञान",
        "שלום עליכם",
        "مرحبا بالعالم",
        "a \u202e b",
        "one\n\n  two\ttabs",
        "<script>alert(1)</script>",
        "[x](javascript:1)",
    ],
)
def test_a_body_is_taken_as_it_is(body: str) -> None:
    assert clean_submission_fields(GOOD | {"body": body}).body == body


def test_a_body_is_trimmed_composed_and_gets_one_kind_of_newline() -> None:
    assert clean_submission_fields(GOOD | {"body": "  cafe\u0301\r\nau lait\r "}).body == "café\nau lait"


@pytest.mark.parametrize(
    ("name", "code"),
    [
        (None, "required"),
        ("", "required"),
        ("\u200b", "required"),
        ("a" * 101, "too_long"),
        ("Anna\r\nBcc: x", "line_break"),
        ("Anna\n", "line_break"),
        ("Anna\u2028", "line_break"),
        ("Anna\u202e", "direction_control"),
        ("A\x00", "control_character"),
        ("A\ud800", "control_character"),
        ("Z" + "\u0301" * 9, "too_many_marks"),
        ([], "not_text"),
    ],
)
def test_a_name_is_refused(name: object, code: str) -> None:
    assert refusals(name=name) == {"name": code}


@pytest.mark.parametrize(
    ("name", "taken"),
    [
        ("a" * 100, "a" * 100),
        ("  Anna \u00a0 Muster ", "Anna Muster"),
        ("\t=1", "=1"),
        ("=HYPERLINK(1)", "=HYPERLINK(1)"),
        ("＝1", "＝1"),
        ("<script>", "<script>"),
        ("' onx='", "' onx='"),
        ("Jose\u0301", "José"),
        ("محمد", "محمد"),
    ],
)
def test_a_name_is_taken(name: str, taken: str) -> None:
    assert clean_submission_fields(GOOD | {"name": name}).name == taken


@pytest.mark.parametrize(
    ("email", "code"),
    [
        (None, "required"),
        ("", "required"),
        ("a", "invalid"),
        ("a@", "invalid"),
        ("a@@example.org", "invalid"),
        ("a@localhost", "invalid"),
        ("a@example.org\r\nBcc: b@example.org", "invalid"),
        ("a\x00@example.org", "invalid"),
        ("a\ud800@example.org", "invalid"),
        ("a" * 65 + "@example.org", "invalid"),
        ("a@" + "b" * 60 + ("." + "c" * 60) * 4, "too_long"),
        ('"a b"@example.org', "invalid"),
        ("a@[127.0.0.1]", "invalid"),
        ("Anna <a@example.org>", "invalid"),
        ("a@example.org, b@example.org", "invalid"),
        ([], "not_text"),
        ({}, "not_text"),
    ],
)
def test_an_address_is_refused(email: object, code: str) -> None:
    assert refusals(email=email) == {"email": code}


@pytest.mark.parametrize(
    ("email", "taken"),
    [
        (" anna@example.org ", "anna@example.org"),
        ("anna+news@example.org", "anna+news@example.org"),
        ("cnry-1@leak-1.example", "cnry-1@leak-1.example"),
        ("a@mail.test", "a@mail.test"),
        ("é@bücher.example", "é@bücher.example"),
        ("a" * 64 + "@example.org", "a" * 64 + "@example.org"),
    ],
)
def test_an_address_is_taken(email: str, taken: str) -> None:
    assert clean_submission_fields(GOOD | {"email": email}).email == taken


@pytest.mark.parametrize(
    ("website", "code"),
    [
        ("javascript:alert(1)", "invalid"),
        ("data:text/html,x", "invalid"),
        ("ftp://a/", "invalid"),
        ("http://anna@example.org/", "invalid"),
        ("http://[::1", "invalid"),
        ("//host", "invalid"),
        ("http:///x", "invalid"),
        ("just words", "invalid"),
        ("http://example.org/\x00", "invalid"),
        ("https://example.org/" + "a" * 200, "too_long"),
        ("https://example.org/" + "ü" * 150, "too_long"),
        ([], "not_text"),
    ],
)
def test_a_website_is_refused(website: object, code: str) -> None:
    assert refusals(website=website) == {"website": code}


@pytest.mark.parametrize(
    ("website", "taken"),
    [
        (None, ""),
        ("  ", ""),
        ("example.com", "https://example.com/"),
        ("http://Example.com/a'b", "http://example.com/a%27b"),
        ("http://169.254.169.254/", "http://169.254.169.254/"),
    ],
)
def test_a_website_is_taken(website: str | None, taken: str) -> None:
    assert clean_submission_fields(GOOD | {"website": website}).website == taken


def test_a_site_may_do_without_name_and_address() -> None:
    assert refusals(requires_email=False, name="", email=None) == {}
    assert refusals(requires_email=False, email="a") == {"email": "invalid"}


@given(st.dictionaries(st.sampled_from(sorted(GOOD)), st.text(st.characters(exclude_categories=()))))
def test_no_text_does_worse_than_a_refusal(raw: dict[str, str]) -> None:
    with suppress(InvalidFields):
        clean_submission_fields(raw)


LOCALS = st.one_of(
    st.text(alphabet="aZ9._+-", max_size=12), st.text(max_size=8), st.integers(55, 70).map(lambda n: "a" * n)
)
DOMAINS = st.one_of(
    st.sampled_from(
        [
            "example.org",
            "EXAMPLE.org",
            "m\u00fcller.example",
            "localhost",
            "x.local",
            "a.invalid",
            "[127.0.0.1]",
        ]
    ),
    st.text(alphabet="aZ9.-", max_size=12),
    st.text(max_size=8),
)


@given(local=LOCALS, domain=DOMAINS)
def test_an_address_taken_apart_is_judged_as_the_whole_one(local: str, domain: str) -> None:
    address = f"{local}@{domain}".strip()
    try:
        whole = validate_email(address, check_deliverability=False, test_environment=True, strict=True)
        expected = whole.normalized
    except EmailNotValidError:
        expected = None
    try:
        taken = clean_email(address)
    except FieldRefused:
        taken = None
    assert taken == expected
