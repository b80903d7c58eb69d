"""How a form is read: charsets, contexts, switches and where the key may stand."""

from urllib.parse import quote_from_bytes, urlencode

import pytest

from moderation.compat.akismet.form import (
    MOST_FIELDS,
    FormUnreadable,
    SentForm,
    decode,
    read_form,
    read_key,
)

HOST = "rest.akismet.com"


def charset_form(raw: bytes, charset: str) -> SentForm:
    return read_form(f"comment_content={quote_from_bytes(raw)}&blog_charset={charset}".encode())


@pytest.mark.parametrize(
    ("text", "codec", "named"),
    [
        ("Grüße", "utf-8", "UTF-8"),
        ("Grüße", "utf-8", ""),
        ("Grüße", "utf-8", "ISO-8859-1"),  # named by the blog, and sent as UTF-8 all the same
        ("Grüße", "latin-1", "ISO-8859-1"),
        ("Grüße", "latin-1", ""),
        ("“Grüße”", "cp1252", "utf-8"),
        ("Привет", "cp1251", "windows-1251"),
        ("Привет", "koi8-r", "KOI8-R"),
        ("こんにちは", "shift_jis", "Shift_JIS"),
        ("こんにちは", "iso2022_jp", "ISO-2022-JP"),
        ("你好世界", "gb18030", "GB18030"),
        ("łódź", "iso8859-2", "iso-8859-2"),
    ],
)
def test_text_is_read_in_the_charset_that_it_is_in(text: str, codec: str, named: str) -> None:
    assert charset_form(text.encode(codec), named)["comment_content"] == text


@pytest.mark.parametrize(
    "named", ["utf-7", "base64", "rot13", "idna", "punycode", "unicode_escape", "utf-16", "x" * 999]
)
def test_a_charset_that_is_none_is_not_believed(named: str) -> None:
    assert charset_form(b"+AGE- Gr\xfc\xdfe", named)["comment_content"] == "+AGE- Grüße"


def test_bytes_of_no_charset_are_replaced() -> None:
    assert decode("\x81\x8d", "ascii") == "\ufffd\ufffd"


@pytest.mark.parametrize(
    "body",
    [
        b"comment_context[0]=food&comment_context[1]=boats",
        b"comment_context[]=food&comment_context[]=boats",
        b"comment_context%5B0%5D=food&comment_context%5B1%5D=boats",
        b"comment_context=food&comment_context=boats",
        b"comment_context=food&comment_contexts=x&comment_context[x]=y&comment_context[7]=boats&comment_context=",
    ],
)
def test_every_spelling_of_the_context_is_read(body: bytes) -> None:
    assert read_form(body).context == ("food", "boats")


@pytest.mark.parametrize(
    ("value", "is_on"),
    [("1", True), ("true", True), ("YES", True), (" on ", True), ("0", False), ("false", False), ("", False)],
)
def test_switches(value: str, is_on: bool) -> None:
    assert read_form(urlencode({"is_test": value}).encode()).is_true("is_test") is is_on


def test_the_last_of_several_counts_and_the_body_before_the_query() -> None:
    form = read_form(b"blog=one&blog=two&key=inside", "key=outside&user_ip=1.2.3.4")
    assert (form["blog"], form["key"], form["user_ip"], form["nothing"]) == ("two", "inside", "1.2.3.4", "")


@pytest.mark.parametrize("body", [b"\xff\xfe\x00", b"&&==&a", b"%", b"%zz=%", b"", b"{}", b"a=%00"])
def test_what_is_no_form_is_read_as_far_as_it_goes(body: bytes) -> None:
    assert read_form(body)["blog"] == ""


def test_too_many_fields_are_refused() -> None:
    assert read_form(b"a=1&" * (MOST_FIELDS - 1) + b"blog=x")["blog"] == "x"
    with pytest.raises(FormUnreadable, match="1000"):
        read_form(b"a=1&" * (MOST_FIELDS + 1))


@pytest.mark.parametrize(
    ("fields", "host", "key"),
    [
        ({"api_key": "aoeu1aoue123"}, HOST, "aoeu1aoue123"),
        ({"key": "aoeu1aoue123"}, HOST, "aoeu1aoue123"),
        ({"api_key": "", "key": "second"}, HOST, "second"),
        ({"api_key": "first", "key": "second"}, "aoeu1aoue123.rest.akismet.com", "first"),
        ({}, "aoeu1aoue123.rest.akismet.com", "aoeu1aoue123"),
        ({}, "AOEU1AOUE123.comments.example:8000", "aoeu1aoue123"),
        ({}, HOST, ""),
        ({}, "comments.example", ""),
        ({}, "", ""),
        ({}, "aoeu1aoue1234.rest.akismet.com", ""),
    ],
)
def test_where_the_key_may_stand(fields: dict[str, str], host: str, key: str) -> None:
    assert read_key(SentForm(fields), host) == key
