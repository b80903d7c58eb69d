"""The statements behind `due_comments.py` and `earlier_texts.py`: one index probe per fact, each bounded."""

from moderation.domain.fingerprint import BANDS


def _counts(same: str) -> str:
    """Comments before this one within 10 minutes and within a day, of the latest 100."""
    return f"""(
        SELECT count(*) FILTER (WHERE submitted_at > own.submitted_at - interval '10 minutes')
               AS last_10_minutes,
               count(*) AS last_day
        FROM (
            SELECT other.submitted_at FROM comment AS other
            WHERE {same} AND other.id <> own.id
              AND other.submitted_at <= own.submitted_at
              AND other.submitted_at > own.submitted_at - interval '1 day'
            ORDER BY other.submitted_at DESC LIMIT 100
        ) AS latest
    )"""


DUE_SQL = f"""
SELECT own.id, own.site_id, own.thread_id, own.author_id, own.status, own.current_revision_id, own.body_hash,
       own.submitted_at, own.parent_id IS NOT NULL AS is_reply, own.author_name, own.website,
       own.email_domain, revision.body, thread.url AS thread_url, own.form_facts,
       author.is_proven AS author_is_proven, author.published_count AS author_published,
       author.rejected_count AS author_rejected, author.spam_count AS author_spam,
       by_author.last_10_minutes AS author_last_10_minutes, by_author.last_day AS author_last_day,
       by_ip.last_10_minutes AS ip_last_10_minutes, by_ip.last_day AS ip_last_day
FROM comment AS own
JOIN revision ON revision.id = own.current_revision_id
JOIN author ON author.id = own.author_id
JOIN thread ON thread.id = own.thread_id
CROSS JOIN LATERAL {_counts("other.author_id = own.author_id")} AS by_author
CROSS JOIN LATERAL {_counts("other.site_id = own.site_id AND other.ip_hash = own.ip_hash")} AS by_ip
WHERE own.id = ANY(%(ids)s::uuid[])
ORDER BY own.id
"""

# A copy of the same words under the same address by another hand is a stranger's: see `Comment.claim`.
_FOUND = """
    own.id AS own_id, other.id, other.status,
    other.author_id = own.author_id AND other.claim IS NOT DISTINCT FROM own.claim AS same_author,
    other.thread_id = own.thread_id AS same_thread,
    EXTRACT(EPOCH FROM own.submitted_at - other.submitted_at)::float8 AS age_s
"""

# The very same characters: found even while the other one is still being screened.
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

# A shared band makes a candidate; how much two texts share is measured afterwards.
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
