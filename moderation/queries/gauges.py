"""The figures for a monitor, each with its SQL. They come from the database: every process gives the same."""

from collections.abc import Iterator
from dataclasses import dataclass

import structlog
from django.db import DatabaseError, connection, transaction

from moderation.privacy.redact import describe_error

log = structlog.get_logger(__name__)

# Counting stops here: a monitor needs to know that there are many, not how many.
COUNT_CAP = 10_000
RECENT_S = 300
# The limit of each figure: a figure that takes too long is missing, and the others are there.
GAUGE_TIMEOUT_MS = 500
GAUGE_UP = "moderation_figure_up"

# A UUIDv7 begins with its time in milliseconds, so the last minutes are one range of the primary key.
_RECENT_FROM = """
    rpad(lpad(to_hex(
        (extract(epoch FROM clock_timestamp() - make_interval(secs => %(recent_s)s)) * 1000)::bigint
    ), 12, '0'), 32, '0')::uuid
"""

# Reads at most `cap` rows of the table, and as many for each status that waits. The statistics are as old as
# the last ANALYZE, which is accurate enough for numbers that only grow.
_COMMENTS_SQL = """
WITH first_rows AS MATERIALIZED (
    SELECT status FROM comment LIMIT %(cap)s + 1
), counted AS (
    SELECT status, count(*) AS number FROM first_rows GROUP BY 1
), estimated AS (
    SELECT common.status, round(greatest(pg_class.reltuples, 0) * common.share) AS number
    FROM pg_class JOIN pg_namespace ON pg_namespace.oid = pg_class.relnamespace
    JOIN pg_stats ON schemaname = nspname AND tablename = relname AND attname = 'status'
    CROSS JOIN unnest(most_common_vals::text::text[], most_common_freqs) AS common (status, share)
    WHERE pg_class.oid = 'comment'::regclass
)
SELECT status, CASE
    WHEN (SELECT count(*) FROM first_rows) <= %(cap)s THEN COALESCE(counted.number, 0)
    WHEN status IN ('screening', 'held') THEN (
        SELECT count(*) FROM (
            SELECT FROM site CROSS JOIN LATERAL (
                SELECT FROM comment
                WHERE comment.site_id = site.id AND comment.status = told.status LIMIT %(cap)s
            ) AS of_site LIMIT %(cap)s
        ) AS waiting
    )
    ELSE COALESCE(estimated.number, counted.number, 0)
END
FROM unnest(ARRAY['screening', 'held', 'published', 'spam', 'rejected', 'deleted', 'erased']) AS told (status)
LEFT JOIN counted USING (status) LEFT JOIN estimated USING (status)
"""


@dataclass(frozen=True, slots=True)
class Gauge:
    """The meaning of a figure and the SQL that reads it, which gives the labels, then the value."""

    name: str
    meaning: str
    labels: tuple[str, ...]
    sql: str


GAUGES: tuple[Gauge, ...] = (
    Gauge(
        "moderation_jobs",
        f"Jobs in the queue of record, counted up to {COUNT_CAP}.",
        ("kind", "state"),
        "SELECT kind, state, count(*) FROM (SELECT kind, state FROM job LIMIT %(cap)s) AS found "
        "GROUP BY 1, 2",
    ),
    Gauge(
        "moderation_job_oldest_due_age_seconds",
        "How long the oldest due job has been waiting.",
        ("kind",),
        # Jumps along `job_due` from one kind and site to the next, so that a backlog costs no more than one
        # job.
        "WITH RECURSIVE first_due AS ("
        "(SELECT kind, site_id, due_at FROM job WHERE state = 'open' "
        "ORDER BY kind, site_id, due_at LIMIT 1) UNION ALL "
        "SELECT next.kind, next.site_id, next.due_at FROM first_due CROSS JOIN LATERAL ("
        "SELECT kind, site_id, due_at FROM job WHERE state = 'open' "
        "AND (kind, site_id) > (first_due.kind, first_due.site_id) "
        "ORDER BY kind, site_id, due_at LIMIT 1) AS next) "
        "SELECT kind, extract(epoch FROM clock_timestamp() - min(due_at)) FROM first_due "
        "WHERE due_at <= clock_timestamp() GROUP BY 1",
    ),
    Gauge(
        "moderation_comments",
        f"Comments by status. Counted where there are at most {COUNT_CAP} of them all. Above that those that "
        f"wait are counted up to {COUNT_CAP} per status, and the others told by the planner's statistics.",
        ("status",),
        _COMMENTS_SQL,
    ),
    Gauge(
        "moderation_comments_lost",
        "Comments in screening without any job for them; anything but 0 is a fault.",
        (),
        "SELECT count(*) FROM (SELECT waiting.id FROM site CROSS JOIN LATERAL ("
        "SELECT comment.id FROM comment "
        "WHERE comment.site_id = site.id AND comment.status = 'screening' LIMIT %(cap)s) AS waiting "
        "LIMIT %(cap)s) AS looked_at "
        "WHERE NOT EXISTS (SELECT FROM job WHERE kind IN ('screen', 'ask') AND subject_id = looked_at.id)",
    ),
    Gauge(
        "moderation_submissions_recent",
        f"Comments stored in the last {RECENT_S} seconds.",
        (),
        f"SELECT count(*) FROM (SELECT 1 FROM comment WHERE id >= {_RECENT_FROM} LIMIT %(cap)s) AS found",
    ),
    Gauge(
        "moderation_verdicts_recent",
        f"Verdicts of the last {RECENT_S} seconds, by outcome and by who ran the checks.",
        ("outcome", "runner"),
        "SELECT outcome, runner, count(*) FROM (SELECT outcome, runner FROM screening "
        f"WHERE id >= {_RECENT_FROM} LIMIT %(cap)s) AS found GROUP BY 1, 2",
    ),
    Gauge(
        "moderation_audit_unsealed",
        f"Audit events that are not sealed yet, counted up to {COUNT_CAP}; many for long is a fault.",
        (),
        "SELECT count(*) FROM (SELECT 1 FROM audit_event WHERE id > "
        "(SELECT coalesce(max(to_id), 0) FROM audit_seal) LIMIT %(cap)s) AS found",
    ),
    Gauge(
        "moderation_worker_silent_seconds",
        "For how long no worker has claimed a job of a kind. Seals come round every few seconds: a long time "
        "for them is a background worker that hangs.",
        ("kind",),
        "SELECT kind, extract(epoch FROM clock_timestamp() - claimed_at) FROM job_heartbeat",
    ),
)


@dataclass(frozen=True, slots=True)
class Reading:
    """One figure: its gauge, its labels and its value."""

    gauge: str
    labels: tuple[str, ...]
    value: float


def readings() -> Iterator[Reading]:
    """The figures of all gauges, and for each gauge whether it could be read (`GAUGE_UP`).

    Raises DatabaseError where the database is away.
    """
    for gauge in GAUGES:
        read = _read(gauge)
        yield Reading(GAUGE_UP, (gauge.name,), float(read is not None))
        yield from read or ()


def _read(gauge: Gauge) -> list[Reading] | None:
    """The figures of one gauge; None if they took too long or could not be read."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL statement_timeout = {GAUGE_TIMEOUT_MS}")
            cursor.execute(gauge.sql, {"cap": COUNT_CAP, "recent_s": RECENT_S})
            return [Reading(gauge.name, tuple(row[:-1]), float(row[-1])) for row in cursor.fetchall()]
    except DatabaseError as error:
        if not connection.is_usable():  # the next gauge would fail, too
            raise
        log.warning("metrics.figure_failed", code=gauge.name, error=describe_error(error))
        return None
