"""Compiles a rule once, and matches it against any number of comments."""

from collections.abc import Callable
from dataclasses import dataclass

from moderation.domain.rules import (
    AUTHOR_COUNTS,
    PATTERN_OPERATORS,
    RULE_FIELDS,
    SCORE_FIELDS,
    Condition,
    FieldKind,
    Group,
    RuleText,
)
from moderation.domain.signals import Span
from moderation.engine.rules.comparing import Test, compile_condition
from moderation.engine.rules.subject import Subject

MOST_SPANS = 20
_Found = list[Span]


@dataclass(frozen=True, slots=True)
class Matcher:
    """The compiled conditions of a rule. Immutable, and used for every comment.

    `needs` tells which of `author`, `scores` and `signals` the rule reads.
    """

    every: tuple[Test, ...]
    some: tuple[Test, ...]
    none: tuple[Test, ...]
    needs: frozenset[str]

    def match(self, subject: Subject) -> tuple[Span, ...] | None:
        """The spans that make the rule match, sorted, at most `MOST_SPANS`; None if it does not match."""
        spans: _Found = []
        for test in self.every:
            found = test(subject)
            if found is None:
                return None
            spans += found
        if any(test(subject) is not None for test in self.none):
            return None
        if self.some:
            hits = [found for test in self.some if (found := test(subject)) is not None]
            if not hits:
                return None
            spans += (span for found in hits for span in found)
        ordered = sorted(set(spans), key=lambda span: (span.field, span.start, span.end))
        return tuple(ordered[:MOST_SPANS])


def compile_matcher(rule: RuleText) -> Matcher:
    """Compile a rule. Raises `BadPattern` for a pattern that `read_rule` would refuse."""
    by_group: dict[Group, list[Test]] = {group: [] for group in Group}
    for condition in sorted(rule.conditions, key=_cost):
        by_group[condition.group].append(compile_condition(condition))
    return Matcher(
        every=tuple(by_group[Group.ALL]),
        some=tuple(by_group[Group.ANY]),
        none=tuple(by_group[Group.NONE]),
        needs=frozenset(filter(None, (_need(condition.field) for condition in rule.conditions))),
    )


_COSTS = {FieldKind.FLAG: 0, FieldKind.NUMBER: 0, FieldKind.CODE: 1, FieldKind.TEXT: 2, FieldKind.HOST: 3}
_COSTLY = {"links": 3, "language": 5}


def _cost(condition: Condition) -> int:
    """The relative cost of a condition. Cheap ones are tested first, so that most rules fail at low cost."""
    by_field = _COSTLY.get(condition.field, _COSTS[RULE_FIELDS[condition.field].kind])
    return by_field + 2 * (condition.operator in PATTERN_OPERATORS)


_NEED: tuple[tuple[str, Callable[[str], bool]], ...] = (
    ("author", AUTHOR_COUNTS.__contains__),
    ("scores", SCORE_FIELDS.__contains__),
    ("signals", "signal".__eq__),
)


def _need(field: str) -> str:
    return next((need for need, has in _NEED if has(field)), "")
