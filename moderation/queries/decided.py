"""Comments that people have decided, as rules would have looked at them."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson
from django.db import connection

from moderation.engine.facts import AuthorFacts, Context, SiteFacts
from moderation.engine.rules.site_rules import codes_of
from moderation.engine.rules.subject import Subject
from moderation.language.fold.normalise import normalise
from moderation.models import Site
from moderation.queries.decided_sql import COUNT_SQL, LAST_ID, PAGE_SQL, page_parts


@dataclass(frozen=True, slots=True)
class Decided:
    """A comment in the revision that a person decided on: what they did, and what the verdict was."""

    decision_id: UUID
    comment_id: UUID
    action: str
    outcome: str  # of the screening; empty where there was none
    subject: Subject


def count_decided(site_id: UUID, *, most: int) -> int:
    """How many there are, counted up to `most`."""
    with connection.cursor() as cursor:
        cursor.execute(COUNT_SQL, {"site": site_id, "before": LAST_ID, "limit": most})
        return int(cursor.fetchone()[0])


def decided_page(site: Site, *, before: UUID | None, limit: int, needs: Collection[str]) -> list[Decided]:
    """The latest decisions that stand, from the one before `before` on, newest first.

    Of `needs` (`author`, `signals`, `scores`) only what is named is loaded. An author's record is
    counted as it was when the comment came: over the comments before it, the latest 1,000 at most.
    """
    statement = PAGE_SQL.format(**page_parts(needs))
    with connection.cursor() as cursor:
        cursor.execute(statement, {"site": site.id, "before": before or LAST_ID, "limit": limit})
        rows = cursor.fetchall()
    facts = SiteFacts(str(site.id), tuple(site.hosts), tuple(site.languages))
    return [_read(row, facts) for row in rows]


def _read(row: tuple[Any, ...], facts: SiteFacts) -> Decided:
    decision_id, comment_id, action, outcome, codes, scores, body, thread_url, *rest = row
    submitted_at, is_reply, name, website, email_domain, *author = rest
    context = Context(
        text=body,
        normalised=normalise(body),
        author_name=name,
        website=website,
        email_domain=email_domain,
        site=facts,
        author=AuthorFacts(*author),
        is_reply=is_reply,
        thread_url=thread_url,
        submitted_at=submitted_at,
    )
    subject = Subject(context, codes_of(codes), orjson.loads(scores))
    return Decided(decision_id, comment_id, action, outcome, subject)
