"""Web addresses: what is taken, and how it is written afterwards."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moderation.lib.urls import ascii_host, canonical_url, clean_url, complete_url, host_of


@pytest.mark.parametrize(
    ("url", "cleaned"),
    [
        ("https://example.org", "https://example.org/"),
        ("HTTPS://Example.ORG:443/A", "https://example.org/A"),
        ("http://example.org:8080/", "http://example.org:8080/"),
        ("http://example.org:/", "http://example.org/"),
        ("http://example.org./", "http://example.org/"),
        ("http://bücher.example/ü?q=ß#é", "http://xn--bcher-kva.example/%C3%BC?q=%C3%9F#%C3%A9"),
        ("http://example.org/a'b\"c<d>", "http://example.org/a%27b%22c%3Cd%3E"),
        ("http://example.org/%7ea%2fb%zz", "http://example.org/~a%2Fb%25zz"),
        ("http://[2001:DB8::0:1]:8080/", "http://[2001:db8::1]:8080/"),
        ("http://127.0.0.1/", "http://127.0.0.1/"),
        ("http://example.org?a=1&b=/?", "http://example.org/?a=1&b=/?"),
    ],
)
def test_a_good_address_gets_one_spelling(url: str, cleaned: str) -> None:
    assert clean_url(url) == cleaned
    assert clean_url(cleaned) == cleaned


@pytest.mark.parametrize(
    "url",
    [
        "",
        "example.org",
        "//example.org",
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "jav\tascript:alert(1)",
        "data:text/html,x",
        "vbscript:x",
        "file:///etc/passwd",
        "ftp://example.org/",
        "http://[::1",
        "http://[zz]/",
        "http://example.org:99999999/",
        "http://example.org:0/",
        "http://example.org:a/",
        "http:///x",
        "http://anna@example.org/",
        "http://anna:word@example.org/",
        "http://example.org\\@evil.example/",
        "http://exa mple.org/",
        "http://x'y.example/",
        "http://-x.example/",
        "http://a..b/",
        "http://" + "a" * 254 + "/",
        "http://" + "a" * 64 + ".example/",
        "http://example.org/\u202egpj",
    ],
)
def test_anything_else_is_refused(url: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the standard library's own messages differ
        clean_url(url)


@given(st.text())
def test_no_text_does_worse_than_value_error(text: str) -> None:
    for url in (text, "http://" + text, "https://example.org/" + text):
        try:
            cleaned = clean_url(url)
        except ValueError:
            continue
        assert cleaned.isascii()
        assert not set("<>\"' \\\n") & set(cleaned)
        assert clean_url(cleaned) == cleaned


@pytest.mark.parametrize(
    ("typed", "completed"),
    [
        ("example.org", "https://example.org"),
        ("example.org/a:b", "https://example.org/a:b"),
        ("example.org:8080", "https://example.org:8080"),
        ("bücher.example?x", "https://bücher.example?x"),
        ("http://example.org", "http://example.org"),
        ("javascript:a.b", "javascript:a.b"),
        ("java.script:alert(1)", "java.script:alert(1)"),
        ("//example.org", "//example.org"),
        ("anna@example.org", "anna@example.org"),
        ("word", "word"),
    ],
)
def test_only_a_bare_host_is_completed(typed: str, completed: str) -> None:
    assert complete_url(typed) == completed


@pytest.mark.parametrize(
    ("url", "canonical"),
    [
        ("https://Example.org", "https://example.org/"),
        (" https://example.org/a#comments ", "https://example.org/a"),
        ("https://example.org/a?utm_source=x&p=1&fbclid=y", "https://example.org/a?p=1"),
        ("https://example.org/a?utm_source=x", "https://example.org/a"),
        ("https://example.org/a?b&&c=", "https://example.org/a?b&c="),
        ("https://example.org/a?email=ann@reader.example&p=1", "https://example.org/a?p=1"),
        ("https://example.org/a?ann%40reader.example", "https://example.org/a"),
        ("https://example.org/a?e=ann%2540reader.example", "https://example.org/a"),
        ("https://example.org/a?by=@ann&at=a@b", "https://example.org/a?by=@ann&at=a@b"),
        ("https://example.org/a/../b/./c", "https://example.org/b/c"),
        ("https://example.org/a/%2e%2e/b", "https://example.org/b"),
        ("https://example.org/../..", "https://example.org/"),
        ("https://example.org/a/.", "https://example.org/a/"),
        ("https://example.org/a/", "https://example.org/a/"),
        ("http://example.org/a", "http://example.org/a"),
    ],
)
def test_a_page_has_one_address(url: str, canonical: str) -> None:
    assert canonical_url(url) == canonical
    assert canonical_url(canonical) == canonical


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://Example.org:443/a", "example.org"),
        ("http://localhost:8000/a", "localhost:8000"),
        ("https://bücher.example/", "xn--bcher-kva.example"),
        ("http://[::1]:8000/", "[::1]:8000"),
    ],
)
def test_a_host_is_named_with_its_unusual_port(url: str, host: str) -> None:
    assert host_of(url) == host


@pytest.mark.parametrize("host", ["", ".", "a b", "a_b.example\n", "①②⑦.⓪.⓪.①\n", "ü" * 254])
def test_what_is_no_host_is_refused(host: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        ascii_host(host)
