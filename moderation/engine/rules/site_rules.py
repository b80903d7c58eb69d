"""The running rules of a site, and the signals that they give for a comment."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from moderation.domain.rules import ACTION_CODES, CODE_PREFIX, SHADOW_CODE, RuleAction, RuleText
from moderation.domain.signals import Axis, Param, Signal, Span
from moderation.engine.check import failed_check
from moderation.engine.facts import Context
from moderation.engine.rules.matching import Matcher, compile_matcher
from moderation.engine.rules.patterns import BadPattern
from moderation.engine.rules.subject import Subject

NAME = "rules"
VERSION = "1"
FAMILY = "rule"


@dataclass(frozen=True, slots=True)
class CompiledRule:
    """A running rule: its id and version, its text, and its compiled conditions."""

    id: str
    version: int
    is_shadow: bool
    text: RuleText
    matcher: Matcher


@dataclass(frozen=True, slots=True)
class SiteRules:
    """The compiled rules in their order. `broken` holds the ids of active rules that no longer compile."""

    rules: tuple[CompiledRule, ...] = ()
    broken: tuple[str, ...] = ()

    @property
    def needs_scores(self) -> bool:
        """Whether any rule has a condition on scores."""
        return any("scores" in rule.matcher.needs for rule in self.rules)


def compile_rules(rules: Sequence[tuple[str, int, bool, RuleText]]) -> SiteRules:
    """Compile (id, version, is shadow, text) of each running rule, in their order."""
    compiled, broken = [], []
    for rule_id, version, is_shadow, text in rules:
        try:
            compiled.append(CompiledRule(rule_id, version, is_shadow, text, compile_matcher(text)))
        except BadPattern:
            if not is_shadow:
                broken.append(rule_id)
    return SiteRules(tuple(compiled), tuple(broken))


def codes_of(codes: Collection[str]) -> frozenset[str]:
    """The codes that conditions may refer to: those of the checks, not of other rules."""
    return frozenset(code for code in codes if not code.startswith(CODE_PREFIX))


def matching_rules(subject: Subject, rules: SiteRules) -> list[tuple[CompiledRule, tuple[Span, ...]]]:
    """The rules that match, each with the spans that make it match. Used by screening and by backtests."""
    found = [(rule, rule.matcher.match(subject)) for rule in rules.rules]
    return [(rule, spans) for rule, spans in found if spans is not None]


def match_rules(
    context: Context, signals: Sequence[Signal], scores: Mapping[str, float], rules: SiteRules
) -> list[Signal]:
    """One signal for each rule that matches, and a failure signal if an active rule does not compile.

    The signals have no points, because the code of a rule's action determines the outcome.
    """
    subject = Subject(context, codes_of([signal.code for signal in signals]), scores)
    matched = [_signal(rule, spans) for rule, spans in matching_rules(subject, rules)]
    return [*matched, *(failed_check(NAME, "BadPattern") for _ in rules.broken[:1])]


def _signal(rule: CompiledRule, spans: tuple[Span, ...]) -> Signal:
    code = SHADOW_CODE if rule.is_shadow else ACTION_CODES[rule.text.action]
    params: dict[str, Param] = {
        "rule": rule.text.name,
        "rule_id": rule.id,
        "version": rule.version,
        "action": rule.text.action.value,
    }
    if rule.text.action == RuleAction.ROUTE:
        params["queue"] = rule.text.queue
    return Signal(code, Axis.QUALITY, 0.0, FAMILY, params=params, spans=spans)
