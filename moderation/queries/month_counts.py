"""What a site received and decided in a span of time, counted up to a limit and remembered for a minute."""

from collections.abc import Sequence
from datetime import datetime
from threading import Lock
from typing import Any, NamedTuple
from uuid import UUID

from cachetools import TTLCache
from django.db import connection

from moderation.lib.uuid7 import first_uuid7
from moderation.queries.rows import read_rows

# More than a page of figures needs to tell apart; what there is of each beyond that is not read.
MOST_COUNTED = 100_000
# Whoever asks again and again costs one count a minute.
REMEMBERED_S = 60.0

# Ids rise with time, so each count is one range of an index: of `comment_by_status`, and of
# `decision_by_person`.
_COUNTS_SQL = """
SELECT spam.number + rejected.number AS spam, ham.number AS ham, waiting.number AS waiting,
       corrected.missed_spam, corrected.false_positives
FROM unnest(%(starts)s::uuid[], %(ends)s::uuid[]) WITH ORDINALITY AS span (start_id, end_id, place)
CROSS JOIN LATERAL ({spam}) AS spam CROSS JOIN LATERAL ({rejected}) AS rejected
CROSS JOIN LATERAL ({ham}) AS ham CROSS JOIN LATERAL ({waiting}) AS waiting
CROSS JOIN LATERAL (
    SELECT count(*) FILTER (WHERE to_status IN ('spam', 'rejected')
                            AND from_status IN ('published', 'screening')) AS missed_spam,
           count(*) FILTER (WHERE to_status = 'published'
                            AND from_status IN ('spam', 'rejected')) AS false_positives
    FROM (SELECT from_status, to_status FROM decision
          WHERE site_id = %(site_id)s AND actor_kind = 'person' AND id >= start_id AND id < end_id
          ORDER BY id DESC LIMIT %(most)s) AS by_people
) AS corrected
ORDER BY span.place
"""
_WITH_STATUS = """
    SELECT count(*) AS number FROM (
        SELECT FROM comment WHERE site_id = %(site_id)s AND status IN ({statuses})
        AND id >= start_id AND id < end_id LIMIT %(most)s
    ) AS found
"""
_SQL = _COUNTS_SQL.format(
    spam=_WITH_STATUS.replace("{statuses}", "'spam'"),
    rejected=_WITH_STATUS.replace("{statuses}", "'rejected'"),
    ham=_WITH_STATUS.replace("{statuses}", "'published'"),
    waiting=_WITH_STATUS.replace("{statuses}", "'screening', 'held'"),
)


class SiteCounts(NamedTuple):
    """Comments by what they are now, and how many of its verdicts people turned round.

    `waiting` were not decided yet. Deleted comments count nowhere.
    """

    spam: int
    ham: int
    waiting: int
    missed_spam: int
    false_positives: int

    @property
    def comments(self) -> int:
        """All of them."""
        return self.spam + self.ham + self.waiting


Span = tuple[datetime, datetime]
_remembered: TTLCache[tuple[UUID, tuple[Span, ...]], list[SiteCounts]] = TTLCache(1024, REMEMBERED_S)
_lock = Lock()


def count_spans(site_id: UUID, spans: Sequence[Span]) -> list[SiteCounts]:
    """The counts of each span of time (start, and the end that is not part of it), each at most
    `MOST_COUNTED`.
    """
    name = site_id, tuple(spans)
    with _lock:
        known = _remembered.get(name)
    if known is not None:
        return known
    counted = _count(site_id, spans)
    with _lock:
        _remembered[name] = counted
    return counted


def forget_counts() -> None:
    """Count everything again."""
    with _lock:
        _remembered.clear()


def _count(site_id: UUID, spans: Sequence[Span]) -> list[SiteCounts]:
    given: dict[str, Any] = {
        "site_id": site_id,
        "starts": [first_uuid7(start) for start, _ in spans],
        "ends": [first_uuid7(end) for _, end in spans],
        "most": MOST_COUNTED,
    }
    with connection.cursor() as cursor:
        cursor.execute(_SQL, given)
        return read_rows(cursor, SiteCounts)
