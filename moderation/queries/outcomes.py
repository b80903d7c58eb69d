"""Screened comments whose outcome is known, to try thresholds on."""

from uuid import UUID

import orjson
from django.db import connection

from moderation.domain.signals import signal_from_json
from moderation.engine.verdict.policy import Policy
from moderation.engine.verdict.presets import Judged

# Only the latest ones, because what a site's readers write changes, and a page must not wait.
MOST_APPROVED = 3000
MOST_REMOVED = 2000
# The number of latest removed comments that are searched for those that a person decided.
_MOST_LOOKED = 20_000

_LATEST = """
    SELECT seen.signals::text
    FROM ({comments}) AS own
    CROSS JOIN LATERAL (
        SELECT signals FROM screening
        WHERE screening.comment_id = own.id AND screening.revision_id = own.current_revision_id
        ORDER BY created_at DESC LIMIT 1
    ) AS seen
    LIMIT %(most)s
"""
_APPROVED = _LATEST.format(
    comments="""
    SELECT id, current_revision_id FROM comment
    WHERE site_id = %(site)s AND status = 'published' ORDER BY id DESC LIMIT %(most)s
"""
)
_REMOVED = _LATEST.format(
    comments="""
    SELECT id, current_revision_id FROM (
        (SELECT * FROM comment WHERE site_id = %(site)s AND status = 'spam' ORDER BY id DESC LIMIT %(looked)s)
        UNION ALL
        (SELECT * FROM comment WHERE site_id = %(site)s AND status = 'rejected'
         ORDER BY id DESC LIMIT %(looked)s)
    ) AS removed
    WHERE is_decided_by_person ORDER BY id DESC
"""
)


def approved_comments(site_id: UUID, policy: Policy) -> list[Judged]:
    """The latest published comments, whoever decided that; scores use the weights of `policy`."""
    return _read(_APPROVED, site_id, policy, MOST_APPROVED)


def removed_comments(site_id: UUID, policy: Policy) -> list[Judged]:
    """The latest comments that a person marked as spam or rejected; scores use the weights of `policy`."""
    return _read(_REMOVED, site_id, policy, MOST_REMOVED)


def _read(statement: str, site_id: UUID, policy: Policy, most: int) -> list[Judged]:
    with connection.cursor() as cursor:
        cursor.execute(statement, {"site": site_id, "most": most, "looked": _MOST_LOOKED})
        rows = cursor.fetchall()
    return [Judged.of([signal_from_json(each) for each in orjson.loads(row[0])], policy) for row in rows]
