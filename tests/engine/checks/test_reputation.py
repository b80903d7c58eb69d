from typing import Any

import pytest

from moderation.domain.signals import Axis, Field
from moderation.engine.checks.reputation import Reputation
from moderation.engine.facts import AuthorFacts, DomainFacts
from tests.engine.contexts import marked, run

TEXT = "More at https://www.heron.example/one and https://heron.example/two and http://egret.example"
BAD: Any = {"spam": 10.0, "spam_decisions": 10, "spam_authors": 4, "known_days": 9.0}
GOOD: Any = {"ham": 4.0, "ham_authors": 4, "ham_sites": 2, "known_days": 9.0}


def points(code: str = "reputation.spam", **facts: Any) -> float:
    domains = {"heron.example": DomainFacts(**{"known_days": 9.0, **facts})}
    signal = run(Reputation(), TEXT, domains=domains).get(code)
    return signal.points if signal else 0.0


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"spam": 3.0, "spam_decisions": 3, "spam_authors": 2}, 2.5),
        ({"spam": 9.0, "spam_decisions": 9, "spam_authors": 9}, 4.0),
        ({"spam": 1.5, "spam_decisions": 3, "spam_authors": 2}, 1.0),  # a month later
        ({"spam": 9.0, "spam_decisions": 9, "spam_authors": 1}, 0.0),
        ({"spam": 2.0, "spam_decisions": 2, "spam_authors": 2}, 0.0),
        ({"spam": 9.0, "spam_decisions": 9, "spam_authors": 9, "ham": 8.0}, 0.0),
        ({"spam": 9.0, "spam_decisions": 9, "spam_authors": 9, "ham": 2.0}, 2.5),
        ({"spam": 1e9, "spam_decisions": 999, "spam_authors": 99}, 5.0),
    ],
)
def test_points_follow_the_share_of_spam_once_there_is_enough_of_it(facts, expected):
    assert points(**facts) == pytest.approx(expected)


def test_the_worst_domain_is_named_and_marked():
    domains = {"egret.example": DomainFacts(**GOOD), "heron.example": DomainFacts(**BAD)}
    (signal,) = run(Reputation(), TEXT, domains=domains).values()
    assert (signal.code, signal.params["domain"], signal.params["count"]) == (
        "reputation.spam", "heron.example", 10,
    )  # fmt: skip
    assert marked(signal, TEXT) == ["https://www.heron.example/one", "https://heron.example/two"]


def test_a_website_is_marked_as_a_whole():
    website = "https://heron.example"
    (signal,) = run(
        Reputation(), "Nice.", website=website, domains={"heron.example": DomainFacts(**BAD)}
    ).values()
    assert (signal.spans[0].field, signal.spans[0].end) == (Field.WEBSITE, len(website))


@pytest.mark.parametrize(
    ("facts", "is_good"),
    [
        ({"ham": 2.0, "ham_sites": 2, "ham_authors": 2}, True),
        ({"ham": 3.0, "ham_sites": 1, "ham_authors": 3}, True),
        ({"ham": 2.0, "ham_sites": 1, "ham_authors": 2}, False),
        ({"ham": 9.0, "ham_sites": 3, "ham_authors": 9, "spam": 1.0}, True),
        ({"ham": 8.0, "ham_sites": 3, "ham_authors": 9, "spam": 1.0}, False),
    ],
)
def test_a_domain_is_good_by_many_mouths_only(facts, is_good):
    assert bool(points("reputation.known_good", **facts)) == is_good


def test_good_domains_are_trust_only_where_all_are_good():
    good, unknown = DomainFacts(**GOOD), DomainFacts(known_days=9.0)
    found = run(Reputation(), TEXT, domains={"heron.example": good, "egret.example": good})
    assert found["reputation.known_good"].axis == Axis.TRUST
    assert run(Reputation(), TEXT, domains={"heron.example": good, "egret.example": unknown}) == {}


def test_a_new_domain_is_a_doubt_beside_an_author_without_a_record():
    domains = {"heron.example": DomainFacts(known_days=0.9)}
    assert run(Reputation(), TEXT, domains=domains).keys() == {"reputation.new_domain"}
    assert run(Reputation(), TEXT, domains={"heron.example": DomainFacts()}) == {}, "all is new here"
    known = AuthorFacts(is_proven=True, published=1)
    assert run(Reputation(), TEXT, domains=domains, author=known) == {}
    unproven = AuthorFacts(published=5)
    assert run(Reputation(), TEXT, domains=domains, author=unproven).keys() == {"reputation.new_domain"}


def test_the_sites_own_list_goes_first():
    lists = {"blocked_domains": ["heron.example"]}
    assert run(Reputation(), TEXT, domains={"heron.example": DomainFacts(**BAD)}, lists=lists) == {}


def test_nothing_is_said_without_links():
    assert run(Reputation(), "No links here.") == {}
