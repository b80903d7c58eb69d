"""What checks and policy need to know about a site, compiled once per version and process."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from uuid import UUID

from django.db import connection

from moderation.engine.facts import SiteFacts
from moderation.engine.rules.site_rules import SiteRules
from moderation.engine.text.site_lists import SiteLists
from moderation.engine.verdict.policy import Policy
from moderation.engine.verdict.policy_io import read_stored
from moderation.language.site_filter.training import LearnedFilter
from moderation.lib.markup import TextFormat
from moderation.lib.version_cache import VersionCache
from moderation.models import PolicyVersion, Site
from moderation.queries.rules import load_rules
from moderation.queries.site_filters import load_filters
from moderation.queries.spam_waves import sites_asking_for_work

# Compiled word lists need most of the memory; a worker that serves more sites than this compiles again.
MOST_KEPT = 256


@dataclass(frozen=True, slots=True)
class Ruleset:
    """One version of a site's policy with its compiled lists."""

    policy: Policy
    lists: SiteLists


_kept: VersionCache[UUID, Ruleset] = VersionCache(MOST_KEPT)


@dataclass(frozen=True, slots=True)
class JudgingSite:
    """Everything by which a site judges its comments, and publishes those that it does not hold."""

    facts: SiteFacts
    policy: Policy
    rules: SiteRules
    text_format: str = TextFormat.MARKDOWN  # in which it publishes their texts


def load_sites(site_ids: Collection[UUID]) -> dict[UUID, JudgingSite]:
    """Facts, policy and rules in force of each site, by id. Two queries, and one for each kind of version
    that is new: of policies, of rules, of what was learned; one more for sites that ask for work in waves.
    """
    sites = _read_sites(site_ids)
    rulesets = _load_rulesets(sites)
    rules, filters = load_rules(sites), load_filters([site.id for site in sites])
    asking = sites_asking_for_work(sites)
    return {
        site.id: JudgingSite(
            facts=_facts(
                site,
                rulesets[site.id].lists,
                filters.get(site.id),
                asks_for_work=site.id in asking,
            ),
            policy=rulesets[site.id].policy,
            rules=rules[site.id],
            text_format=site.text_format,
        )
        for site in sites
    }


def policies_of(site_ids: Collection[UUID]) -> dict[UUID, Policy]:
    """The current policy of each site, by id."""
    sites = _read_sites(site_ids)
    return {site_id: ruleset.policy for site_id, ruleset in _load_rulesets(sites).items()}


def _read_sites(site_ids: Collection[UUID]) -> list[Site]:
    """Reads what the ORM would read, without building the query for each batch."""
    with connection.cursor() as cursor:
        cursor.execute(_SITES_SQL, [list(site_ids)])
        return [Site.from_db(connection.alias, _SITE_COLUMNS, row) for row in cursor.fetchall()]


_SITE_COLUMNS = [str(field.column) for field in Site._meta.concrete_fields]
_SITES_SQL = f"SELECT {', '.join(_SITE_COLUMNS)} FROM site WHERE id = ANY(%s::uuid[])"


def _facts(site: Site, lists: SiteLists, learned: LearnedFilter | None, *, asks_for_work: bool) -> SiteFacts:
    return SiteFacts(
        site_id=str(site.id),
        hosts=tuple(site.hosts),
        languages=tuple(site.languages),
        staff_names=tuple(site.staff_names),
        lists=lists,
        remote_version=site.remote_version,
        learned=learned,
        asks_for_work=asks_for_work,
    )


def _load_rulesets(sites: Collection[Site]) -> dict[UUID, Ruleset]:
    return _kept.load({site.id: site.policy_version for site in sites}, _compile)


def _compile(versions: Mapping[UUID, int]) -> dict[UUID, Ruleset]:
    rows = PolicyVersion.objects.filter(site_id__in=versions, version__in=set(versions.values()))
    return {row.site_id: compile_ruleset(row) for row in rows if versions[row.site_id] == row.version}


def compile_ruleset(row: PolicyVersion) -> Ruleset:
    """The policy and lists of a stored version. Raises `ValueError` for invalid settings."""
    return Ruleset(
        policy=read_stored(row.settings, row.version, row.defaults_version),
        lists=SiteLists.compile(
            blocked_words=_lines(row.blocked_words),
            allowed_words=_lines(row.allowed_words),
            blocked_domains=_lines(row.blocked_domains),
            allowed_domains=_lines(row.allowed_domains),
        ),
    )


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]
