"""Reads a rule from plain values, stored or typed, and converts its conditions back to such values."""

import math
import re
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from moderation.domain.queues import SAMPLE_QUEUE
from moderation.domain.rules import (
    CODE_PREFIX,
    LARGEST_NUMBER,
    LONGEST_NAME,
    LONGEST_QUEUE,
    LONGEST_VALUE,
    MOST_CONDITIONS,
    MOST_PATTERNS,
    MOST_VALUES,
    ONE_VALUE,
    OPERATORS_OF,
    PATTERN_OPERATORS,
    RULE_FIELDS,
    Condition,
    FieldKind,
    Group,
    InvalidRule,
    Operator,
    RuleAction,
    RuleProblem,
    RuleText,
    Value,
)
from moderation.engine.rules.patterns import MAX_PROGRAM, BadPattern, Pattern
from moderation.language.fold.normalise import normalise

_CODE = re.compile(r"[a-z][a-z0-9_]*\.(?:[a-z][a-z0-9_]*|\*)")
_LANGUAGE = re.compile(r"[a-z]{2,3}")
_QUEUE = re.compile(r"[a-z][a-z0-9-]*")
_FLAGS = {"yes": True, "true": True, "no": False, "false": False}
_Word = TypeVar("_Word", Group, Operator, RuleAction)
# For all patterns of one rule together.
_MOST_INSTRUCTIONS = 2 * MAX_PROGRAM


def read_rule(*, name: object, action: object, queue: object, conditions: object) -> RuleText:
    """Read a rule. Raises `InvalidRule`, which lists all problems."""
    problems: list[RuleProblem] = []
    read_name = _read_name(name, problems)
    read_action = _member(RuleAction, action)
    if read_action is None:
        problems.append(RuleProblem("action", "Choose what the rule does."))
    read_queue = _read_queue(queue, problems) if read_action == RuleAction.ROUTE else ""
    read = _read_conditions(conditions, problems)
    if problems or read_action is None:
        raise InvalidRule(problems)
    return RuleText(name=read_name, action=read_action, conditions=read, queue=read_queue)


def conditions_to_json(conditions: Sequence[Condition]) -> list[dict[str, Any]]:
    """The conditions as plain JSON values, from which `read_rule` reads the same conditions."""
    return [
        {
            "group": one.group.value,
            "field": one.field,
            "operator": one.operator.value,
            "values": list(one.values),
        }
        for one in conditions
    ]


def _member(kind: type[_Word], value: object) -> _Word | None:
    return next((each for each in kind if each.value == value), None)


def _read_name(name: object, problems: list[RuleProblem]) -> str:
    clean = " ".join(name.split()) if isinstance(name, str) else ""
    if not clean or len(clean) > LONGEST_NAME or not clean.isprintable():
        problems.append(RuleProblem("name", f"Give the rule a name of 1 to {LONGEST_NAME} characters."))
    elif "@" in clean:  # the name appears in signals, and no signal contains a mail address
        problems.append(RuleProblem("name", "The name must not hold an address."))
    return clean


def _read_queue(queue: object, problems: list[RuleProblem]) -> str:
    clean = queue.strip().lower() if isinstance(queue, str) else ""
    if not _QUEUE.fullmatch(clean) or len(clean) > LONGEST_QUEUE:
        message = f"Name the queue in at most {LONGEST_QUEUE} letters, digits and hyphens, like “legal”."
        problems.append(RuleProblem("queue", message))
    if clean == SAMPLE_QUEUE:
        problems.append(RuleProblem("queue", "The queue “sample” is for published comments drawn at random."))
    return clean


def _read_conditions(conditions: object, problems: list[RuleProblem]) -> tuple[Condition, ...]:
    if isinstance(conditions, str) or not isinstance(conditions, Sequence) or not conditions:
        problems.append(RuleProblem("conditions", "Give at least one condition."))
        return ()
    if len(conditions) > MOST_CONDITIONS:
        problems.append(RuleProblem("conditions", f"Give at most {MOST_CONDITIONS} conditions."))
        return ()
    reader = _Reader()
    read = [reader.read(index, stored) for index, stored in enumerate(conditions)]
    problems += reader.problems
    return tuple(condition for condition in read if condition)


class _Reader:
    """Reads the conditions of one rule and collects all problems."""

    def __init__(self) -> None:
        self.problems: list[RuleProblem] = []
        self._instructions = 0

    def read(self, index: int, stored: object) -> Condition | None:
        given: Mapping[str, Any] = stored if isinstance(stored, Mapping) else {}
        before = len(self.problems)
        group = _member(Group, given.get("group"))
        if group is None:
            self._note(index, "group", "Choose how this condition counts.")
        name = given.get("field")
        field = RULE_FIELDS.get(name) if isinstance(name, str) else None
        if field is None:
            self._note(index, "field", "Choose what to look at.")
            return None
        operator = _member(Operator, given.get("operator"))
        if operator is None or operator not in OPERATORS_OF[field.kind]:
            self._note(index, "operator", f"This does not go with {field.label}.")
            return None
        values = self._read_values(index, field.name, operator, given.get("values"))
        if group is None or len(self.problems) > before:
            return None
        return Condition(group, field.name, operator, values)

    def _note(self, index: int, part: str, message: str) -> None:
        self.problems.append(RuleProblem(part, message, index))

    def _read_values(self, index: int, field: str, operator: Operator, given: object) -> tuple[Value, ...]:
        listed = list(given) if isinstance(given, Sequence) and not isinstance(given, str) else []
        most = 1 if operator in ONE_VALUE else MOST_VALUES
        most = MOST_PATTERNS if operator in PATTERN_OPERATORS else most
        if not listed:
            self._note(index, "values", "Give a value to compare with.")
        elif len(listed) > most:
            self._note(index, "values", "Give one value." if most == 1 else f"Give at most {most} values.")
        else:
            try:
                values = [_read_value(field, operator, value) for value in listed]
                self._count_patterns(values, operator)
                return tuple(dict.fromkeys(values))
            except ValueError as problem:
                self._note(index, "values", str(problem))
        return ()

    def _count_patterns(self, values: list[Value], operator: Operator) -> None:
        if operator in PATTERN_OPERATORS:
            self._instructions += sum(Pattern(str(value)).size for value in values)
            if self._instructions > _MOST_INSTRUCTIONS:
                raise BadPattern("All patterns of this rule together are too large.")


def _read_value(field: str, operator: Operator, value: object) -> Value:
    kind = RULE_FIELDS[field].kind
    if kind == FieldKind.NUMBER:
        return _read_number(value)
    if kind == FieldKind.FLAG:
        return _read_flag(value)
    text = value.strip() if isinstance(value, str) else ""
    if not text:
        raise ValueError("Give a value to compare with.")
    if len(text) > LONGEST_VALUE or "\x00" in text:
        raise ValueError(f"A value may have {LONGEST_VALUE} characters.")
    if kind == FieldKind.CODE:
        return _read_code(field, text.lower())
    if operator in PATTERN_OPERATORS:
        Pattern(text)
        return text
    folded = normalise(text).text.strip()
    if not folded:
        raise ValueError("A value must have something to see in it.")
    if operator == Operator.WORD and not any(character.isalnum() for character in folded):
        raise ValueError(f"“{text}” has no letter and no digit, so it is no word.")
    return text


def _read_number(value: object) -> float:
    try:
        number = float(value.strip().replace(",", ".")) if isinstance(value, str) else value
    except ValueError:
        number = None
    if isinstance(number, bool) or not isinstance(number, (int, float)) or not math.isfinite(number):
        raise ValueError("Give a number.")
    if not 0 <= number <= LARGEST_NUMBER:
        raise ValueError(f"Give a number between 0 and {LARGEST_NUMBER:.0f}.")
    return float(number)


def _read_flag(value: object) -> bool:
    flag = _FLAGS.get(value.strip().lower()) if isinstance(value, str) else value
    if flag is not True and flag is not False:
        raise ValueError("Say yes or no.")
    return flag


def _read_code(field: str, text: str) -> str:
    if field == "language":
        if not _LANGUAGE.fullmatch(text):
            raise ValueError("Give codes of two letters, like en or de.")
    elif not _CODE.fullmatch(text):
        raise ValueError(f"“{text[:40]}” is no code of a signal, like links.first_link or wordlist.*.")
    elif text.startswith(CODE_PREFIX):
        raise ValueError("A rule cannot look at what rules found.")
    return text
