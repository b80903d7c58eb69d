"""Loads all facts that checks use, for a whole batch in a few queries."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from moderation.engine.facts import CampaignFacts, Context, DomainFacts, EarlierText, RemoteFacts, SiteFacts
from moderation.engine.text.linked_domains import linked_domains
from moderation.language.features import fingerprint
from moderation.language.fold.normalise import Normalised, normalise
from moderation.queries.campaign_names import names_of
from moderation.queries.campaigns import Named, count_clusters
from moderation.queries.due_comments import DueComment, load_due_comments
from moderation.queries.earlier_texts import load_earlier_texts
from moderation.queries.remote_reports import load_remote
from moderation.queries.reputation import load_domains
from moderation.queries.site_facts import JudgingSite, load_sites


@dataclass(frozen=True, slots=True)
class ToScreen:
    """One revision ready for the engine, with its site's policy and rules, and the domains and contacts in
    it.
    """

    comment: DueComment
    context: Context
    site: JudgingSite
    bands: tuple[int, ...]
    named: tuple[Named, ...]


@dataclass(frozen=True, slots=True)
class _Facts:
    """The facts that were loaded for a batch: `sites` by site id, the others by comment id."""

    sites: Mapping[UUID, JudgingSite]
    texts: Mapping[UUID, Normalised]
    bands: Mapping[UUID, tuple[int, ...]]
    earlier: Mapping[UUID, tuple[EarlierText, ...]]
    domains: Mapping[UUID, Mapping[str, DomainFacts]]
    remote: Mapping[UUID, RemoteFacts]
    named: Mapping[UUID, tuple[Named, ...]]
    clusters: Mapping[UUID, CampaignFacts]


def build_contexts(comment_ids: Collection[UUID]) -> list[ToScreen]:
    """The current revisions of those comments that still exist, in id order. Reads only.

    Comments of one batch count each other as members of a campaign before they are stored as such.
    """
    comments = load_due_comments(comment_ids)
    facts = _load_facts(comments)
    return [
        ToScreen(
            comment=comment,
            context=_build_context(comment, facts),
            site=facts.sites[comment.site_id],
            bands=facts.bands[comment.id],
            named=facts.named[comment.id],
        )
        for comment in comments
    ]


def _load_facts(comments: Sequence[DueComment]) -> _Facts:
    sites = load_sites({comment.site_id for comment in comments})
    texts = {comment.id: normalise(comment.body) for comment in comments}
    bands = {comment.id: fingerprint(texts[comment.id]) for comment in comments}
    earlier = load_earlier_texts(comments, texts, bands)
    domains = _load_domains(comments, sites)
    remote = load_remote(comments, {site_id: site.facts.remote_version for site_id, site in sites.items()})
    named = {own.id: tuple(names_of(own, bands[own.id], domains[own.id])) for own in comments}
    clusters = count_clusters([each for names in named.values() for each in names])
    return _Facts(sites, texts, bands, earlier, domains, remote, named, clusters)


def _build_context(comment: DueComment, facts: _Facts) -> Context:
    return Context(
        text=comment.body,
        normalised=facts.texts[comment.id],
        author_name=comment.author_name,
        website=comment.website,
        email_domain=comment.email_domain,
        site=facts.sites[comment.site_id].facts,
        author=comment.author,
        form=comment.form,
        rate=comment.rate,
        earlier=facts.earlier.get(comment.id, ()),
        domains=facts.domains[comment.id],
        campaign=facts.clusters.get(comment.id, _NO_CAMPAIGN),
        is_reply=comment.is_reply,
        thread_url=comment.thread_url,
        submitted_at=comment.submitted_at,
        remote=facts.remote.get(comment.id, _NO_SERVICE),
    )


_NO_CAMPAIGN, _NO_SERVICE = CampaignFacts(), RemoteFacts()


def _load_domains(
    comments: Sequence[DueComment], sites: Mapping[UUID, JudgingSite]
) -> dict[UUID, dict[str, DomainFacts]]:
    """The facts of the domains that each comment links to, by comment."""
    leads = {comment.id: _leads_to(comment, sites[comment.site_id].facts) for comment in comments}
    facts = load_domains({(own.site_id, domain) for own in comments for domain in leads[own.id]})
    return {own.id: {domain: facts[own.site_id, domain] for domain in leads[own.id]} for own in comments}


def _leads_to(comment: DueComment, site: SiteFacts) -> tuple[str, ...]:
    allowed = site.lists.allowed_domains if site.lists else None
    return linked_domains(comment.body, comment.website, hosts=site.hosts, allowed=allowed)
