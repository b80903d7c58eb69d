import pytest

from moderation.domain.signals import Field
from moderation.engine.checks.domains import Domains
from moderation.engine.text.domain_names import DomainSet, clean_domain, registrable_domain
from moderation.engine.text.shipped_lists import spam_domains
from tests.engine.contexts import run

LISTED = "semalt.com"


def test_a_domain_known_from_spam_is_named_in_body_and_website():
    assert spam_domains().match(LISTED)
    found = run(Domains(), f"See http://www.{LISTED}/x")["domains.listed"]
    assert (found.points, found.params["domain"], found.spans[0].field) == (5.0, LISTED, Field.BODY)
    assert run(Domains(), website=LISTED)["domains.listed"].spans[0].field == Field.WEBSITE


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"text": "See https://a.bad.example/x"}, Field.BODY),
        ({"website": "https://bad.example"}, Field.WEBSITE),
        ({"email_domain": "mx.bad.example"}, Field.EMAIL),
    ],
)
def test_a_domain_that_the_site_blocks_covers_its_subdomains_everywhere(given, field):
    signals = run(Domains(), **given, lists={"blocked_domains": ["https://www.Bad.example/"]})
    assert signals["domains.blocked"].spans[0].field == field


def test_the_site_s_allowed_domains_win():
    lists = {"allowed_domains": [LISTED], "blocked_domains": [LISTED]}
    assert run(Domains(), f"See http://{LISTED}/", lists=lists) == {}


def test_a_longer_name_is_another_domain():
    assert run(Domains(), "See http://notbad.example/", lists={"blocked_domains": ["bad.example"]}) == {}


@pytest.mark.parametrize(
    ("entry", "host"),
    [
        ("HTTPS://www.Example.com:80/x", "example.com"),
        ("*.example.com", "example.com"),
        ("example.com.", "example.com"),
        ("", ""),
    ],
)
def test_entries_are_cleaned(entry, host):
    assert clean_domain(entry) == host


def test_empty_entries_make_no_set():
    assert len(DomainSet(["", " ", "a.example"])) == 1


@pytest.mark.parametrize(
    ("host", "domain"),
    [
        ("a.b.example.co.uk", "example.co.uk"),
        ("co.uk", None),
        ("192.0.2.1", None),
        ("x.nowhere", None),
        ("", None),
    ],
)
def test_the_registrable_domain(host, domain):
    assert registrable_domain(host) == domain
