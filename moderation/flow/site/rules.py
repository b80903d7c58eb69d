"""Changes to a site's own rules, with audit events. Every change is a new version."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F, Max

from moderation.domain.errors import ActionNotPossible, NotFound
from moderation.domain.rules import MOST_RULES, RuleMode, RuleText
from moderation.engine.rules.reading import conditions_to_json
from moderation.flow.record import Actor, Event, record
from moderation.models import Backtest, Rule, RuleVersion, Site
from moderation.models.backtest import BacktestState
from moderation.queries.judging_memory import forget_judging
from moderation.queries.rules import digest_rule

STALE_RULE = "Somebody else changed this rule in the meantime."
UNTRIED = "Look at a backtest of this rule first, or say that it goes on without one."
_COPIED = ("name", "mode", "action", "queue", "conditions", "says")


@transaction.atomic
def create_rule(
    site_id: UUID, text: RuleText, *, actor: Actor, mode: RuleMode = RuleMode.SHADOW
) -> RuleVersion:
    """Create a rule after all others. Raises `ActionNotPossible` if the site has too many."""
    site = _lock_site(site_id)
    standing = RuleVersion.objects.filter(site=site, version=F("rule__version"))
    if standing.exclude(mode=RuleMode.REMOVED).count() >= MOST_RULES:
        raise ActionNotPossible(f"A site may have {MOST_RULES} rules. Remove one first.")
    last = Rule.objects.filter(site=site).aggregate(last=Max("position"))["last"] or 0
    rule = Rule.objects.create(site=site, position=last + 1, version=0)
    return _write(site, rule, {**_values(text), "mode": mode}, actor=actor, kind="rule.created")


@transaction.atomic
def change_rule(
    rule_id: UUID,
    text: RuleText,
    *,
    site_id: UUID,
    actor: Actor,
    seen_version: int,
    mode: RuleMode = RuleMode.SHADOW,
) -> RuleVersion:
    """Change what a rule says, in `mode`. Raises `NotFound`, or `ActionNotPossible` when somebody else
    changed it after `seen_version`.
    """
    site, rule, _ = _lock(rule_id, site_id, seen_version)
    return _write(site, rule, {**_values(text), "mode": mode}, actor=actor)


@transaction.atomic
def switch_rule(
    rule_id: UUID,
    mode: RuleMode,
    *,
    site_id: UUID,
    actor: Actor,
    seen_version: int,
    backtest_id: UUID | None = None,
    is_sure: bool = False,
) -> RuleVersion:
    """Change a rule's mode. To act, the rule needs a finished backtest of its current version that the person
    has looked at, or the person's confirmation. Raises what `change_rule` raises.
    """
    site, rule, current = _lock(rule_id, site_id, seen_version)
    if current.mode == mode:
        raise ActionNotPossible(f"This rule is {mode.value} already.")
    if mode == RuleMode.ON and not is_sure and not _was_tried(current, backtest_id):
        raise ActionNotPossible(UNTRIED)
    return _write(site, rule, {**_copy(current), "mode": mode}, actor=actor)


@transaction.atomic
def undo_rule_change(rule_id: UUID, *, site_id: UUID, actor: Actor, seen_version: int) -> RuleVersion:
    """Undo the last change, including the mode: a new version repeats the one before.

    Raises what `change_rule` raises, and `ActionNotPossible` if there is no earlier version.
    """
    site, rule, current = _lock(rule_id, site_id, seen_version)
    before = RuleVersion.objects.filter(site=site, rule=rule, version=current.version - 1).first()
    if before is None:
        raise ActionNotPossible("Nothing was changed since the rule was made.")
    return _write(site, rule, _copy(before), actor=actor)


@transaction.atomic
def restore_rule_version(
    rule_id: UUID, version: int, *, site_id: UUID, actor: Actor, seen_version: int
) -> RuleVersion:
    """Restore a former version of a rule, in shadow mode. Raises what `change_rule` raises."""
    site, rule, _ = _lock(rule_id, site_id, seen_version)
    former = RuleVersion.objects.filter(site=site, rule=rule, version=version).first()
    if former is None:
        raise NotFound
    return _write(site, rule, {**_copy(former), "mode": RuleMode.SHADOW}, actor=actor)


@transaction.atomic
def move_rule(rule_id: UUID, *, site_id: UUID, up: bool, actor: Actor) -> None:
    """Move a rule one place up or down among the present rules. Raises `NotFound`."""
    site = _lock_site(site_id)
    standing = RuleVersion.objects.filter(site=site, version=F("rule__version"))
    rows = standing.exclude(mode=RuleMode.REMOVED).order_by("rule__position", "rule_id")
    order = list(rows.values_list("rule_id", flat=True))
    if rule_id not in order:
        raise NotFound
    at = order.index(rule_id)
    beside = at - 1 if up else at + 1
    if not 0 <= beside < len(order):
        return
    order[at], order[beside] = order[beside], order[at]
    for position, each in enumerate(order, start=1):
        Rule.objects.filter(id=each, site=site).update(position=position)
    _bump(site)
    event = Event("rule.moved", "rule", rule_id, {"position": beside + 1})
    record(event, site_id=site.id, actor=actor)


def _lock_site(site_id: UUID) -> Site:
    # No stronger lock, because every submission refers to this row.
    return Site.objects.select_for_update(no_key=True).get(id=site_id)


def _lock(rule_id: UUID, site_id: UUID, seen_version: int) -> tuple[Site, Rule, RuleVersion]:
    site = _lock_site(site_id)
    rule = Rule.objects.filter(id=rule_id, site=site).first()
    if rule is None:
        raise NotFound
    if rule.version != seen_version:
        raise ActionNotPossible(STALE_RULE)
    return site, rule, RuleVersion.objects.get(site=site, rule=rule, version=rule.version)


def _was_tried(current: RuleVersion, backtest_id: UUID | None) -> bool:
    if backtest_id is None:
        return False
    tried = Backtest.objects.filter(
        id=backtest_id,
        site_id=current.site_id,
        rule_id=current.rule_id,
        rule_version__says=current.says,
        state=BacktestState.DONE,
    )
    return tried.exists()


def _values(text: RuleText) -> dict[str, Any]:
    return {
        "name": text.name,
        "action": text.action,
        "queue": text.queue,
        "conditions": conditions_to_json(text.conditions),
        "says": digest_rule(text),
    }


def _copy(row: RuleVersion) -> dict[str, Any]:
    return {name: getattr(row, name) for name in _COPIED}


def _write(
    site: Site, rule: Rule, values: Mapping[str, Any], *, actor: Actor, kind: str = "rule.changed"
) -> RuleVersion:
    rule.version += 1
    rule.save(update_fields=["version"])
    new = RuleVersion.objects.create(
        site=site, rule=rule, version=rule.version, created_by_id=actor.user_id, **values
    )
    _bump(site)
    event = Event(kind, "rule", rule.id, {"version": new.version, "mode": str(new.mode)})
    record(event, site_id=site.id, actor=actor)
    return new


def _bump(site: Site) -> None:
    """Invalidate the rules that workers have compiled."""
    site.rules_version += 1
    site.save(update_fields=["rules_version"])
    transaction.on_commit(lambda: forget_judging(site.id))
