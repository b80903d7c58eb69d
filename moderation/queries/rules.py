"""A site's rules: running ones, compiled once per version and process, and all of them for people."""

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from django.db import connection
from django.db.models import F, QuerySet

from moderation.domain.errors import NotFound
from moderation.domain.rules import RUNNING_MODES, InvalidRule, RuleMode, RuleText
from moderation.engine.rules.reading import conditions_to_json, read_rule
from moderation.engine.rules.site_rules import SiteRules, compile_rules
from moderation.lib.version_cache import VersionCache
from moderation.models import Rule, RuleMatch, RuleVersion, Site

# A worker that serves more sites than this compiles rules again.
MOST_KEPT = 256
# How far back matches are counted in the list of rules, and up to which number.
LATELY_DAYS = 7
MOST_COUNTED = 1000

_kept: VersionCache[UUID, SiteRules] = VersionCache(MOST_KEPT)


def read_version(row: RuleVersion) -> RuleText:
    """What a stored version says. Raises `InvalidRule` if it was stored under looser bounds."""
    return read_rule(name=row.name, action=row.action, queue=row.queue, conditions=row.conditions)


def digest_rule(text: RuleText) -> str:
    """A digest that is the same for two rules with the same effect on every comment, whatever their names."""
    said = [text.action.value, text.queue, conditions_to_json(text.conditions)]
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


def load_rules(sites: Collection[Site]) -> dict[UUID, SiteRules]:
    """The running rules of each site, compiled. No query if all versions are known to this process."""
    compiled = _kept.load({site.id: site.rules_version for site in sites if site.rules_version}, _compile)
    return {site.id: compiled.get(site.id, SiteRules()) for site in sites}


def _compile(versions: Mapping[UUID, int]) -> dict[UUID, SiteRules]:
    by_site: dict[UUID, list[RuleVersion]] = {site_id: [] for site_id in versions}
    running = RuleVersion.objects.filter(
        site_id__in=by_site, version=F("rule__version"), mode__in=RUNNING_MODES
    )
    for row in running.order_by("site_id", "rule__position", "rule_id"):
        by_site[row.site_id].append(row)
    return {site_id: compile_versions(rows) for site_id, rows in by_site.items()}


def compile_texts(rows: Sequence[RuleVersion]) -> SiteRules:
    """These versions in any mode, for a backtest. Raises `InvalidRule` for an unreadable version."""
    return compile_rules([(str(row.rule_id), row.version, True, read_version(row)) for row in rows])


def compile_versions(rows: Iterable[RuleVersion]) -> SiteRules:
    """The rules of these versions, in their order."""
    texts: list[tuple[str, int, bool, RuleText]] = []
    unreadable: list[str] = []
    for row in rows:
        is_shadow = row.mode != RuleMode.ON
        try:
            texts.append((str(row.rule_id), row.version, is_shadow, read_version(row)))
        except InvalidRule:
            unreadable += [] if is_shadow else [str(row.rule_id)]
    compiled = compile_rules(texts)
    return replace(compiled, broken=(*compiled.broken, *unreadable))


@dataclass(frozen=True, slots=True)
class StandingRule:
    """A rule with its current version and the number of recent matches: acting, and in shadow."""

    rule: Rule
    current: RuleVersion
    acted: int = 0
    watched: int = 0


def rules_of(site: Site) -> list[StandingRule]:
    """All rules of a site in their order, except removed ones, with counts of matches."""
    versions = _current_versions(site).exclude(mode=RuleMode.REMOVED)
    rows = list(versions.order_by("rule__position", "rule_id"))
    counts = _count_matches(site, [row.rule_id for row in rows])
    return [StandingRule(row.rule, row, *counts.get(row.rule_id, (0, 0))) for row in rows]


def removed_rules(site: Site) -> list[RuleVersion]:
    """The last versions of removed rules, the latest first."""
    return list(_current_versions(site).filter(mode=RuleMode.REMOVED).order_by("-created_at")[:MOST_COUNTED])


def _current_versions(site: Site) -> "QuerySet[RuleVersion]":
    return RuleVersion.objects.filter(site=site, version=F("rule__version")).select_related(
        "rule", "created_by"
    )


def access_rule(site: Site, rule_id: UUID) -> RuleVersion:
    """The current version of one of the site's rules. Raises `NotFound`."""
    found = _current_versions(site).filter(rule_id=rule_id).first()
    if found is None:
        raise NotFound
    return found


def versions_of(site: Site, rule_id: UUID) -> list[RuleVersion]:
    """All versions of a rule, the latest first."""
    found = RuleVersion.objects.filter(site=site, rule_id=rule_id).select_related("created_by")
    return list(found.order_by("-version")[:100])


def latest_matches(site: Site, rule_id: UUID, *, limit: int = 10) -> list[RuleMatch]:
    """The comments that a rule matched last, with their texts."""
    found = RuleMatch.objects.filter(site=site, rule_id=rule_id).order_by("-created_at")
    return list(found.select_related("comment", "comment__current_revision")[:limit])


_COUNT_SQL = """
SELECT wanted.rule_id, counted.acted, counted.watched
FROM unnest(%(rules)s::uuid[]) AS wanted (rule_id) CROSS JOIN LATERAL (
    SELECT count(*) FILTER (WHERE NOT is_shadow) AS acted, count(*) FILTER (WHERE is_shadow) AS watched
    FROM (
        SELECT is_shadow FROM rule_match
        WHERE site_id = %(site)s AND rule_match.rule_id = wanted.rule_id
          AND created_at > clock_timestamp() - make_interval(days => %(days)s)
        ORDER BY created_at DESC LIMIT %(limit)s
    ) AS lately
) AS counted
"""


def _count_matches(site: Site, rule_ids: list[UUID]) -> dict[UUID, tuple[int, int]]:
    with connection.cursor() as cursor:
        cursor.execute(
            _COUNT_SQL, {"rules": rule_ids, "site": site.id, "days": LATELY_DAYS, "limit": MOST_COUNTED}
        )
        return {rule_id: (acted, watched) for rule_id, acted, watched in cursor.fetchall()}
