"""The vocabulary of a site's rules: what they look at, how they compare, and what they do."""

from dataclasses import dataclass
from enum import StrEnum

from moderation.domain.status import Outcome

# Limits of what a site may have checked for every comment.
MOST_RULES = 100
MOST_CONDITIONS = 20
MOST_VALUES = 50
MOST_PATTERNS = 10  # per condition
LONGEST_VALUE = 300
LONGEST_NAME = 60
LONGEST_QUEUE = 20  # as `review_item.queue`
LARGEST_NUMBER = 1_000_000.0


class RuleMode(StrEnum):
    """Whether a rule acts, only records what it would have done, or is inactive."""

    OFF = "off"
    SHADOW = "shadow"
    ON = "on"
    REMOVED = "removed"


RUNNING_MODES = (RuleMode.SHADOW, RuleMode.ON)


class RuleAction(StrEnum):
    """What a rule does with a comment that it matches. `route` holds it in a named queue."""

    HOLD = "hold"
    SPAM = "spam"
    REJECT = "reject"
    ROUTE = "route"


class Group(StrEnum):
    """How a condition counts: all of these, at least one of those, and none of the others."""

    ALL = "all"
    ANY = "any"
    NONE = "none"


class FieldKind(StrEnum):
    """The type of a field's value, which determines the possible operators."""

    TEXT = "text"
    HOST = "host"
    CODE = "code"
    NUMBER = "number"
    FLAG = "flag"


class Operator(StrEnum):
    """How a field is compared with the values."""

    CONTAINS = "contains"
    WORD = "word"
    MATCHES = "matches"
    MATCHES_FOLDED = "matches_folded"
    EQUALS = "equals"
    ONE_OF = "one_of"
    AT_LEAST = "at_least"
    AT_MOST = "at_most"


OPERATORS_OF: dict[FieldKind, tuple[Operator, ...]] = {
    FieldKind.TEXT: (
        Operator.CONTAINS,
        Operator.WORD,
        Operator.MATCHES,
        Operator.MATCHES_FOLDED,
        Operator.EQUALS,
        Operator.ONE_OF,
    ),
    FieldKind.HOST: (Operator.EQUALS, Operator.ONE_OF, Operator.CONTAINS, Operator.MATCHES),
    FieldKind.CODE: (Operator.EQUALS, Operator.ONE_OF),
    FieldKind.NUMBER: (Operator.AT_LEAST, Operator.AT_MOST, Operator.EQUALS, Operator.ONE_OF),
    FieldKind.FLAG: (Operator.EQUALS,),
}
PATTERN_OPERATORS = (Operator.MATCHES, Operator.MATCHES_FOLDED)
# These take a single value; the others take several, of which one has to match.
ONE_VALUE = (Operator.EQUALS, Operator.AT_LEAST, Operator.AT_MOST)


@dataclass(frozen=True, slots=True)
class RuleField:
    """A field that rules can look at. `label` follows "if": "the body contains …"."""

    name: str
    kind: FieldKind
    label: str


RULE_FIELDS: dict[str, RuleField] = {
    field.name: field
    for field in (
        RuleField("body", FieldKind.TEXT, "the body"),
        RuleField("name", FieldKind.TEXT, "the author's name"),
        RuleField("website", FieldKind.TEXT, "the website"),
        RuleField("thread_url", FieldKind.TEXT, "the page's address"),
        RuleField("link_host", FieldKind.HOST, "the host of a link"),
        RuleField("email_domain", FieldKind.HOST, "the domain of the email address"),
        RuleField("language", FieldKind.CODE, "the language"),
        RuleField("signal", FieldKind.CODE, "a signal of the checks"),
        RuleField("is_reply", FieldKind.FLAG, "the comment is a reply"),
        RuleField("is_proven", FieldKind.FLAG, "the author's address is proven"),
        RuleField("links", FieldKind.NUMBER, "the number of links"),
        RuleField("length", FieldKind.NUMBER, "the length in characters"),
        RuleField("published", FieldKind.NUMBER, "the number of the author's published comments"),
        RuleField("rejected", FieldKind.NUMBER, "the number of the author's rejected comments"),
        RuleField("spam", FieldKind.NUMBER, "the number of the author's spam comments"),
        RuleField("hour", FieldKind.NUMBER, "the hour (UTC)"),
        RuleField("score_spam", FieldKind.NUMBER, "the score for spam"),
        RuleField("score_abuse", FieldKind.NUMBER, "the score for abuse"),
        RuleField("score_quality", FieldKind.NUMBER, "the score for quality"),
        RuleField("score_trust", FieldKind.NUMBER, "the score for trust"),
    )
}
AUTHOR_COUNTS = frozenset({"published", "rejected", "spam"})
SCORE_FIELDS = {
    "score_spam": "spam",
    "score_abuse": "abuse",
    "score_quality": "quality",
    "score_trust": "trust",
}

Value = str | float | bool


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition of a rule. Values are texts, numbers or one boolean, depending on the field's kind."""

    group: Group
    field: str
    operator: Operator
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class RuleText:
    """The content of a rule, without its mode. `queue` is empty unless the action is to route."""

    name: str
    action: RuleAction
    conditions: tuple[Condition, ...]
    queue: str = ""


@dataclass(frozen=True, slots=True)
class RuleProblem:
    """One error in a rule: where it is, and how to correct it.

    `index` is the condition's place from 0, None for the rule as a whole; `part` names the field of it:
    `name`, `action`, `queue`, `conditions`, or of a condition `group`, `field`, `operator`, `values`.
    """

    part: str
    message: str
    index: int | None = None

    def __str__(self) -> str:
        place = self.part if self.index is None else f"conditions[{self.index}].{self.part}"
        return f"{place}: {self.message}"


class InvalidRule(ValueError):
    """An invalid rule. `problems` names all its errors at once."""

    def __init__(self, problems: list[RuleProblem]) -> None:
        self.problems = problems
        super().__init__("; ".join(map(str, problems)))


SHADOW_CODE = "rules.shadow"
ACTION_CODES = {action: f"rules.{action.value}" for action in RuleAction}
# Codes with this prefix belong to rules: no rule looks at another's.
CODE_PREFIX = "rules."
# What a match of an active rule means for the verdict, whatever the policy says.
OUTCOME_OF_ACTION = {
    RuleAction.HOLD: Outcome.HOLD,
    RuleAction.ROUTE: Outcome.HOLD,
    RuleAction.SPAM: Outcome.SPAM,
    RuleAction.REJECT: Outcome.REJECT,
}
RULE_CODES: dict[Outcome, frozenset[str]] = {
    outcome: frozenset(code for action, code in ACTION_CODES.items() if OUTCOME_OF_ACTION[action] == outcome)
    for outcome in Outcome
}
