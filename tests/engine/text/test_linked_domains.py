import pytest

from moderation.domain.signals import Field, Span
from moderation.engine.text.domain_names import DomainSet
from moderation.engine.text.linked_domains import MOST_DOMAINS, linked_domains, spans_of, without_links


@pytest.mark.parametrize(
    ("text", "website", "expected"),
    [
        ("no link", "", ()),
        ("see https://a.b.example.co.uk/x and example.co.uk/y", "", ("example.co.uk",)),
        ("see https://www.heron.example/x", "http://heron.example", ("heron.example",)),
        ("https://a.blogspot.com and https://b.blogspot.com", "", ("a.blogspot.com", "b.blogspot.com")),
        ("see http://192.0.2.7/x", "egret.example", ("192.0.2.7", "egret.example")),
        ("see https://news.example/x", "https://www.news.example", ()),
        ("see https://friend.example/x", "friend.example", ()),
    ],
)  # fmt: skip
def test_domains_are_those_that_people_register(text, website, expected):
    found = linked_domains(text, website, hosts=("news.example",), allowed=DomainSet(["friend.example"]))
    assert found == expected


def test_a_list_of_links_is_cut_off():
    text = " ".join(f"https://d{number}.example" for number in range(50))
    assert len(linked_domains(text, "")) == MOST_DOMAINS


def test_spans_are_those_of_the_domain():
    text = "www.heron.example or www.egret.example"
    assert spans_of(text, "", "egret.example") == (Span(21, 38),)
    assert spans_of("none", "heron.example", "heron.example") == (Span(0, 13, Field.WEBSITE),)


def test_a_text_without_its_links_keeps_the_rest():
    assert without_links("see https://heron.example/a?b=c, or www.egret.example now").split() == [
        "see", "or", "now",
    ]  # fmt: skip
    assert without_links("no link") == "no link"
