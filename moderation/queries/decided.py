"""Comments that people have decided, in the form in which rules look at them."""

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

LAST_ID = "ffffffff-ffff-ffff-ffff-ffffffffffff"

# A decision stands unless a person made another decision on the comment afterwards.
_STANDING = """
SELECT decision.id, decision.comment_id, decision.revision_id, decision.action
FROM decision JOIN comment ON comment.id = decision.comment_id
WHERE decision.site_id = %(site)s AND decision.actor_kind = 'person'
  AND decision.action IN ('approve', 'spam', 'reject') AND decision.id < %(before)s::uuid
  AND comment.status NOT IN ('deleted', 'erased')
  AND NOT EXISTS (
      SELECT 1 FROM decision AS later
      WHERE later.comment_id = decision.comment_id AND later.actor_kind = 'person'
        AND later.comment_version > decision.comment_version
  )
ORDER BY decision.id DESC LIMIT %(limit)s
"""

COUNT_SQL = f"SELECT count(*) FROM ({_STANDING}) AS standing"

PAGE_SQL = f"""
SELECT standing.id, standing.comment_id, standing.action, COALESCE(seen.outcome, ''), {{codes}}, {{scores}},
       revision.body, thread.url, own.submitted_at, own.parent_id IS NOT NULL, own.author_name, own.website,
       own.email_domain, author.is_proven, {{history}}
FROM ({_STANDING}) AS standing
JOIN comment AS own ON own.id = standing.comment_id
JOIN revision ON revision.id = standing.revision_id
JOIN thread ON thread.id = own.thread_id
JOIN author ON author.id = own.author_id
LEFT JOIN LATERAL (
    SELECT outcome, signals, scores FROM screening
    WHERE screening.comment_id = standing.comment_id AND screening.revision_id = standing.revision_id
    ORDER BY created_at DESC LIMIT 1
) AS seen ON true
{{before}}
ORDER BY standing.id DESC
"""

_CODES = "ARRAY(SELECT jsonb_array_elements(seen.signals) ->> 'code')"
_BEFORE = """CROSS JOIN LATERAL (
    SELECT count(*) FILTER (WHERE status = 'published') AS published,
           count(*) FILTER (WHERE status = 'rejected') AS rejected,
           count(*) FILTER (WHERE status = 'spam') AS spam
    FROM (
        SELECT status FROM comment AS other
        WHERE other.author_id = own.author_id AND other.submitted_at < own.submitted_at
        ORDER BY other.submitted_at DESC LIMIT 1000
    ) AS earlier
) AS record"""


def page_parts(needs: Collection[str]) -> dict[str, str]:
    """The parts that `PAGE_SQL` leaves open: only what a rule reads is loaded."""
    knows_author = "author" in needs
    return {
        "codes": _CODES if "signals" in needs else "'{}'::text[]",
        "scores": "COALESCE(seen.scores, '{}')::text" if "scores" in needs else "'{}'",
        "history": "record.published, record.rejected, record.spam" if knows_author else "0, 0, 0",
        "before": _BEFORE if knows_author else "",
    }


@dataclass(frozen=True, slots=True)
class DecidedComment:
    """A comment in the revision that a person decided on, with the person's action and the verdict."""

    decision_id: UUID
    comment_id: UUID
    action: str
    outcome: str  # of the screening; empty if there was none
    subject: Subject


def count_decided(site_id: UUID, *, most: int) -> int:
    """The number of decided comments, counted up to `most`."""
    with connection.cursor() as cursor:
        cursor.execute(COUNT_SQL, {"site": site_id, "before": LAST_ID, "limit": most})
        return int(cursor.fetchone()[0])


def decided_page(
    site: Site, *, before: UUID | None, limit: int, needs: Collection[str]
) -> list[DecidedComment]:
    """The latest decisions that stand, before the decision `before`, newest first.

    Loads only what `needs` names (`author`, `signals`, `scores`). An author's record is counted as of the
    time when the comment came: over the comments before it, the latest 1,000 at most.
    """
    statement = PAGE_SQL.format(**page_parts(needs))
    with connection.cursor() as cursor:
        cursor.execute(statement, {"site": site.id, "before": before or LAST_ID, "limit": limit})
        rows = cursor.fetchall()
    facts = SiteFacts(str(site.id), tuple(site.hosts), tuple(site.languages))
    return [_read(row, facts) for row in rows]


def _read(row: tuple[Any, ...], facts: SiteFacts) -> DecidedComment:
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
    return DecidedComment(decision_id, comment_id, action, outcome, subject)
