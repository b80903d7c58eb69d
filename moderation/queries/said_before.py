"""Finds a comment of a site by what it says, for a server that names no id."""

from collections.abc import Sequence
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection

from moderation.queries.rows import read_rows

# By the index `comment_same_text`: so many copies of one text are looked at as there are.
_SAID_SQL = """
SELECT comment.id AS comment_id, comment.status, late.comment_id IS NOT NULL AS awaits_verdict
FROM comment JOIN thread ON thread.id = comment.thread_id JOIN author ON author.id = comment.author_id
LEFT JOIN late_verdict AS late ON late.comment_id = comment.id AND late.error = ''
WHERE comment.site_id = %(site_id)s AND comment.body_hash = %(body_hash)s AND thread.key = %(thread_key)s
  AND (author.address_hash = ANY(%(hashes)s) OR comment.author_name = %(author_name)s)
  AND comment.status NOT IN ('deleted', 'erased')
ORDER BY author.address_hash = ANY(%(hashes)s) DESC, comment.created_at LIMIT 1
"""


class SaidBefore(NamedTuple):
    """A comment that stands. `awaits_verdict`: its site's server wants to hear of a later verdict."""

    comment_id: UUID
    status: str
    awaits_verdict: bool


def find_said(
    site_id: UUID, *, thread_key: str, author_name: str, address_hashes: Sequence[bytes], body_hash: int
) -> SaidBefore | None:
    """The first comment with the same text on the same page of the site: by the same author, or else by the
    same name.
    """
    given: dict[str, Any] = {
        "site_id": site_id,
        "thread_key": thread_key,
        "author_name": author_name,
        "hashes": list(address_hashes),
        "body_hash": body_hash,
    }
    with connection.cursor() as cursor:
        cursor.execute(_SAID_SQL, given)
        return next(iter(read_rows(cursor, SaidBefore)), None)


def belongs_to(site_id: UUID, comment_id: UUID) -> bool:
    """Whether the site has this comment."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT FROM comment WHERE id = %s AND site_id = %s", [comment_id, site_id])
        return cursor.fetchone() is not None
