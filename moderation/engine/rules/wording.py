"""Words a rule as an English sentence."""

from collections.abc import Sequence

from moderation.domain.rules import (
    AUTHOR_COUNTS,
    RULE_FIELDS,
    Condition,
    FieldKind,
    Group,
    Operator,
    RuleAction,
    RuleText,
    Value,
)

# Keeps sentences readable: only the first of many values are named.
_MOST_SAID = 5
_COUNTED = {"published": "published comment", "rejected": "rejected comment", "spam": "spam comment"}
_FLAGS = {
    "is_reply": ("the comment is a reply", "the comment is not a reply"),
    "is_proven": ("the author's address is proven", "the author's address is not proven"),
}
_TEXT_VERBS = {
    Operator.CONTAINS: ("contains", "does not contain"),
    Operator.MATCHES: ("matches", "does not match"),
    Operator.MATCHES_FOLDED: ("matches, disguises undone,", "does not match, disguises undone,"),
    Operator.EQUALS: ("is", "is not"),
    Operator.ONE_OF: ("is one of", "is none of"),
}
_LINK_VERBS = {Operator.CONTAINS: "a host that contains ", Operator.MATCHES: "a host that matches "}
_AMOUNTS = {
    Operator.AT_LEAST: ("at least", "fewer than"),
    Operator.AT_MOST: ("at most", "more than"),
    Operator.EQUALS: ("exactly", "not exactly"),
    Operator.ONE_OF: ("exactly", "not exactly"),
}


def say_rule(rule: RuleText) -> str:
    """The rule as a sentence.

    Example: "Hold if the body contains the word “casino” and the author has at most 1 published comment."
    """
    every = [_say(one) for one in rule.conditions if one.group == Group.ALL]
    some = [_say(one) for one in rule.conditions if one.group == Group.ANY]
    none = [_say(one, negated=True) for one in rule.conditions if one.group == Group.NONE]
    parts = [*every, *none]
    if some:
        either = _join(some, "or")
        parts.append(f"({either})" if len(some) > 1 and parts else either)
    return f"{say_action(rule.action, rule.queue)} if {_join(parts, 'and')}."


def say_action(action: RuleAction, queue: str = "") -> str:
    """The beginning of a rule's sentence, which tells what the rule does."""
    return {
        RuleAction.HOLD: "Hold",
        RuleAction.SPAM: "Mark as spam",
        RuleAction.REJECT: "Reject",
        RuleAction.ROUTE: f"Hold in the queue “{queue}”",
    }[action]


def _say(condition: Condition, *, negated: bool = False) -> str:
    kind, label = RULE_FIELDS[condition.field].kind, RULE_FIELDS[condition.field].label
    if kind == FieldKind.FLAG:
        return _FLAGS[condition.field][condition.values[0] is negated]
    if kind == FieldKind.NUMBER:
        return _say_number(condition, negated=negated)
    if condition.field == "signal":
        return f"the checks {'did not find' if negated else 'found'} {_quote(condition.values)}"
    if condition.field == "link_host":
        link = "no link" if negated else "a link"
        return f"{link} leads to {_LINK_VERBS.get(condition.operator, '')}{_quote(condition.values)}"
    if condition.operator == Operator.WORD:
        verb = "does not contain" if negated else "contains"
        words = "the word" if len(condition.values) == 1 else "one of the words"
        return f"{label} {verb} {words} {_quote(condition.values)}"
    return f"{label} {_TEXT_VERBS[condition.operator][negated]} {_quote(condition.values)}"


def _say_number(condition: Condition, *, negated: bool) -> str:
    amount = _AMOUNTS[condition.operator][negated]
    numbers = _join([f"{value:g}" for value in condition.values], "or")
    if condition.field not in AUTHOR_COUNTS and condition.field != "links":
        return f"{RULE_FIELDS[condition.field].label} is {amount} {numbers}"
    who = "the comment" if condition.field == "links" else "the author"
    noun = _COUNTED.get(condition.field, "link")
    return f"{who} has {amount} {numbers} {noun}{'' if numbers == '1' else 's'}"


def _quote(values: Sequence[Value]) -> str:
    said = [f"“{value}”" for value in values[:_MOST_SAID]]
    more = len(values) - len(said)
    return _join([*said, f"{more} more"] if more else said, "or")


def _join(parts: Sequence[str], word: str) -> str:
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} {word} {parts[-1]}"
