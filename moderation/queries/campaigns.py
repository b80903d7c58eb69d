"""Who named the same address within a day: as counts over all sites, and as comments to look at again."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson
from django.db import connection

from moderation.engine.facts import CampaignFacts, Crowd
from moderation.queries.campaign_sql import COUNT_SQL, MEMBERS_SQL


@dataclass(frozen=True, slots=True)
class Named:
    """A comment, the keyed hash of what it names, and the bands of its text. `is_new`: a domain that this
    installation has not known for long. `is_first`: the comment's first screening is under way, so its row is
    written when that ends; `has_record` tells of its author.
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


def count_crowds(named: Collection[Named]) -> Mapping[UUID, CampaignFacts]:
    """By comment the largest crowds around what it names, itself and the others of `named` included that are
    screened for the first time. One query, none for nothing.
    """
    facts: dict[UUID, CampaignFacts] = {}
    for comment_id, is_new, *counts in _ask(COUNT_SQL, named):
        former = facts.get(comment_id, CampaignFacts())
        alike, linked = Crowd(*counts[:3]), Crowd(*counts[3:]) if is_new else Crowd()
        facts[comment_id] = CampaignFacts(_larger(alike, former.alike), _larger(linked, former.linked))
    return facts


def published_members(named: Collection[Named]) -> Sequence[tuple[UUID, UUID]]:
    """(site id, comment id) of published comments around the same things in like words, which no person
    decided on; the latest `MOST_REOPENED`.
    """
    return [(site_id, comment_id) for site_id, comment_id in _ask(MEMBERS_SQL, named)]


def _ask(statement: str, named: Collection[Named]) -> list[tuple[Any, ...]]:
    if not named:
        return []
    with connection.cursor() as cursor:
        cursor.execute(statement, {"wanted": orjson.dumps(named).decode()})
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


def _larger(one: Crowd, other: Crowd) -> Crowd:
    return max(one, other, key=lambda crowd: (crowd.authors, crowd.threads))
