"""Everything that checks look at, gathered for a whole batch in a handful of queries."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection

from moderation.checks.context import (
    AuthorFacts,
    Context,
    EarlierText,
    FormFacts,
    RateFacts,
    SiteFacts,
)
from moderation.checks.policy import Policy
from moderation.language.features import fingerprint, similarity
from moderation.language.normalise import Normalised, normalise
from moderation.models import Comment
from moderation.queries.context_sql import NEAR_SQL, RATE_SQL, SAME_SQL
from moderation.queries.site_facts import load_sites

# How far back a text counts as said before.
DUPLICATE_DAYS = 7
# Candidates looked at per band.
MOST_NEAR = 4
# Less than this many shingles in common is another text.
LEAST_SIMILARITY = 0.6


@dataclass(frozen=True, slots=True)
class ToScreen:
    """One revision ready for the engine, with the policy that will judge it."""

    comment: Comment
    context: Context
    policy: Policy
    bands: tuple[int, ...]


def build_contexts(comment_ids: Collection[UUID]) -> list[ToScreen]:
    """The current revisions of those comments that still exist, in id order."""
    comments = list(
        Comment.objects.filter(id__in=comment_ids).select_related("current_revision", "author").order_by("id")
    )
    sites = load_sites({comment.site_id for comment in comments})
    ids = [comment.id for comment in comments]
    rates = _rates(ids)
    texts = {comment.id: normalise(comment.current_revision.body) for comment in comments}
    bands = {comment.id: fingerprint(texts[comment.id]) for comment in comments}
    earlier = _earlier(comments, texts, bands)
    return [
        ToScreen(
            comment=comment,
            context=_build_context(comment, sites[comment.site_id][0], texts, rates, earlier),
            policy=sites[comment.site_id][1],
            bands=bands[comment.id],
        )
        for comment in comments
    ]


def _build_context(
    comment: Comment,
    site: SiteFacts,
    texts: Mapping[UUID, Normalised],
    rates: Mapping[UUID, RateFacts],
    earlier: Mapping[UUID, tuple[EarlierText, ...]],
) -> Context:
    author = comment.author
    return Context(
        text=comment.current_revision.body,
        normalised=texts[comment.id],
        author_name=comment.author_name,
        website=comment.website,
        email_domain=comment.email_domain,
        site=site,
        author=AuthorFacts(
            is_proven=author.is_proven,
            published=author.published_count,
            rejected=author.rejected_count,
            spam=author.spam_count,
        ),
        form=FormFacts(**comment.form_facts),
        rate=rates.get(comment.id, RateFacts()),
        earlier=earlier.get(comment.id, ()),
        is_reply=comment.parent_id is not None,
        submitted_at=comment.submitted_at,
    )


def _rates(comment_ids: Sequence[UUID]) -> dict[UUID, RateFacts]:
    with connection.cursor() as cursor:
        cursor.execute(RATE_SQL, {"ids": list(comment_ids)})
        return {row[0]: RateFacts(*row[1:]) for row in cursor.fetchall()}


def _earlier(
    comments: Sequence[Comment],
    texts: Mapping[UUID, Normalised],
    bands: Mapping[UUID, tuple[int, ...]],
) -> dict[UUID, tuple[EarlierText, ...]]:
    """Former comments of the same site with the same or nearly the same text, by comment."""
    found: dict[UUID, dict[UUID, EarlierText]] = defaultdict(dict)
    for own_id, row in (*_candidates(comments, bands), *_candidates_within(comments, bands)):
        if row["id"] in found[own_id]:
            continue
        alike = 1.0 if row["is_same"] else similarity(texts[own_id], row["body"])
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
    comments: Sequence[Comment], bands: Mapping[UUID, tuple[int, ...]]
) -> Iterator[tuple[UUID, dict[str, Any]]]:
    """Earlier comments of this very batch that share a band: the database knows no bands of theirs yet."""
    seen: dict[tuple[UUID, int], list[Comment]] = defaultdict(list)
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
                    "body": other.current_revision.body,
                },
            )
        for key in keys:
            seen[key].append(own)


def _candidates(
    comments: Sequence[Comment], bands: Mapping[UUID, tuple[int, ...]]
) -> list[tuple[UUID, dict[str, Any]]]:
    pairs = [(comment.id, band) for comment in comments for band in bands[comment.id]]
    with connection.cursor() as cursor:
        cursor.execute(SAME_SQL, {"ids": [comment.id for comment in comments], "days": DUPLICATE_DAYS})
        rows = cursor.fetchall()
        if pairs:
            cursor.execute(
                NEAR_SQL,
                {
                    "ids": [own for own, _ in pairs],
                    "bands": [band for _, band in pairs],
                    "days": DUPLICATE_DAYS,
                    "most": MOST_NEAR,
                },
            )
            rows += cursor.fetchall()
    names = ("id", "status", "same_author", "same_thread", "age_s", "is_same", "body")
    return [(row[0], dict(zip(names, row[1:], strict=True))) for row in rows]
