import pytest

from moderation.lib.origins import clean_base_url, origin_of, parse_origin


@pytest.mark.parametrize(
    ("entry", "origin"),
    [
        ("rest.akismet.com", "https://rest.akismet.com"),
        ("API.Example.ORG:8443", "https://api.example.org:8443"),
        ("https://api.example.org:443/", "https://api.example.org"),
        ("http://127.0.0.1:11434", "http://127.0.0.1:11434"),
        ("http://[::1]:8080", "http://[::1]:8080"),
    ],
)
def test_a_bare_host_means_https(entry, origin):
    assert parse_origin(entry) == origin


@pytest.mark.parametrize(
    "entry",
    [
        "",
        "a b",
        "ftp://a.example",
        "https://u:p@a.example",
        "https://a.example/v1",
        "a.example/v1",
        "a?b",
        "*",
    ],
)
def test_what_is_no_host_is_refused(entry):
    with pytest.raises(ValueError, match=r"\w"):
        parse_origin(entry)


def test_an_origin_has_one_spelling():
    assert origin_of("https://API.example:443/v1/chat") == origin_of("https://api.example")
    assert origin_of("http://api.example") != origin_of("https://api.example")
    assert origin_of("https://api.example:8443") != origin_of("https://api.example")


def test_a_base_address_has_no_query_and_no_slash_at_its_end():
    assert clean_base_url(" https://API.example/v1/ ") == "https://api.example/v1"
    for wrong in ("https://a.example/?x=1", "https://a.example/#x", "file:///etc/passwd", "//a.example"):
        with pytest.raises(ValueError, match=r"\w"):
            clean_base_url(wrong)
