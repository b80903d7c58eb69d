"""Everything that checks look at, gathered for a whole batch in a handful of queries."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from django.db import connection

from moderation.engine.facts import (
    AuthorFacts,
    Context,
    DomainFacts,
    EarlierText,
    FormFacts,
    RateFacts,
    SiteFacts,
)
from moderation.engine.text.linked_domains import linked_domains
from moderation.engine.verdict.policy import Policy
from moderation.language.features import Compared, fingerprint, likeness, ready_to_compare
from moderation.language.fold.normalise import Normalised, normalise
from moderation.queries.context_sql import DUE_SQL, NEAR_SQL, SAME_SQL
from moderation.queries.reputation import load_domains
from moderation.queries.site_facts import load_sites

# How far back a text counts as said before.
DUPLICATE_DAYS = 7
# Candidates looked at per band.
MOST_NEAR = 4
# Less than this many shingles in common is another text.
LEAST_SIMILARITY = 0.6


@dataclass(frozen=True, slots=True)
class DueComment:
    """What is known of a comment before its screening; a plain row, for there are many."""

    id: UUID
    site_id: UUID
    thread_id: UUID
    author_id: UUID
    status: str
    current_revision_id: UUID
    body_hash: int
    submitted_at: datetime
    is_reply: bool
    author_name: str
    website: str
    email_domain: str
    body: str
    thread_url: str
    form: FormFacts
    author: AuthorFacts
    rate: RateFacts


@dataclass(frozen=True, slots=True)
class ToScreen:
    """One revision ready for the engine, with the policy that will judge it."""

    comment: DueComment
    context: Context
    policy: Policy
    bands: tuple[int, ...]


def build_contexts(comment_ids: Collection[UUID]) -> list[ToScreen]:
    """The current revisions of those comments that still exist, in id order."""
    comments = _due_comments(comment_ids)
    sites = load_sites({comment.site_id for comment in comments})
    texts = {comment.id: normalise(comment.body) for comment in comments}
    bands = {comment.id: fingerprint(texts[comment.id]) for comment in comments}
    earlier = _earlier(comments, texts, bands)
    domains = _domains(comments, sites)
    return [
        ToScreen(
            comment=comment,
            context=_build_context(
                comment,
                sites[comment.site_id][0],
                texts[comment.id],
                earlier.get(comment.id, ()),
                domains.get(comment.id, {}),
            ),
            policy=sites[comment.site_id][1],
            bands=bands[comment.id],
        )
        for comment in comments
    ]


def _due_comments(comment_ids: Collection[UUID]) -> list[DueComment]:
    with connection.cursor() as cursor:
        cursor.execute(DUE_SQL, {"ids": list(comment_ids)})
        return [_read_due_comment(row) for row in cursor.fetchall()]


def _read_due_comment(row: tuple[Any, ...]) -> DueComment:
    form, author, rate = FormFacts(**orjson.loads(row[14])), AuthorFacts(*row[15:20]), RateFacts(*row[20:])
    values = (*row[:14], form, author, rate)
    return DueComment(*values)


def _build_context(
    comment: DueComment,
    site: SiteFacts,
    normalised: Normalised,
    earlier: tuple[EarlierText, ...],
    domains: Mapping[str, DomainFacts],
) -> Context:
    return Context(
        text=comment.body,
        normalised=normalised,
        author_name=comment.author_name,
        website=comment.website,
        email_domain=comment.email_domain,
        site=site,
        author=comment.author,
        form=comment.form,
        rate=comment.rate,
        earlier=earlier,
        domains=domains,
        is_reply=comment.is_reply,
        thread_url=comment.thread_url,
        submitted_at=comment.submitted_at,
    )


def _domains(
    comments: Sequence[DueComment], sites: Mapping[UUID, tuple[SiteFacts, Policy]]
) -> dict[UUID, dict[str, DomainFacts]]:
    """Facts of the domains that each comment leads to, where it leads anywhere, by comment."""
    leads = {comment.id: _leads_to(comment, sites[comment.site_id][0]) for comment in comments}
    facts = load_domains({(own.site_id, domain) for own in comments for domain in leads[own.id]})
    return {
        own.id: {domain: facts[own.site_id, domain] for domain in leads[own.id]}
        for own in comments
        if leads[own.id]
    }


def _leads_to(comment: DueComment, site: SiteFacts) -> tuple[str, ...]:
    allowed = site.lists.allowed_domains if site.lists else None
    return linked_domains(comment.body, comment.website, hosts=site.hosts, allowed=allowed)


def _earlier(
    comments: Sequence[DueComment],
    texts: Mapping[UUID, Normalised],
    bands: Mapping[UUID, tuple[int, ...]],
) -> dict[UUID, tuple[EarlierText, ...]]:
    """Former comments of the same site with the same or nearly the same text, by comment."""
    found: dict[UUID, dict[UUID, EarlierText]] = defaultdict(dict)
    compared: dict[UUID, Compared] = {}

    def ready(comment_id: UUID, text: str | Normalised) -> Compared:
        if comment_id not in compared:
            compared[comment_id] = ready_to_compare(text)
        return compared[comment_id]

    for own_id, row in (*_candidates(comments, bands), *_candidates_within(comments, texts, bands)):
        if row["id"] in found[own_id]:
            continue
        alike = (
            1.0 if row["is_same"] else likeness(ready(own_id, texts[own_id]), ready(row["id"], row["body"]))
        )
        if alike >= LEAST_SIMILARITY:
            found[own_id][row["id"]] = EarlierText(
                comment_id=str(row["id"]),
                same_author=row["same_author"],
                same_thread=row["same_thread"],
                status=row["status"],
                similarity=alike,
                age_s=row["age_s"],
            )
    return {own_id: tuple(others.values()) for own_id, others in found.items()}


def _candidates_within(
    comments: Sequence[DueComment],
    texts: Mapping[UUID, Normalised],
    bands: Mapping[UUID, tuple[int, ...]],
) -> Iterator[tuple[UUID, dict[str, Any]]]:
    """Earlier comments of this very batch that share a band: the database knows no bands of theirs yet."""
    seen: dict[tuple[UUID, int], list[DueComment]] = defaultdict(list)
    for own in comments:
        keys = [(own.site_id, band) for band in bands[own.id]]
        for other in {other.id: other for key in keys for other in seen[key][-MOST_NEAR:]}.values():
            yield (
                own.id,
                {
                    "id": other.id,
                    "status": other.status,
                    "same_author": other.author_id == own.author_id,
                    "same_thread": other.thread_id == own.thread_id,
                    "age_s": (own.submitted_at - other.submitted_at).total_seconds(),
                    "is_same": False,
                    "body": texts[other.id],
                },
            )
        for key in keys:
            seen[key].append(own)


def _candidates(
    comments: Sequence[DueComment], bands: Mapping[UUID, tuple[int, ...]]
) -> list[tuple[UUID, dict[str, Any]]]:
    wanted = [{"id": comment.id, "bands": bands[comment.id]} for comment in comments if bands[comment.id]]
    with connection.cursor() as cursor:
        cursor.execute(SAME_SQL, {"ids": [comment.id for comment in comments], "days": DUPLICATE_DAYS})
        rows = cursor.fetchall()
        if wanted:
            cursor.execute(
                NEAR_SQL,
                {"wanted": orjson.dumps(wanted).decode(), "days": DUPLICATE_DAYS, "most": MOST_NEAR},
            )
            rows += cursor.fetchall()
    names = ("id", "status", "same_author", "same_thread", "age_s", "is_same", "body")
    return [(row[0], dict(zip(names, row[1:], strict=True))) for row in rows]
