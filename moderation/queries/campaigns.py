"""Comments that named the same address within a day: counts over all sites, and comments to screen again."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson
from django.db import connection

from moderation.domain.fingerprint import BANDS
from moderation.engine.facts import CampaignFacts, Cluster

WITHIN_HOURS = 24
# Longer than a batch and a transaction last together (15 s and 4 s): what was stored before that was counted.
LATELY_S = 30
# The number of latest rows that are read per key.
MOST_ROWS = 60
# Out of 8 bands. Texts with a similarity of 0.7 share two bands in 82 of 100 cases, those with 0.3 in 2 of
# 100; a single band would be shared in 20 of 100.
SHARED_BANDS = 2
# The number of published comments that one campaign sends back to screening at a time.
MOST_REOPENED = 20

# Written out, because a subquery for each row would be most of the cost.
_SHARED = " + ".join(
    f"COALESCE((around.bands[{number}] = wanted.bands[{number}])::int, 0)" for number in range(1, BANDS + 1)
)
_IS_ALIKE = f"{_SHARED} >= {SHARED_BANDS}"
_LATEST = f"""
    SELECT site_id, thread_id, author_id, comment_id, bands, has_record FROM campaign_key
    WHERE key = asked.key AND created_at > statement_timestamp() - interval '{WITHIN_HOURS} hours'
    ORDER BY created_at DESC LIMIT {MOST_ROWS}
"""
_WANTED = """json_to_recordset(%(wanted)s::json) AS given (
    comment_id uuid, key uuid, bands bigint[], is_new boolean, site_id uuid, thread_id uuid, author_id uuid,
    has_record boolean, is_first boolean
)"""
# Counts the stored rows and the rows that the batch is about to store. An author, thread or site counts once.
# A comment that is missing in the result has no cluster.
_COUNT_SQL = f"""
WITH wanted AS MATERIALIZED (SELECT * FROM {_WANTED}), around AS MATERIALIZED (
    SELECT asked.key, latest.* FROM (SELECT DISTINCT key FROM wanted) AS asked
    CROSS JOIN LATERAL ({_LATEST}) AS latest WHERE NOT has_record
    UNION ALL
    SELECT key, site_id, thread_id, author_id, comment_id, bands, has_record FROM wanted
    WHERE is_first AND NOT has_record
), found AS (
    SELECT wanted.comment_id AS id, wanted.key, wanted.is_new, around.site_id, around.thread_id,
           around.author_id, {_IS_ALIKE} AS is_alike
    FROM wanted JOIN around USING (key) WHERE wanted.is_new OR {_IS_ALIKE}
)
SELECT id, is_new,
       count(DISTINCT author_id) FILTER (WHERE is_alike), count(DISTINCT thread_id) FILTER (WHERE is_alike),
       count(DISTINCT site_id) FILTER (WHERE is_alike),
       count(DISTINCT author_id) FILTER (WHERE is_new), count(DISTINCT thread_id) FILTER (WHERE is_new),
       count(DISTINCT site_id) FILTER (WHERE is_new)
FROM found GROUP BY id, key, is_new
"""
_LATELY_SQL = f"""
SELECT asked.key FROM unnest(%(keys)s::uuid[]) AS asked (key)
WHERE EXISTS (
    SELECT 1 FROM campaign_key
    WHERE key = asked.key AND created_at > statement_timestamp() - interval '{LATELY_S} seconds'
      AND comment_id <> ALL(%(ours)s::uuid[])
)
"""
_MEMBERS_SQL = f"""
SELECT DISTINCT comment.site_id, comment.id
FROM (SELECT * FROM {_WANTED}) AS wanted
CROSS JOIN LATERAL (SELECT wanted.key) AS asked
CROSS JOIN LATERAL ({_LATEST}) AS around
JOIN comment ON comment.id = around.comment_id
WHERE {_IS_ALIKE} AND NOT around.has_record
  AND comment.status = 'published' AND NOT comment.is_decided_by_person
ORDER BY comment.id DESC LIMIT {MOST_REOPENED}
"""


@dataclass(frozen=True, slots=True)
class Named:
    """A comment, the keyed hash of what it names, and the bands of its text. `is_new`: this installation has
    not known the domain for long. `is_first`: the comment's first screening is under way, so its row is
    written when that ends. `has_record` describes its author.
    """

    comment_id: UUID
    key: UUID
    bands: tuple[int, ...]
    is_new: bool
    site_id: UUID
    thread_id: UUID
    author_id: UUID
    has_record: bool
    is_first: bool


def count_clusters(named: Collection[Named]) -> Mapping[UUID, CampaignFacts]:
    """The largest clusters around what each comment names. They include the comments of `named` that are
    screened for the first time. One query; none when `named` is empty.
    """
    facts: dict[UUID, CampaignFacts] = {}
    for comment_id, is_new, *counts in _ask(_COUNT_SQL, named):
        former = facts.get(comment_id, CampaignFacts())
        alike, linked = Cluster(*counts[:3]), Cluster(*counts[3:]) if is_new else Cluster()
        facts[comment_id] = CampaignFacts(_larger(alike, former.alike), _larger(linked, former.linked))
    return facts


def keys_named_lately(named: Collection[Named]) -> frozenset[UUID]:
    """The keys in `named` under which other comments were stored within the last `LATELY_S` seconds."""
    if not named:
        return frozenset()
    keys, ours = {each.key for each in named}, {each.comment_id for each in named}
    with connection.cursor() as cursor:
        cursor.execute(_LATELY_SQL, {"keys": list(keys), "ours": list(ours)})
        return frozenset(key for (key,) in cursor.fetchall())


def published_members(named: Collection[Named]) -> Sequence[tuple[UUID, UUID]]:
    """(site id, comment id) of published comments that name the same things in similar words and that no
    person decided on; the latest `MOST_REOPENED`. One query; none when `named` is empty.
    """
    return [(site_id, comment_id) for site_id, comment_id in _ask(_MEMBERS_SQL, named)]


def _ask(statement: str, named: Collection[Named]) -> list[tuple[Any, ...]]:
    if not named:
        return []
    with connection.cursor() as cursor:
        cursor.execute(statement, {"wanted": orjson.dumps(named).decode()})
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


def _larger(one: Cluster, other: Cluster) -> Cluster:
    return max(one, other, key=lambda cluster: (cluster.authors, cluster.threads))
