"""The figures that a monitor reads, each with its SQL."""

from dataclasses import dataclass

# Counting stops here: a monitor needs to know that it is many, not how many.
COUNT_CAP = 10_000
RECENT_S = 300

# A UUIDv7 begins with its milliseconds, so the last minutes are one range of the primary key.
_RECENT_FROM = """
    rpad(lpad(to_hex(
        (extract(epoch FROM clock_timestamp() - make_interval(secs => %(recent_s)s)) * 1000)::bigint
    ), 12, '0'), 32, '0')::uuid
"""


@dataclass(frozen=True, slots=True)
class Gauge:
    """What a figure means, and how it is read: the SQL gives the labels, then the value."""

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
        "SELECT kind, extract(epoch FROM clock_timestamp() - min(due_at)) FROM job "
        "WHERE state = 'open' AND due_at <= clock_timestamp() GROUP BY 1",
    ),
    Gauge(
        "moderation_comments",
        f"Comments by status, counted up to {COUNT_CAP} per site.",
        ("status",),
        "SELECT status, sum(capped.count) FROM site "
        "CROSS JOIN unnest(ARRAY['screening', 'held', 'published', 'spam', 'rejected', 'deleted', 'erased']) "
        "AS status CROSS JOIN LATERAL (SELECT count(*) FROM (SELECT 1 FROM comment "
        "WHERE comment.site_id = site.id AND comment.status = status.status LIMIT %(cap)s) AS found) "
        "AS capped GROUP BY 1",
    ),
    Gauge(
        "moderation_comments_lost",
        "Comments in screening without any job for them; anything but 0 is a fault.",
        (),
        "SELECT count(*) FROM site CROSS JOIN LATERAL (SELECT comment.id FROM comment "
        "WHERE comment.site_id = site.id AND comment.status = 'screening' LIMIT %(cap)s) AS waiting "
        "WHERE NOT EXISTS (SELECT FROM job WHERE kind IN ('screen', 'ask') AND subject_id = waiting.id)",
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
)
