"""The time that comments waited for their verdicts, by the database's clock."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from django.db import connection

# A sealed contact is written with its comment and never changed, so its row has the commit time of the
# submission; a screening has that of its verdict.
_BY_COMMIT = "pg_xact_commit_timestamp({0}.xmin)"
_BY_STATEMENT = "{0}.created_at"
_LATENCY_SQL = """
SELECT count(*), percentile_cont(0.5) WITHIN GROUP (ORDER BY wait_ms),
       percentile_cont(0.99) WITHIN GROUP (ORDER BY wait_ms), max(wait_ms)
FROM (
    SELECT DISTINCT ON (screening.comment_id)
           EXTRACT(EPOCH FROM {screening} - {contact})::float8 * 1000 AS wait_ms
    FROM screening JOIN contact ON contact.comment_id = screening.comment_id
    WHERE screening.comment_id = ANY(%s::uuid[])
    ORDER BY screening.comment_id, screening.created_at
) AS waits
"""


@dataclass(frozen=True, slots=True)
class Latency:
    """Milliseconds from a submission to its verdict over `count` comments.

    `is_by_commit` is False if the server keeps no commit times (`track_commit_timestamp`): then the time is
    measured from statement to statement, without the two commits.
    """

    count: int
    p50_ms: float
    p99_ms: float
    max_ms: float
    is_by_commit: bool


def measure_latency(comment_ids: Collection[UUID]) -> Latency | None:
    """The latency of those comments that are screened in this database; None if there are none."""
    with connection.cursor() as cursor:
        cursor.execute("SHOW track_commit_timestamp")
        is_by_commit = cursor.fetchone() == ("on",)
        moment = _BY_COMMIT if is_by_commit else _BY_STATEMENT
        statement = _LATENCY_SQL.format(
            screening=moment.format("screening"), contact=moment.format("contact")
        )
        cursor.execute(statement, [list(comment_ids)])
        count, p50, p99, most = cursor.fetchone()
    return Latency(count, p50, p99, most, is_by_commit) if count else None


def count_runners(comment_ids: Collection[UUID]) -> dict[str, int]:
    """The number of screenings of those comments by runner: `celery`, `run_jobs`."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT runner, count(*) FROM screening WHERE comment_id = ANY(%s::uuid[]) GROUP BY 1 ORDER BY 1",
            [list(comment_ids)],
        )
        return dict(cursor.fetchall())
