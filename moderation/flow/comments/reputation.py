"""Reputation: labels of domains from people's decisions, and a record of the domains that were seen before.

The labels that a comment gives are derived from its decisions alone: they are derived again whenever a person
decides or undoes a decision, and are only written while the comment is locked. So nothing is counted twice,
and no transaction waits for another comment.
"""

from collections.abc import Collection, Iterable, Mapping
from typing import Any
from uuid import UUID

from django.db import connection

from moderation.domain.status import Action
from moderation.engine.facts import DomainFacts
from moderation.engine.text.linked_domains import linked_domains
from moderation.models import DomainLabel
from moderation.models.rows import insert_rows
from moderation.privacy import vault

# A domain's record is renewed after this many days; it is kept for a year after the last renewal.
NOTED_EVERY_DAYS = 7.0
_IS_SPAM = {Action.SPAM.value: True, Action.APPROVE.value: False}

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
_DELETE_LABELS_SQL = "DELETE FROM domain_label WHERE comment_id = ANY(%s::uuid[])"
_UPSERT_RECORDS_SQL = """
INSERT INTO domain_record (domain) SELECT domain FROM unnest(%s::uuid[]) AS seen (domain) ORDER BY domain
ON CONFLICT (domain) DO UPDATE SET last_seen_at = statement_timestamp()
"""
# A domain with records under both keys keeps the earlier of the two days on which it was first seen.
_MOVE_RECORDS_SQL = """
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


def label_domains(comment_ids: Collection[UUID]) -> None:
    """Label the domains that these comments link to by the standing decision on each comment.

    An approval labels them as ham and a spam decision as spam; any other decision gives no label. The
    comments must be locked.
    """
    ids = list(comment_ids)
    with connection.cursor() as cursor:
        cursor.execute(_DELETE_LABELS_SQL, [ids])
        cursor.execute(_DECIDED_SQL, [ids])
        decided = cursor.fetchall()
    insert_rows(DomainLabel, [label for row in decided for label in _labels(row)])


def _labels(row: tuple[Any, ...]) -> list[dict[str, Any]]:
    comment_id, action, decided_at, site_id, author_id, website, body, hosts = row
    if action not in _IS_SPAM:
        return []
    return [
        {
            "site_id": site_id,
            "comment_id": comment_id,
            "author_id": author_id,
            "domain": vault.domain_key(domain),
            "is_spam": _IS_SPAM[action],
            "created_at": decided_at,
        }
        for domain in linked_domains(body, website, hosts=hosts)
    ]


def note_domains(seen: Iterable[Mapping[str, DomainFacts]]) -> None:
    """Record the domains that were not seen before, or not lately; usually there are none.

    Locks their rows in order, after everything else that a transaction locks.
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
            cursor.execute(_UPSERT_RECORDS_SQL, [[vault.domain_key(domain) for domain in sorted(new)]])


def move_records(domains: Iterable[str]) -> int:
    """Move the records of `domains` from a former index key to today's; returns how many were moved."""
    pairs = [
        (key, vault.domain_key(domain)) for domain in domains for key in vault.former_domain_keys(domain)
    ]
    if not pairs:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(_MOVE_RECORDS_SQL, [[former for former, _ in pairs], [key for _, key in pairs]])
        return int(cursor.rowcount)
