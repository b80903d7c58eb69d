import pytest

from moderation.domain.signals import Field
from moderation.engine.checks.identity import Identity
from tests.engine.contexts import marked, run

PRAISE = "Great post, thanks for sharing!"
OPINION = "The council should have asked the people who live there."


@pytest.mark.parametrize(
    "name",
    [
        "Best SEO Tools",
        "best-seo-tools",
        "BestSeoTools",
        "bestseotools",
        "Cheap Casino 2026",
        "Bеst SEO",
    ],
)
def test_a_name_made_of_keywords_is_told(name):
    signal = run(Identity(), OPINION, author_name=name)["identity.keyword_name"]
    assert (signal.spans[0].field, signal.spans[0].end) == (Field.NAME, len(name))


@pytest.mark.parametrize(
    "name",
    [
        "Jane Doe", "George Best", "Retired plumber", "Cheap Trick", "Top Cat", "Free thinker of the best",
        "", "李小龙", "Казино", "777", "A" * 5000,
    ],
)  # fmt: skip
def test_names_of_people_are_none(name):
    assert run(Identity(), OPINION, author_name=name) == {}


def test_a_name_that_repeats_an_advertising_website_counts_twice():
    found = run(Identity(), OPINION, author_name="Best SEO Tools", website="https://best-seo-tools.example")
    assert found.keys() == {"identity.keyword_name", "identity.name_is_site"}
    assert run(Identity(), OPINION, author_name="Casino 24", website="casino24.example").keys() == {
        "identity.name_is_site"
    }


def test_a_host_for_a_name_is_told_where_it_is_no_link_to_everybody():
    found = run(Identity(), OPINION, author_name="Heron.Agency", website="https://www.heron.agency/")
    assert found.keys() == {"identity.name_is_host"}
    assert run(Identity(), OPINION, author_name="heron.com", website="heron.com") == {}


@pytest.mark.parametrize(
    ("name", "website", "text"),
    [
        ("Jane Doe", "https://jane-doe.example", PRAISE),
        ("Jane Doe", "https://janedoe.example/blog", PRAISE),
        ("Jane Doe", "https://doe-family-jane.example", f"{PRAISE} See https://doe-family-jane.example/2."),
        ("Bob", "https://bob.example", PRAISE),
        ("The Tidal Gardener", "https://tidalgardener.example", PRAISE),
        ("Bo", "https://rootsandpots.example", f"{PRAISE} My roots and pots say the same."),
        ("Bo", "https://potting-shed.example", f"{PRAISE} My shed is full too."),
        ("Bo", "https://www.facebook.com/bo", PRAISE),
        ("Bo", "https://news.example/authors/bo", PRAISE),
        ("Bo", "https://elsewhere.example", OPINION),
        ("Bo", "", PRAISE),
    ],
)
def test_real_people_with_a_blog_are_left_alone(name, website, text):
    assert run(Identity(), text, author_name=name, website=website) == {}


def test_what_the_site_allows_is_left_alone():
    lists = {"allowed_domains": ["partner.example"]}
    assert run(Identity(), PRAISE, author_name="Bo", website="partner.example", lists=lists) == {}


def test_praise_with_a_website_of_nobody_is_a_doubt():
    signal = run(Identity(), PRAISE, author_name="John", website="https://widgets.example")[
        "identity.unrelated_website"
    ]
    assert signal.points == 1.0
    assert marked(signal, PRAISE)[0].lower().startswith("great post")
    assert signal.spans[1].field == Field.WEBSITE


def test_praise_inside_a_long_text_is_politeness():
    assert run(Identity(), PRAISE + " word" * 50, author_name="John", website="widgets.example") == {}


def test_a_text_that_links_to_the_website_advertises_it():
    text = "See www.widgets.example/offer for more."
    signal = run(Identity(), text, author_name="John", website="https://widgets.example")[
        "identity.website_in_text"
    ]
    assert marked(signal, text) == ["www.widgets.example/offer"]
