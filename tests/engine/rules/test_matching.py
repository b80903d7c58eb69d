"""What a condition or rule matches, and where."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moderation.domain.rules import OPERATORS_OF, RULE_FIELDS, FieldKind
from moderation.domain.signals import Field
from moderation.engine.facts import AuthorFacts
from moderation.engine.rules.wording import say_rule
from tests.engine.contexts import make_context
from tests.engine.rules.texts import rule, spans_of
from tests.rules import line

CASINO = "Come to the c.a.s.i.n.o at https://win.casino.example/x today"
GERMAN = "Ich habe den Artikel zweimal gelesen und frage mich noch immer, warum."
ENGLISH = "I have read the article twice and I still wonder why nobody was asked."


@pytest.mark.parametrize(
    ("condition", "given", "is_match"),
    [
        (line("body", "contains", "casino"), {"text": "the CASINO!"}, True),
        (line("body", "contains", "casino"), {"text": "the c\u0430s\u0131n0 \u200bof"}, True),  # disguised
        (line("body", "contains", "asin"), {"text": "casino"}, True),
        (line("body", "contains", "poker", "casino"), {"text": "casino"}, True),
        (line("body", "contains", "poker"), {"text": "casino"}, False),
        (line("body", "word", "asin"), {"text": "casino"}, False),
        (line("body", "word", "casin*"), {"text": "casinos"}, True),
        (line("body", "word", "free money"), {"text": "FREE  money now"}, True),
        (line("body", "equals", "First!"), {"text": " first! "}, True),
        (line("body", "equals", "First!"), {"text": "first! again"}, False),
        (line("body", "one_of", "first", "second"), {"text": "Second"}, True),
        (line("body", "matches", r"cas\w+o"), {"text": "CASINO"}, True),
        (line("body", "matches", r"(?-i)cas\w+o"), {"text": "CASINO"}, False),
        (line("body", "matches", r"cas\w+o"), {"text": "c.a.s.i.n.o"}, False),  # the original text
        (line("body", "matches_folded", r"cas\w+o"), {"text": "c.a.s.i.n.o"}, True),
        (line("name", "contains", "seo"), {"author_name": "Best \u0455\u0435o Expert"}, True),
        (line("name", "equals", "Ann Editor"), {"author_name": "ann editor"}, True),
        (line("website", "contains", "pills.example/24"), {"website": "https://PILLS.example/24h"}, True),
        (line("website", "matches", "."), {"website": ""}, False),
        (line("thread_url", "contains", "/sport/"), {"thread_url": "https://news.example/sport/1"}, True),
        (line("thread_url", "contains", "/sport/"), {}, False),
        (line("link_host", "equals", "casino.example"), {"text": CASINO}, True),  # with what is below it
        (line("link_host", "equals", "https://www.casino.example/"), {"text": CASINO}, True),
        (line("link_host", "one_of", "pills.example", "ino.example"), {"text": CASINO}, False),
        (line("link_host", "contains", "casino"), {"text": CASINO}, True),
        (line("link_host", "matches", r"^win\."), {"text": CASINO}, True),
        (line("link_host", "matches", r"^lose\."), {"text": CASINO}, False),
        (line("email_domain", "equals", "mail.example"), {"email_domain": "Mail.example"}, True),
        (line("email_domain", "one_of", "other.example"), {}, False),
        (line("email_domain", "contains", "ail."), {}, True),
        (line("email_domain", "matches", r"\.example$"), {}, True),
        (line("language", "equals", "de"), {"text": GERMAN}, True),
        (line("language", "one_of", "de", "fr"), {"text": ENGLISH}, False),
        (line("language", "equals", "en"), {"text": "Hm."}, False),  # too short to tell
        (line("signal", "equals", "links.count"), {}, True),
        (line("signal", "one_of", "links.only", "links.ip_host"), {}, False),
        (line("signal", "one_of", "rate.*", "links.*"), {}, True),
        (line("signal", "equals", "rate.*"), {}, False),
        (line("is_reply", "equals", True), {"is_reply": True}, True),
        (line("is_reply", "equals", "no"), {"is_reply": True}, False),
        (line("is_proven", "equals", "Yes"), {"author": AuthorFacts(is_proven=True)}, True),
        (line("links", "at_least", 1), {"text": CASINO}, True),
        (line("links", "at_least", "2"), {"text": CASINO}, False),
        (line("length", "at_most", 5), {"text": "12345"}, True),
        (line("length", "equals", 5), {"text": "1234"}, False),
        (line("published", "at_most", 1), {"author": AuthorFacts(published=2)}, False),
        (line("rejected", "at_least", 2), {"author": AuthorFacts(rejected=2)}, True),
        (line("spam", "one_of", 1, 3), {"author": AuthorFacts(spam=3)}, True),
        (line("hour", "one_of", 2, 3), {"submitted_at": datetime(2026, 1, 1, 3, 59, tzinfo=UTC)}, True),
        (line("hour", "at_least", 0), {}, False),  # not known
        (line("score_spam", "at_least", "2,5"), {}, True),
        (line("score_abuse", "at_least", 1), {}, False),
        (line("score_trust", "at_most", 0), {}, True),
    ],
)
def test_a_condition_holds_or_not(condition, given, is_match):
    context = make_context(**{"text": "An honest opinion.", **given})
    known = {"links.count", "patterns.pitch"}, {"spam": 2.5}
    assert (spans_of(rule(condition), context, *known) is not None) == is_match
    against = rule(condition | {"group": "none"})
    assert (spans_of(against, context, *known) is None) == is_match


@pytest.mark.parametrize(
    ("lines", "is_match"),
    [
        ([line("body", "word", "red"), line("body", "word", "blue")], True),
        ([line("body", "word", "red"), line("body", "word", "green")], False),
        ([line("body", "word", "red", group="any"), line("body", "word", "green", group="any")], True),
        ([line("body", "word", "green", group="any")], False),
        ([line("body", "word", "red"), line("body", "word", "blue", group="none")], False),
        ([line("body", "word", "red"), line("body", "word", "green", group="none")], True),
        ([line("body", "word", "green", group="none")], True),
    ],
)
def test_all_any_and_none(lines, is_match):
    assert (spans_of(rule(*lines), make_context("Red and blue.")) is not None) == is_match


def test_every_field_can_be_looked_at_with_every_operator_that_it_offers():
    samples: dict[FieldKind, Any] = {
        FieldKind.TEXT: "word",
        FieldKind.HOST: "host.example",
        FieldKind.NUMBER: 1,
        FieldKind.FLAG: True,
    }
    context = make_context("Some words and a link to https://host.example/.")
    for field in RULE_FIELDS.values():
        for operator in OPERATORS_OF[field.kind]:
            value = {"language": "en", "signal": "links.count"}.get(field.name) or samples[field.kind]
            text = rule(line(field.name, operator.value, value))
            contrary = rule(line(field.name, operator.value, value, group="none"))
            assert (spans_of(text, context) is None) == (spans_of(contrary, context) is not None)
            assert say_rule(text) != say_rule(contrary)


def test_the_places_of_a_match_are_in_the_original_text():
    text = "Zoë says: c\u0430s1no! And \U0001f600 free money."
    found = spans_of(
        rule(
            line("body", "contains", "casino"),
            line("body", "matches", "free m[a-z]+", group="any"),
            line("name", "word", "zoë", group="any"),
        ),
        make_context(text, author_name="Zoë"),
    )
    assert found is not None
    sources = {Field.BODY: text, Field.NAME: "Zoë"}
    pieces = [(span.field, sources[span.field][span.start : span.end]) for span in found]
    assert pieces == [(Field.BODY, "c\u0430s1no"), (Field.BODY, "free money"), (Field.NAME, "Zoë")]


def test_a_match_in_the_page_address_marks_nothing_that_the_reader_wrote():
    context = make_context(thread_url="https://n.example/sport")
    assert spans_of(rule(line("thread_url", "contains", "sport")), context) == ()


def test_only_so_many_places_are_marked():
    found = spans_of(rule(line("body", "contains", "ab")), make_context("ab " * 500))
    assert found is not None
    assert len(found) == 20


good_lines = st.one_of(
    st.builds(
        lambda operator, value, field: line(field, operator, value),
        st.sampled_from(["contains", "word", "equals"]),
        st.text(alphabet="abcdé0о ", min_size=1, max_size=5).filter(str.strip),
        st.sampled_from(["body", "name"]),
    ),
    st.builds(lambda number: line("length", "at_least", number), st.integers(0, 9)),
)


@given(st.lists(good_lines, min_size=1, max_size=4), st.text(alphabet="abcdé0о \u200b.", max_size=30))
def test_none_of_is_the_contrary_of_any_of(lines, body):
    context = make_context(body)
    some = spans_of(rule(*[each | {"group": "any"} for each in lines]), context)
    none = spans_of(rule(*[each | {"group": "none"} for each in lines]), context)
    every = spans_of(rule(*lines), context)
    assert (some is None) == (none is not None)
    assert every is None or some is not None
