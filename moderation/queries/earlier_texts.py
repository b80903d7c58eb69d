"""Former comments of the same site with the same or nearly the same text as those of a batch."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple
from uuid import UUID

import orjson
from django.db import connection

from moderation.domain.fingerprint import BANDS
from moderation.engine.facts import EarlierText
from moderation.language.features import Compared, likeness, ready_to_compare
from moderation.language.fold.normalise import Normalised
from moderation.lib.arrays import uuid_array
from moderation.queries.due_comments import DueComment
from moderation.queries.rows import read_rows

# How many days back earlier texts are compared.
DUPLICATE_DAYS = 7
# The most candidates that are compared for each band.
MOST_NEAR = 4
# Texts with a smaller share of common shingles are not reported.
LEAST_SIMILARITY = 0.6


class Candidate(NamedTuple):
    """A comment whose text may be similar to that of `own_id`: the columns of `SAME_SQL` and `NEAR_SQL`."""

    own_id: UUID
    id: UUID
    status: str
    same_author: bool
    same_thread: bool
    age_s: float
    is_same: bool
    body: str | Normalised


def load_earlier_texts(
    comments: Sequence[DueComment],
    texts: Mapping[UUID, Normalised],
    bands: Mapping[UUID, tuple[int, ...]],
) -> dict[UUID, tuple[EarlierText, ...]]:
    """The earlier texts, by comment. One query for identical texts, and one for similar ones."""
    found: dict[UUID, dict[UUID, EarlierText]] = defaultdict(dict)
    compared: dict[UUID, Compared] = {}

    def ready(comment_id: UUID, text: str | Normalised) -> Compared:
        if comment_id not in compared:
            compared[comment_id] = ready_to_compare(text)
        return compared[comment_id]

    for each in (*_candidates(comments, bands), *_candidates_within(comments, texts, bands)):
        if each.id in found[each.own_id]:
            continue
        alike = (
            1.0
            if each.is_same
            else likeness(ready(each.own_id, texts[each.own_id]), ready(each.id, each.body))
        )
        if alike >= LEAST_SIMILARITY:
            found[each.own_id][each.id] = _read_earlier(each, alike)
    return {own_id: tuple(others.values()) for own_id, others in found.items()}


def _read_earlier(candidate: Candidate, similarity: float) -> EarlierText:
    return EarlierText(
        comment_id=str(candidate.id),
        same_author=candidate.same_author,
        same_thread=candidate.same_thread,
        status=candidate.status,
        similarity=similarity,
        age_s=candidate.age_s,
    )


def _candidates_within(
    comments: Sequence[DueComment],
    texts: Mapping[UUID, Normalised],
    bands: Mapping[UUID, tuple[int, ...]],
) -> Iterator[Candidate]:
    """Earlier comments of the same batch that share a band, because their bands are not stored yet."""
    by_site: dict[UUID, dict[int, list[DueComment]]] = defaultdict(lambda: defaultdict(list))
    for own in comments:
        seen, own_bands = by_site[own.site_id], bands[own.id]
        for other in {other.id: other for band in own_bands for other in seen[band][-MOST_NEAR:]}.values():
            yield Candidate(
                own_id=own.id,
                id=other.id,
                status=other.status,
                same_author=other.author_id == own.author_id,
                same_thread=other.thread_id == own.thread_id,
                age_s=(own.submitted_at - other.submitted_at).total_seconds(),
                is_same=False,
                body=texts[other.id],
            )
        for band in own_bands:
            seen[band].append(own)


# A copy under the same address that another reader posted counts as another author's: see `Comment.claim`.
_FOUND = """
    own.id AS own_id, other.id, other.status,
    other.author_id = own.author_id AND other.claim IS NOT DISTINCT FROM own.claim AS same_author,
    other.thread_id = own.thread_id AS same_thread,
    EXTRACT(EPOCH FROM own.submitted_at - other.submitted_at)::float8 AS age_s
"""

# Identical texts, which are found even while the other comment is still being screened.
SAME_SQL = f"""
SELECT {_FOUND}, true AS is_same, '' AS body
FROM comment AS own CROSS JOIN LATERAL (
    SELECT * FROM comment AS same
    WHERE same.site_id = own.site_id AND same.body_hash = own.body_hash
      AND same.created_at > own.created_at - make_interval(days => %(days)s)
      AND same.created_at <= own.created_at AND same.id <> own.id
      AND (same.created_at < own.created_at OR same.id < own.id)
    ORDER BY same.created_at DESC LIMIT 10
) AS other
WHERE own.id = ANY(%(ids)s::uuid[])
"""

# Texts that share a band are candidates; their similarity is computed afterwards.
_IN_ANY_BAND = " UNION ".join(
    f"""(
        SELECT comment_id FROM text_fingerprint
        WHERE site_id = own.site_id AND bands[{number}] = wanted.bands[{number}]
          AND created_at > own.created_at - make_interval(days => %(days)s)
        ORDER BY created_at DESC LIMIT %(most)s
    )"""
    for number in range(1, BANDS + 1)
)
# Each `LIMIT 1` tells the planner to look its row up, whatever it believes about the tables' sizes.
NEAR_SQL = f"""
SELECT {_FOUND}, false AS is_same, other.body
FROM json_to_recordset(%(wanted)s::json) AS wanted (id uuid, bands bigint[])
CROSS JOIN LATERAL (SELECT * FROM comment WHERE comment.id = wanted.id LIMIT 1) AS own
CROSS JOIN LATERAL ({_IN_ANY_BAND}) AS near
CROSS JOIN LATERAL (
    SELECT comment.*, revision.body
    FROM comment JOIN revision ON revision.id = comment.current_revision_id
    WHERE comment.id = near.comment_id LIMIT 1
) AS other
WHERE other.body_hash <> own.body_hash AND (other.created_at, other.id) < (own.created_at, own.id)
"""


def _candidates(comments: Sequence[DueComment], bands: Mapping[UUID, tuple[int, ...]]) -> list[Candidate]:
    wanted = [{"id": comment.id, "bands": bands[comment.id]} for comment in comments if bands[comment.id]]
    with connection.cursor() as cursor:
        cursor.execute(
            SAME_SQL, {"ids": uuid_array(comment.id for comment in comments), "days": DUPLICATE_DAYS}
        )
        found = read_rows(cursor, Candidate)
        if wanted:
            cursor.execute(
                NEAR_SQL,
                {"wanted": orjson.dumps(wanted).decode(), "days": DUPLICATE_DAYS, "most": MOST_NEAR},
            )
            found += read_rows(cursor, Candidate)
    return found
