"""The form of a rule: its name and action, and a row for each condition. It works without scripts."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms

from moderation.domain.rules import (
    LONGEST_NAME,
    LONGEST_QUEUE,
    LONGEST_VALUE,
    MOST_CONDITIONS,
    MOST_VALUES,
    RULE_FIELDS,
    Group,
    InvalidRule,
    Operator,
    RuleAction,
    RuleProblem,
    RuleText,
)
from moderation.engine.rules.reading import read_rule
from moderation.models import RuleVersion

FEWEST_ROWS = 3
MORE_ROWS = 3
_ACTIONS = {
    RuleAction.HOLD: "Hold it for review",
    RuleAction.ROUTE: "Hold it in a queue of its own",
    RuleAction.SPAM: "Mark it as spam",
    RuleAction.REJECT: "Reject it",
}
_GROUPS = {Group.ALL: "All of these:", Group.ANY: "One of these is enough:", Group.NONE: "None of these:"}
_OPERATORS = {
    Operator.CONTAINS: "contains",
    Operator.WORD: "contains the word",
    Operator.EQUALS: "is",
    Operator.ONE_OF: "is one of",
    Operator.AT_LEAST: "is at least",
    Operator.AT_MOST: "is at most",
    Operator.MATCHES: "matches the pattern",
    Operator.MATCHES_FOLDED: "matches the pattern, with disguises undone",
}


class RuleForm(forms.Form):
    """The name and action of a rule; its conditions are separate forms."""

    name = forms.CharField(
        max_length=LONGEST_NAME, help_text="Shown with each comment that the rule matches."
    )
    action = forms.ChoiceField(
        choices=[(action.value, label) for action, label in _ACTIONS.items()],
        initial=RuleAction.HOLD.value,
        label="What to do with the comment",
    )
    queue = forms.CharField(
        required=False,
        max_length=LONGEST_QUEUE,
        label="Queue",
        help_text="Only if the rule holds in a queue of its own: letters, digits and hyphens, such as legal.",
    )


class ConditionForm(forms.Form):
    """One condition. An empty row is ignored."""

    group = forms.ChoiceField(
        choices=[(group.value, label) for group, label in _GROUPS.items()],
        required=False,
        label="How it counts",
    )
    field = forms.ChoiceField(
        choices=[("", "…"), *((field.name, field.label) for field in RULE_FIELDS.values())],
        required=False,
        label="What to look at",
    )
    operator = forms.ChoiceField(
        choices=[(operator.value, label) for operator, label in _OPERATORS.items()],
        required=False,
        label="Compared how",
    )
    values = forms.CharField(
        required=False,
        max_length=MOST_VALUES * (LONGEST_VALUE + 2),
        widget=forms.Textarea(attrs={"rows": 1, "spellcheck": "false"}),
        label="With what",
    )

    @property
    def is_blank(self) -> bool:
        """Whether the row was left empty."""
        given = [self.data.get(self.add_prefix(name), "") for name in ("field", "values")]
        return not any(value.strip() for value in given)

    def as_stored(self) -> dict[str, Any]:
        """The condition as `read_rule` takes it; the values are entered one per line."""
        values = [line.strip() for line in self.cleaned_data.get("values", "").splitlines() if line.strip()]
        return {
            "group": self.cleaned_data.get("group") or Group.ALL.value,
            "field": self.cleaned_data.get("field"),
            "operator": self.cleaned_data.get("operator"),
            "values": values,
        }


class RuleEditor:
    """The form of a whole rule: shown with what is stored, or read from what was sent."""

    def __init__(self, data: Mapping[str, Any] | None, current: RuleVersion | None = None) -> None:
        if data is None:
            self._show(current)
        else:
            self._read(data)

    def _show(self, current: RuleVersion | None) -> None:
        conditions: Sequence[Mapping[str, Any]] = current.conditions if current else ()
        initial = {"name": current.name, "action": current.action, "queue": current.queue} if current else {}
        self.form = RuleForm(initial=initial)
        count = _bound_rows(max(FEWEST_ROWS, len(conditions) + 1))
        rows = [*(_shown(condition) for condition in conditions), *({} for _ in range(count))][:count]
        self.rows = [ConditionForm(initial=row, prefix=f"c{number}") for number, row in enumerate(rows)]
        self.seen_version = current.version if current else 0

    def _read(self, data: Mapping[str, Any]) -> None:
        self.form = RuleForm(data)
        count = _bound_rows(_number(data.get("rows")) or FEWEST_ROWS)
        more = MORE_ROWS if "more" in data else 0
        self.rows = [ConditionForm(data, prefix=f"c{number}") for number in range(count)]
        self.rows += [ConditionForm(prefix=f"c{n}") for n in range(count, _bound_rows(count + more))]
        self.seen_version = _number(data.get("seen_version"))

    @property
    def has_errors(self) -> bool:
        """Whether anything needs correcting."""
        return bool(self.form.errors) or any(row.is_bound and row.errors for row in self.rows)

    def read(self) -> RuleText | None:
        """The submitted rule; if it is invalid, None, with the errors beside their fields."""
        given = [row for row in self.rows if row.is_bound and not row.is_blank]
        # A list, not a generator: each form has to report its errors.
        is_fine = not [form for form in (self.form, *given) if not form.is_valid()]
        try:
            rule = read_rule(
                name=self.form.cleaned_data.get("name"),
                action=self.form.cleaned_data.get("action"),
                queue=self.form.cleaned_data.get("queue"),
                conditions=[row.as_stored() for row in given],
            )
        except InvalidRule as problem:
            for each in problem.problems:
                self._note(each, given)
            return None
        return rule if is_fine else None

    def _note(self, problem: RuleProblem, given: Sequence[ConditionForm]) -> None:
        if problem.index is not None:
            form: forms.Form = given[problem.index]
        else:
            form = self.form
        field = problem.part if problem.part in form.fields else None
        if field is None or field not in form.errors:  # Django's own message for the field is enough
            form.add_error(field, problem.message)


def _shown(condition: Mapping[str, Any]) -> dict[str, Any]:
    return {**condition, "values": "\n".join(_shown_value(value) for value in condition["values"])}


def _shown_value(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:g}" if isinstance(value, float) else str(value)


def _bound_rows(count: int) -> int:
    return max(1, min(count, MOST_CONDITIONS))


def _number(value: object) -> int:
    """A whole number from a form, or 0 for anything else."""
    text = str(value)
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
