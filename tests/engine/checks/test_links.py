import pytest

from moderation.domain.signals import Field
from moderation.engine.checks.links import Links
from moderation.engine.facts import AuthorFacts
from moderation.engine.text.links import find_links
from tests.engine.contexts import marked, run

PROVEN = AuthorFacts(is_proven=True, published=3)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Nothing to see here.", set()),
        ("See https://other.example/page for the figures, they are worth it.", {"links.count"}),
        ("See www.other.example/page for the figures, they are all worth it.", {"links.count"}),
        ("I read it at other.com, where more of it can be found in the archive.", {"links.count"}),
        ("https://other.example/page", {"links.count", "links.only"}),
        ("look https://other.example/a/b/c/d", {"links.count", "links.dense"}),
        (
            "The short way is bit.ly/abc but nobody can tell where it leads.",
            {"links.count", "links.shortener"},
        ),
        ("A network put t.co/abc around the link in this remark, not its writer.", {"links.count"}),
        (
            "Try http://192.0.2.7/login to see your account on the new server.",
            {"links.count", "links.ip_host"},
        ),
        (
            "Try http://bank.example@evil.example/x to see your account there, it is all new and works well.",
            {"links.count", "links.userinfo"},
        ),
        (
            "Try http://xn--80ak6aa92e.example/ to see your account there, it is all new and works well.",
            {"links.count", "links.punycode"},
        ),
        (
            "Try http://pаypal.example/ to see your account there, it is all new and works well.",
            {"links.count", "links.lookalike_host"},
        ),
        ("Zeitung: https://münchen.example/ hat mehr dazu, lesen lohnt sich.", {"links.count"}),
        (
            "[url=http://x.example/]cheap[/url] things for everybody who reads this",
            {"links.count", "links.markup"},
        ),
        ("[link]cheap things[/link] for everybody who reads this comment", {"links.markup"}),
        (
            'One <a href="http://evil.example/">bank.com</a> for all who read this, whatever they may think.',
            {"links.count", "links.markup", "links.anchor_mismatch"},
        ),
        (
            "One [bank.com](http://evil.example/) for all who read this, whatever they may think of it all.",
            {"links.count", "links.anchor_mismatch"},
        ),
        ("One [bank.com](http://bank.com/) for all who read this, whatever they may think.", {"links.count"}),
        ("marketplace . com is where I got mine", {"links.broken_up"}),
        ("marketplace (dot) com is where I got mine", {"links.broken_up"}),
        ("It ended . Community matters", set()),
    ],
)
def test_it_says_how_a_text_links(text, expected):
    assert run(Links(), text, author=PROVEN).keys() == expected


def test_it_counts_links_in_steps():
    links = [f"https://site{number}.example/ and then some more words between" for number in range(6)]
    points = [run(Links(), " ".join(links[:n]), author=PROVEN)["links.count"].points for n in (1, 2, 3, 6)]
    assert points == [0.5, 1.0, 2.0, 4.0]


@pytest.mark.parametrize(
    ("author", "is_first"),
    [
        (AuthorFacts(), True),
        (AuthorFacts(is_proven=True), True),
        (AuthorFacts(published=9), True),  # typed by anybody, proven by nobody
        (PROVEN, False),
    ],
)
def test_the_first_link_of_an_author_without_a_proven_record_is_named(author, is_first):
    text = "See https://other.example/page for the figures."
    assert ("links.first_link" in run(Links(), text, author=author)) == is_first


def test_links_to_the_site_itself_and_to_allowed_domains_are_not_counted():
    text = "See https://www.news.example/a and https://sub.fine.example/b for the figures."
    assert run(Links(), text, lists={"allowed_domains": ["fine.example"]}) == {}


def test_a_shortened_website_and_a_name_that_is_a_link_are_named():
    signals = run(Links(), website="https://bit.ly/abc", author_name="www.cheap.com")
    assert signals.keys() == {"links.website_shortener", "links.name"}
    assert signals["links.website_shortener"].spans[0].field == Field.WEBSITE
    assert signals["links.name"].spans[0].field == Field.NAME


def test_spans_point_into_the_original_text_behind_hidden_characters():
    text = "Kommt nach http://exam\u200bple.com/ß heute"
    assert marked(run(Links(), text)["links.count"], text) == ["http://exam\u200bple.com/ß"]


@pytest.mark.parametrize(
    "text",
    [
        "node.js and script.py", "great song.love it", "e.g. this", "v1.2.3", "me@mail.com", "3.14", "...",
        "http://", "a.b.c",
    ],
)  # fmt: skip
def test_what_only_looks_like_a_link_is_none(text):
    assert find_links(text) == ()


def test_a_host_that_no_idn_rule_allows_is_still_a_host():
    (link,) = find_links(f"http://{'ü' * 70}.example/x")
    assert link.host.endswith(".example")


def test_an_address_in_brackets_is_an_address():
    assert find_links("http://[2001:db8::1]/x")[0].host
