"""The comments of a batch as one statement reads them, with what it counts of their authors and networks."""

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import orjson
from django.db import connection

from moderation.domain.status import Status
from moderation.engine.facts import AuthorFacts, FormFacts, RateFacts
from moderation.lib.arrays import uuid_array
from moderation.queries.rows import read_rows


class DueComment(NamedTuple):
    """A comment before its screening: the columns of `DUE_SQL`."""

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
    form_facts: str
    author_is_proven: bool
    author_published: int
    author_rejected: int
    author_spam: int
    author_last_10_minutes: int
    author_last_day: int
    ip_last_10_minutes: int
    ip_last_day: int

    @property
    def form(self) -> FormFacts:
        """How the comment was submitted."""
        return FormFacts(**orjson.loads(self.form_facts))

    @property
    def author(self) -> AuthorFacts:
        """The author's record on this site, without this comment, which may be decided already."""
        return AuthorFacts(
            is_proven=self.author_is_proven,
            published=self._others(self.author_published, Status.PUBLISHED),
            rejected=self._others(self.author_rejected, Status.REJECTED),
            spam=self._others(self.author_spam, Status.SPAM),
            key=str(self.author_id),
        )

    def _others(self, count: int, status: Status) -> int:
        return max(0, count - (self.status == status))

    @property
    def rate(self) -> RateFacts:
        """The numbers of earlier submissions by the same author and with the same IP hash."""
        return RateFacts(
            author_last_10_minutes=self.author_last_10_minutes,
            author_last_day=self.author_last_day,
            ip_last_10_minutes=self.ip_last_10_minutes,
            ip_last_day=self.ip_last_day,
        )


def _counts(same: str) -> str:
    """Comments before this one within 10 minutes and within a day, of the latest 100."""
    return f"""(
        SELECT count(*) FILTER (WHERE submitted_at > own.submitted_at - interval '10 minutes')
               AS last_10_minutes,
               count(*) AS last_day
        FROM (
            SELECT other.submitted_at FROM comment AS other
            WHERE {same} AND other.id <> own.id
              AND other.submitted_at <= own.submitted_at
              AND other.submitted_at > own.submitted_at - interval '1 day'
            ORDER BY other.submitted_at DESC LIMIT 100
        ) AS latest
    )"""


# `LIMIT 1` tells the planner to look each comment up, whatever it believes about the tables' sizes.
DUE_SQL = f"""
SELECT own.id, own.site_id, own.thread_id, own.author_id, own.status, own.current_revision_id, own.body_hash,
       own.submitted_at, own.parent_id IS NOT NULL AS is_reply, own.author_name, own.website,
       own.email_domain, revision.body, thread.url AS thread_url, own.form_facts,
       author.is_proven AS author_is_proven, author.published_count AS author_published,
       author.rejected_count AS author_rejected, author.spam_count AS author_spam,
       by_author.last_10_minutes AS author_last_10_minutes, by_author.last_day AS author_last_day,
       by_ip.last_10_minutes AS ip_last_10_minutes, by_ip.last_day AS ip_last_day
FROM unnest(%(ids)s::uuid[]) AS wanted (id)
CROSS JOIN LATERAL (SELECT * FROM comment WHERE comment.id = wanted.id LIMIT 1) AS own
JOIN revision ON revision.id = own.current_revision_id
JOIN author ON author.id = own.author_id
JOIN thread ON thread.id = own.thread_id
CROSS JOIN LATERAL {_counts("other.author_id = own.author_id")} AS by_author
CROSS JOIN LATERAL {_counts("other.site_id = own.site_id AND other.ip_hash = own.ip_hash")} AS by_ip
ORDER BY own.id
"""


def load_due_comments(comment_ids: Collection[UUID]) -> list[DueComment]:
    """The comments that still exist, in id order. One query."""
    with connection.cursor() as cursor:
        cursor.execute(DUE_SQL, {"ids": uuid_array(comment_ids)})
        return read_rows(cursor, DueComment)
