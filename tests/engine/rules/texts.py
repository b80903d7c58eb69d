"""Short ways to a rule, and to what it finds, without a database."""

from typing import Any

from moderation.domain.rules import RuleText
from moderation.domain.signals import Span
from moderation.engine.facts import Context
from moderation.engine.rules.matching import compile_matcher
from moderation.engine.rules.reading import read_rule
from moderation.engine.rules.site_rules import SiteRules, compile_rules
from moderation.engine.rules.subject import Subject


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
