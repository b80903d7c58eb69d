"""Reputation: what decisions of people say of domains, and which domains were seen before.

A comment's lessons follow from its decisions alone: they are worked out anew whenever a person decides or
takes a decision back, and are only ever written under the comment's lock. So nothing is counted twice, and
nobody waits for another comment.
"""

from collections.abc import Collection, Iterable, Mapping
from typing import Any
from uuid import UUID

from django.db import connection

from moderation.domain.status import Action
from moderation.engine.facts import DomainFacts
from moderation.engine.text.linked_domains import linked_domains
from moderation.models import DomainLesson
from moderation.models.rows import insert_rows
from moderation.privacy import vault

# A domain is recorded again after this time; its record is kept for a year after the last time.
NOTED_EVERY_DAYS = 7.0
_SAYS = {Action.SPAM.value: True, Action.APPROVE.value: False}

_DECIDED_SQL = """
SELECT DISTINCT ON (decision.comment_id) decision.comment_id, decision.action, decision.created_at,
       comment.site_id, comment.author_id, comment.website, revision.body, site.hosts
FROM decision
JOIN comment ON comment.id = decision.comment_id
JOIN revision ON revision.id = decision.revision_id
JOIN site ON site.id = decision.site_id
WHERE decision.comment_id = ANY(%s::uuid[])
  AND decision.actor_kind = 'person' AND decision.action <> 'restore'
  AND NOT EXISTS (SELECT 1 FROM decision AS undone WHERE undone.reverses_id = decision.id)
ORDER BY decision.comment_id, decision.comment_version DESC
"""
_FORGET_SQL = "DELETE FROM domain_lesson WHERE comment_id = ANY(%s::uuid[])"
_NOTE_SQL = """
INSERT INTO domain_record (domain) SELECT domain FROM unnest(%s::uuid[]) AS seen (domain) ORDER BY domain
ON CONFLICT (domain) DO UPDATE SET last_seen_at = statement_timestamp()
"""
# A domain that was recorded under both keys keeps its earliest day.
_MOVE_SQL = """
WITH moved AS (SELECT * FROM unnest(%s::uuid[], %s::uuid[]) AS moved (former, domain)),
former AS (
    DELETE FROM domain_record USING moved
    WHERE domain_record.domain = moved.former AND domain_record.domain IN (
        SELECT domain FROM domain_record WHERE domain IN (SELECT former FROM moved) ORDER BY domain FOR UPDATE
    )
    RETURNING moved.domain, first_seen_at, last_seen_at
)
INSERT INTO domain_record (domain, first_seen_at, last_seen_at)
SELECT domain, min(first_seen_at), max(last_seen_at) FROM former GROUP BY domain ORDER BY domain
ON CONFLICT (domain) DO UPDATE SET
    first_seen_at = LEAST(domain_record.first_seen_at, excluded.first_seen_at),
    last_seen_at = GREATEST(domain_record.last_seen_at, excluded.last_seen_at)
"""


def learn_domains(comment_ids: Collection[UUID]) -> None:
    """Let the domains of comments count for what a person's latest decision that stands says of them.

    Approved is ham, spam is spam; what was rejected, held or deleted says nothing. The comments must be
    locked.
    """
    ids = list(comment_ids)
    with connection.cursor() as cursor:
        cursor.execute(_FORGET_SQL, [ids])
        cursor.execute(_DECIDED_SQL, [ids])
        decided = cursor.fetchall()
    insert_rows(DomainLesson, [lesson for row in decided for lesson in _lessons(row)])


def _lessons(row: tuple[Any, ...]) -> list[dict[str, Any]]:
    comment_id, action, decided_at, site_id, author_id, website, body, hosts = row
    if action not in _SAYS:
        return []
    return [
        {
            "site_id": site_id,
            "comment_id": comment_id,
            "author_id": author_id,
            "domain": vault.domain_key(domain),
            "is_spam": _SAYS[action],
            "created_at": decided_at,
        }
        for domain in linked_domains(body, website, hosts=hosts)
    ]


def note_domains(seen: Iterable[Mapping[str, DomainFacts]]) -> None:
    """Record domains that are new, or were not recorded lately; mostly there are none.

    Locks their rows in order, after all other locks of the transaction.
    """
    new = {
        domain
        for domains in seen
        for domain, facts in domains.items()
        if facts.noted_days is None or facts.noted_days > NOTED_EVERY_DAYS
    }
    if new:
        move_records(new)
        with connection.cursor() as cursor:
            cursor.execute(_NOTE_SQL, [[vault.domain_key(domain) for domain in sorted(new)]])


def move_records(domains: Iterable[str]) -> int:
    """Rename the records of `domains` that are stored under a former index key; returns their number."""
    pairs = [
        (key, vault.domain_key(domain)) for domain in domains for key in vault.former_domain_keys(domain)
    ]
    if not pairs:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(_MOVE_SQL, [[former for former, _ in pairs], [key for _, key in pairs]])
        return int(cursor.rowcount)
