"""The statements behind `contexts.py`: one index probe per fact, each bounded."""


def _count(same: str, span: str) -> str:
    """Comments before this one within `span`, counted up to 100."""
    return f"""(SELECT count(*) FROM (
        SELECT 1 FROM comment AS other
        WHERE {same} AND other.id <> own.id
          AND other.submitted_at <= own.submitted_at
          AND other.submitted_at > own.submitted_at - interval '{span}'
        LIMIT 100) AS counted)"""


_SAME_AUTHOR = "other.author_id = own.author_id"
_SAME_IP = "other.site_id = own.site_id AND other.ip_hash = own.ip_hash"

RATE_SQL = f"""
SELECT own.id,
       {_count(_SAME_AUTHOR, "10 minutes")}, {_count(_SAME_AUTHOR, "1 day")},
       {_count(_SAME_IP, "10 minutes")}, {_count(_SAME_IP, "1 day")}
FROM comment AS own WHERE own.id = ANY(%(ids)s::uuid[])
"""

_FOUND = """
    own.id, other.id, other.status, other.author_id = own.author_id, other.thread_id = own.thread_id,
    EXTRACT(EPOCH FROM own.submitted_at - other.submitted_at)::float8
"""

# The very same characters: found even while the other one is still being screened.
SAME_SQL = f"""
SELECT {_FOUND}, true, ''
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
NEAR_SQL = f"""
SELECT {_FOUND}, false, revision.body
FROM unnest(%(ids)s::uuid[], %(bands)s::bigint[]) AS wanted (id, band)
JOIN comment AS own ON own.id = wanted.id
CROSS JOIN LATERAL (
    SELECT comment_id FROM fingerprint
    WHERE fingerprint.site_id = own.site_id AND fingerprint.band = wanted.band
      AND fingerprint.created_at > own.created_at - make_interval(days => %(days)s)
      AND fingerprint.comment_id <> own.id
    ORDER BY fingerprint.created_at DESC LIMIT %(most)s
) AS near
JOIN comment AS other ON other.id = near.comment_id AND other.body_hash <> own.body_hash
    AND (other.created_at, other.id) < (own.created_at, own.id)
JOIN revision ON revision.id = other.current_revision_id
"""
