"""All rules of a site that are running, and what they say of one comment."""

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
    """A running rule: whose version it is, what it says, and how it finds its comments."""

    id: str
    version: int
    is_shadow: bool
    text: RuleText
    matcher: Matcher


@dataclass(frozen=True, slots=True)
class SiteRules:
    """In their order. `broken` are active rules that can no longer be compiled."""

    rules: tuple[CompiledRule, ...] = ()
    broken: tuple[str, ...] = ()

    @property
    def needs_scores(self) -> bool:
        """Whether a rule looks at scores."""
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
    """The codes that rules may look at: those of the checks, not of other rules."""
    return frozenset(code for code in codes if not code.startswith(CODE_PREFIX))


def matching_rules(subject: Subject, rules: SiteRules) -> list[tuple[CompiledRule, tuple[Span, ...]]]:
    """The rules that match, each with the places that made it match; screening and backtests ask this."""
    found = [(rule, rule.matcher.match(subject)) for rule in rules.rules]
    return [(rule, spans) for rule, spans in found if spans is not None]


def match_rules(
    context: Context, signals: Sequence[Signal], scores: Mapping[str, float], rules: SiteRules
) -> list[Signal]:
    """One signal for each rule that matches, without points: the rule's action speaks by its code."""
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
