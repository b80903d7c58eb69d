"""Short ways to a rule, and to comments that people have decided."""

from typing import Any

from moderation.domain.rules import RuleMode, RuleText
from moderation.domain.status import STATUS_AFTER, Action
from moderation.engine.rules.reading import read_rule
from moderation.flow.comments.decide import Choice, decide
from moderation.flow.record import SYSTEM, Actor
from moderation.flow.site.rules import create_rule
from moderation.models import Comment, RuleVersion, Site
from tests.builders import submit_screened


def line(field: str, operator: str, *values: Any, group: str = "all") -> dict[str, Any]:
    """A condition as it is stored."""
    return {"group": group, "field": field, "operator": operator, "values": list(values)}


def rule_text(
    *lines: dict[str, Any], name: str = "Councils", action: str = "hold", queue: str = ""
) -> RuleText:
    """A rule about councils, unless `lines` say otherwise."""
    conditions = lines or (line("body", "word", "council"),)
    return read_rule(name=name, action=action, queue=queue, conditions=conditions)


def make_rule(site: Site, text: RuleText | None = None, *, mode: RuleMode = RuleMode.ON) -> RuleVersion:
    """A rule of the site, on unless said otherwise."""
    return create_rule(site.id, text or rule_text(), actor=SYSTEM, mode=mode)


def decided(site: Site, body: str, action: Action, actor: Actor, **given: Any) -> Comment:
    """A comment on which a person decided; where the checks said the same it is held first."""
    comment = submit_screened(site, body, **given)
    reason = {Action.APPROVE: "fine", Action.SPAM: "spam", Action.REJECT: "rules"}[action]
    if comment.status == STATUS_AFTER[action]:
        decide(Choice(comment.id), site_id=site.id, action=Action.HOLD, reason="second_look", actor=actor)
    decide(Choice(comment.id), site_id=site.id, action=action, reason=reason, actor=actor)
    comment.refresh_from_db()
    return comment
