"""A site's own rules: what they match, where, how they read, and what is refused."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moderation.domain.rules import (
    ACTION_CODES,
    MOST_CONDITIONS,
    OPERATORS_OF,
    RULE_FIELDS,
    SHADOW_CODE,
    Condition,
    FieldKind,
    Group,
    InvalidRule,
    Operator,
    RuleText,
)
from moderation.domain.signals import CHECK_FAILED, Axis, Field, Signal, Span
from moderation.domain.status import Outcome
from moderation.engine.effects import deciding_rule, queue_of
from moderation.engine.facts import AuthorFacts, Context
from moderation.engine.rules.matching import compile_matcher
from moderation.engine.rules.patterns import MAX_PROGRAM, BadPattern, Pattern
from moderation.engine.rules.reading import conditions_to_json, read_rule
from moderation.engine.rules.site_rules import SiteRules, compile_rules, match_rules
from moderation.engine.rules.subject import Subject
from moderation.engine.rules.wording import say_rule
from moderation.engine.run import Run, add_rules, run_checks
from moderation.engine.sentences import has_sentence, say
from moderation.engine.verdict.judging import judge
from moderation.engine.verdict.policy_io import default_policy
from tests.engine.contexts import make_context
from tests.pace import count_loops

POLICY = default_policy()


def line(field: str, operator: str, *values: Any, group: str = "all") -> dict[str, Any]:
    """A condition as it is stored."""
    return {"group": group, "field": field, "operator": operator, "values": list(values)}


def rule(*lines: dict[str, Any], action: str = "hold", **given: Any) -> RuleText:
    return read_rule(
        name=given.get("name", "A rule"), action=action, queue=given.get("queue", ""), conditions=lines
    )


def spans_of(
    text: RuleText, context: Context, codes: Any = (), scores: Any = None
) -> tuple[Span, ...] | None:
    return compile_matcher(text).match(Subject(context, frozenset(codes), scores or {}))


def site_rules(*texts: RuleText, shadow: bool = False) -> SiteRules:
    return compile_rules([(f"rule-{number}", 3, shadow, text) for number, text in enumerate(texts)])


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


@pytest.mark.parametrize(
    ("pattern", "words"),
    [
        ("(abc", "“(” is never closed (character 1)"),
        ("x(?:a|(b)", "“(” is never closed (character 2)"),
        (r"\(a)", "“)” closes nothing (character 4)"),
        ("a[b)c](", "“(” is never closed (character 7)"),
        ("ab[c", "“[” is never closed (character 3)"),
        ("ab**", "one sign of repetition is enough (character 3)"),
        ("+a", "“+” repeats nothing (character 1)"),
        ("a[z-a]", "“z-a” is no class of characters (character 3)"),
        ("foo(?=bar)", "no look-ahead, look-behind or conditions (character 4)"),
        (r"(a)\1", "no back-references (character 4)"),
        ("a\\", "ends with a lone “\\” (character 2)"),
        ("x{5000}", "repeats too often"),
        ("(?P<n-1>a)", "is no name for a group"),
        (r"\pL{200}", "too large"),
        ("[a-z]{600}", "too large"),
        ("a*", "would fit every text"),
        ("", "would fit every text"),
        ("\ud800", "no text"),
    ],
)
def test_a_bad_pattern_says_what_is_wrong_and_where(pattern, words):
    with pytest.raises(BadPattern) as caught:
        Pattern(pattern)
    assert words in str(caught.value)


@given(st.text(alphabet="ab()[]{}*+?|.\\^$-0129,:=<>P!pLwd ", max_size=40))
def test_any_pattern_compiles_or_is_refused_in_words(source):
    try:
        pattern: Pattern | None = Pattern(source)
    except BadPattern as problem:
        pattern, told = None, str(problem)
    if pattern is None:
        assert told.endswith(".")
        return
    assert pattern.size <= MAX_PROGRAM
    text = b"abba (0129) ab-ab " * 20
    places = list(pattern.find(text))
    assert all(0 <= start <= end <= len(text) for start, end in places)
    assert pattern.fits(text) == bool(places)


@pytest.mark.parametrize(
    "source", ["(?:a?){160}a{160}", "(?:.{0,30}){3}x", "(x+x+)+y", "(a|aa)+$", ".*a.{20}b", r"\w{100}"]
)
def test_patterns_that_explode_elsewhere_stay_bounded_here(source):
    pattern = Pattern(source)
    texts = (b"a" * 10_000, b"ab xx c" * 1_400, ("é" * 5_000).encode())
    assert count_loops(lambda: [pattern.fits(text) for text in texts], tries=2) < 100  # 0.1


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"name": ""}, "name: Give the rule a name"),
    ({"name": None}, "name: Give the rule a name"),
    ({"name": "x" * 61}, "name: Give the rule a name"),
    ({"name": "for ada@reader.example"}, "name: The name must not hold an address"),
    ({"action": "delete"}, "action: Choose"),
    ({"action": "route", "queue": ""}, "queue: Name the queue"),
    ({"action": "route", "queue": None}, "queue: Name the queue"),
    ({"action": "route", "queue": "a queue with blanks"}, "queue: Name the queue"),
    ({"action": "route", "queue": "q" * 21}, "queue: Name the queue"),
    ({"action": "route", "queue": "Sample"}, "queue: The queue “sample” is for"),
    ({"conditions": []}, "conditions: Give at least one"),
    ({"conditions": "body"}, "conditions: Give at least one"),
    ({"conditions": [line("body", "word", "a")] * (MOST_CONDITIONS + 1)}, "conditions: Give at most 20"),
    ({"conditions": [None]}, "conditions[0].group: Choose"),
    ({"conditions": [line("body", "word", "a", group="some")]}, "conditions[0].group: Choose"),
    ({"conditions": [line("body", "word", "a"), line("shoe", "word", "a")]}, "conditions[1].field: Choose"),
    (
        {"conditions": [line("links", "word", "a")]},
        "conditions[0].operator: This does not go with the number",
    ),
    ({"conditions": [line("body", "word")]}, "conditions[0].values: Give a value"),
    ({"conditions": [line("body", "word", "  ")]}, "conditions[0].values: Give a value"),
    ({"conditions": [line("body", "word", "!?")]}, "conditions[0].values: “!?” has no letter"),
    ({"conditions": [line("body", "contains", "\u200b\u2060")]}, "conditions[0].values: A value must have"),
    ({"conditions": [line("body", "contains", "x" * 301)]}, "conditions[0].values: A value may have 300"),
    (
        {"conditions": [line("body", "contains", *map(str, range(51)))]},
        "conditions[0].values: Give at most 50",
    ),
    (
        {"conditions": [line("body", "matches", *map(str, range(11)))]},
        "conditions[0].values: Give at most 10",
    ),
    ({"conditions": [line("body", "equals", "a", "b")]}, "conditions[0].values: Give one value"),
    ({"conditions": [line("body", "matches", "(a")]}, "conditions[0].values: A bracket “(” is never closed"),
    ({"conditions": [line("body", "matches", "[a-z]{150}")] * 5}, "conditions[2].values: All patterns"),
    ({"conditions": [line("links", "at_least", "many")]}, "conditions[0].values: Give a number"),
    ({"conditions": [line("links", "at_least", True)]}, "conditions[0].values: Give a number"),
    ({"conditions": [line("links", "at_least", -1)]}, "conditions[0].values: Give a number between"),
    ({"conditions": [line("links", "at_least", "nan")]}, "conditions[0].values: Give a number"),
    ({"conditions": [line("is_reply", "equals", "perhaps")]}, "conditions[0].values: Say yes or no"),
    ({"conditions": [line("language", "equals", "English")]}, "conditions[0].values: Give codes"),
    ({"conditions": [line("signal", "equals", "links")]}, "conditions[0].values: “links” is no code"),
    ({"conditions": [line("signal", "equals", "rules.hold")]}, "conditions[0].values: A rule cannot"),
]


@pytest.mark.parametrize(("changes", "words"), WRONG)
def test_what_makes_no_sense_is_refused_by_its_place(changes, words):
    values = {"name": "A", "action": "hold", "queue": "", "conditions": [line("body", "word", "a")]}
    with pytest.raises(InvalidRule) as caught:
        read_rule(**(values | changes))
    assert words in str(caught.value)


def test_all_mistakes_are_named_at_once():
    with pytest.raises(InvalidRule) as caught:
        read_rule(name="", action="", queue="", conditions=[line("", "", 1), line("body", "matches", "(")])
    assert len(caught.value.problems) == 4


json_values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
lines_of_any_kind = st.fixed_dictionaries(
    {
        "group": st.sampled_from([*map(str, Group), "x"]) | json_values,
        "field": st.sampled_from([*RULE_FIELDS]) | json_values,
        "operator": st.sampled_from([*map(str, Operator)]) | json_values,
        "values": st.lists(st.text(max_size=12) | st.floats() | st.booleans(), max_size=3) | json_values,
    }
)


@given(st.lists(lines_of_any_kind | json_values, max_size=4), st.text(max_size=80), st.text(max_size=20))
def test_any_input_is_a_rule_or_is_refused_and_no_text_makes_it_raise(lines, body, name):
    try:
        text: RuleText | None = read_rule(name="A", action="hold", queue="", conditions=lines)
    except InvalidRule as problem:
        text, problems = None, problem.problems
    if text is None:
        assert problems
        assert all(each.message.endswith(".") for each in problems)
        return
    again = read_rule(name="A", action="hold", queue="", conditions=conditions_to_json(text.conditions))
    assert again == text
    found = spans_of(text, make_context(body, author_name=name))
    sources = {Field.BODY: body, Field.NAME: name, Field.WEBSITE: ""}
    assert all(0 <= span.start <= span.end <= len(sources[span.field]) for span in found or ())


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


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (
            rule(line("body", "word", "casino"), line("published", "at_most", 1)),
            "Hold if the body contains the word “casino” and the author has at most 1 published comment.",
        ),
        (
            rule(
                line("published", "at_least", 2, group="none"),
                line("body", "contains", "a", "b"),
                action="spam",
            ),
            (
                "Mark as spam if the body contains “a” or “b” and the author has fewer than 2 published "
                "comments."
            ),
        ),
        (
            rule(
                line("links", "at_least", 2, group="any"),
                line("is_reply", "equals", False, group="any"),
                line("language", "equals", "de"),
                action="route",
                queue="legal",
            ),
            (
                "Hold in the queue “legal” if the language is “de” and (the comment has at least 2 links or "
                "the comment is not a reply)."
            ),
        ),
        (
            rule(line("signal", "one_of", "links.*", "wordlist.mild", group="none"), action="reject"),
            "Reject if the checks did not find “links.*” or “wordlist.mild”.",
        ),
        (rule(line("link_host", "equals", "bad.example")), "Hold if a link leads to “bad.example”."),
        (
            rule(line("link_host", "contains", "casino", group="none")),
            "Hold if no link leads to a host that contains “casino”.",
        ),
        (
            rule(line("body", "one_of", *"abcdefg")),
            "Hold if the body is one of “a”, “b”, “c”, “d”, “e” or 2 more.",
        ),
        (
            rule(line("is_proven", "equals", True, group="none"), line("score_spam", "at_least", 2.5)),
            "Hold if the score for spam is at least 2.5 and the author's address is not proven.",
        ),
        (
            rule(line("body", "matches_folded", "v.agra"), line("hour", "one_of", 2, 3)),
            "Hold if the body matches, disguises undone, “v.agra” and the hour (UTC) is exactly 2 or 3.",
        ),
    ],
)
def test_a_rule_reads_as_a_sentence(text, sentence):
    assert say_rule(text) == sentence


def judged(context: Context, rules: SiteRules) -> tuple[Run, Any]:
    run = add_rules(run_checks(context), context, rules, POLICY)
    return run, judge(run.signals, POLICY, failed=run.failed)


@pytest.mark.parametrize(
    ("action", "outcome"),
    [("hold", "hold"), ("route", "hold"), ("spam", "spam"), ("reject", "reject")],
)
def test_a_rule_that_is_on_makes_the_verdict_and_says_so(action, outcome):
    text = rule(line("body", "word", "council"), action=action, queue="legal", name="Councils")
    run, verdict = judged(make_context("The council again."), site_rules(text))
    assert verdict.outcome == outcome
    (reason,) = verdict.reasons
    assert (reason.code, reason.spans) == (ACTION_CODES[text.action], (Span(4, 11),))
    assert say(reason.code, reason.params).startswith("Rule “Councils” (version 3)")
    assert deciding_rule(run.signals, verdict, POLICY).startswith("Rule “Councils” (version 3)")
    assert queue_of(run.signals) == ("legal" if action == "route" else "")
    assert f"without {reason.code}" in verdict.explanation
    again = judge(run.signals, POLICY, failed=run.failed)
    assert again.to_json() == verdict.to_json()  # signals and policy suffice


def test_a_shadow_is_seen_and_weighs_nothing():
    text = rule(line("body", "word", "council"), action="reject")
    context = make_context("The council again.")
    run, verdict = judged(context, site_rules(text, shadow=True))
    assert [signal.code for signal in run.signals if signal.check == "rules"] == [SHADOW_CODE]
    without = judge(run_checks(context).signals, POLICY)
    assert verdict.to_json() == without.to_json()


def test_the_checks_decide_where_they_suffice():
    text = rule(line("links", "at_least", 1))
    run, verdict = judged(make_context("https://shop.example/ for you"), site_rules(text))
    assert verdict.outcome == Outcome.HOLD
    assert "rules.hold" in {reason.code for reason in verdict.reasons}
    assert deciding_rule(run.signals, verdict, POLICY) == ""


def rules_in(run: Run) -> list[Any]:
    return [signal.params["rule_id"] for signal in run.signals if signal.check == "rules"]


def test_rules_see_what_the_checks_found_and_scores_under_the_sites_policy():
    rules = site_rules(rule(line("signal", "equals", "links.*")), rule(line("score_abuse", "at_least", 1)))
    context = make_context("https://shop.example/ is full of fucking assholes")
    run = run_checks(context)
    assert rules_in(add_rules(run, context, rules, POLICY)) == ["rule-0", "rule-1"]
    harmless = replace(POLICY, weights={signal.code: 0.0 for signal in run.signals})
    assert rules_in(add_rules(run, context, rules, harmless)) == ["rule-0"]


def test_the_first_rule_that_routes_names_the_queue():
    texts = [rule(line("body", "word", "a"), action="route", queue=queue) for queue in ("first", "second")]
    run, _ = judged(make_context("a b"), site_rules(*texts))
    assert queue_of(run.signals) == "first"


def test_a_rule_with_a_bug_holds_the_comment(monkeypatch: pytest.MonkeyPatch):
    def burst(self: object, subject: object) -> None:
        raise RuntimeError("ada@reader.example")

    monkeypatch.setattr("moderation.engine.rules.matching.Matcher.match", burst)
    run, verdict = judged(make_context(), site_rules(rule(line("body", "word", "a"))))
    assert verdict.outcome == Outcome.HOLD
    assert run.failed == ("rules",)
    last = run.signals[-1]
    assert (last.code, last.params) == (CHECK_FAILED, {"check": "rules", "error": "RuntimeError"})


@pytest.mark.parametrize(("shadow", "outcome"), [(False, "hold"), (True, "publish")])
def test_a_rule_that_compiles_no_more_never_publishes_what_it_might_have_stopped(shadow, outcome):
    condition = Condition(Group.ALL, "body", Operator.MATCHES, ("(",))
    broken = replace(rule(line("body", "word", "a")), conditions=(condition,))
    _, verdict = judged(make_context(), site_rules(broken, shadow=shadow))
    assert verdict.outcome == outcome


def test_no_rules_cost_nothing():
    context = make_context()
    run = run_checks(context)
    assert add_rules(run, context, SiteRules(), POLICY) is run


@pytest.mark.parametrize("code", [*ACTION_CODES.values(), SHADOW_CODE])
def test_every_code_has_a_sentence(code):
    assert has_sentence(code)
    assert "Casinos" in say(code, {"rule": "Casinos", "version": 1, "action": "hold", "queue": "legal"})


def test_rules_do_not_see_each_other():
    signals = [Signal("rules.hold", Axis.QUALITY, 0, "rule"), Signal("links.count", Axis.SPAM, 1, "link")]
    rules = site_rules(rule(line("signal", "one_of", "links.*")))
    assert [s.code for s in match_rules(make_context(), signals, {}, rules)] == ["rules.hold"]
    assert match_rules(make_context(), signals[:1], {}, rules) == []
