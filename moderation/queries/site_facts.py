"""What checks and policy need to know of a site, compiled once per version and process."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from moderation.engine.facts import SiteFacts
from moderation.engine.rules.site_rules import SiteRules
from moderation.engine.text.site_lists import SiteLists
from moderation.engine.verdict.policy import Policy
from moderation.language.site_filter.learning import LearnedFilter
from moderation.models import PolicyVersion, Site
from moderation.queries.rules import load_rules
from moderation.queries.site_filters import load_filters

# Compiled word lists are the bulk of it; a worker that serves more sites than this compiles again.
MOST_KEPT = 256


@dataclass(frozen=True, slots=True)
class Ruleset:
    """A site's policy with its compiled lists, as one version had them."""

    policy: Policy
    lists: SiteLists


_kept: dict[tuple[UUID, int], Ruleset] = {}


def load_sites(site_ids: Collection[UUID]) -> dict[UUID, tuple[SiteFacts, Policy]]:
    """Facts and policy in force of each site, by id. Two queries, and one for each kind of version
    that is new: of policies, of rules, of what was learned.
    """
    sites = list(Site.objects.filter(id__in=site_ids))
    _compile_missing(sites)
    rules, filters = load_rules(sites), load_filters([site.id for site in sites])
    return {site.id: _facts(site, rules[site.id], filters.get(site.id)) for site in sites}


def policies_of(site_ids: Collection[UUID]) -> dict[UUID, Policy]:
    """The policy in force of each site, by id."""
    sites = list(Site.objects.filter(id__in=site_ids))
    _compile_missing(sites)
    return {site.id: _kept[site.id, site.policy_version].policy for site in sites}


def _facts(site: Site, rules: SiteRules, learned: LearnedFilter | None) -> tuple[SiteFacts, Policy]:
    ruleset = _kept[site.id, site.policy_version]
    facts = SiteFacts(
        site_id=str(site.id),
        hosts=tuple(site.hosts),
        languages=tuple(site.languages),
        staff_names=tuple(site.staff_names),
        lists=ruleset.lists,
        rules=rules,
        remote_version=site.remote_version,
        learned=learned,
    )
    return facts, ruleset.policy


def _compile_missing(sites: Collection[Site]) -> None:
    missing = {site.id: site.policy_version for site in sites if (site.id, site.policy_version) not in _kept}
    if not missing:
        return
    if len(_kept) + len(missing) > MOST_KEPT:
        _kept.clear()
        missing = {site.id: site.policy_version for site in sites}
    versions = PolicyVersion.objects.filter(site_id__in=missing, version__in=set(missing.values()))
    for row in versions:
        if missing[row.site_id] == row.version:
            _kept[row.site_id, row.version] = compile_ruleset(row)


def compile_ruleset(row: PolicyVersion) -> Ruleset:
    """The policy and lists of a stored version. Raises `ValueError` for settings that make no sense."""
    return Ruleset(
        policy=Policy.from_settings(row.settings, row.version),
        lists=SiteLists.compile(
            blocked_words=_lines(row.blocked_words),
            allowed_words=_lines(row.allowed_words),
            blocked_domains=_lines(row.blocked_domains),
            allowed_domains=_lines(row.allowed_domains),
        ),
    )


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]
