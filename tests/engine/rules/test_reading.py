"""Reading a rule: what is refused, by its place, and that any input is one or the other."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moderation.domain.rules import MOST_CONDITIONS, RULE_FIELDS, Group, InvalidRule, Operator, RuleText
from moderation.domain.signals import Field
from moderation.engine.rules.reading import conditions_to_json, read_rule
from tests.engine.contexts import make_context
from tests.engine.rules.texts import spans_of
from tests.rules import line

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
