"""The statements behind `campaigns.py`: one bounded walk along an index per key."""

from moderation.domain.fingerprint import BANDS

WITHIN_HOURS = 24
# Latest rows looked at per key.
MOST_ROWS = 60
# Of 8: texts alike to 0.7 share two in 82 of 100 cases, to 0.3 in 2, where a single one is shared in 20.
SHARED_BANDS = 2
# Published comments that one campaign puts back to screening at a time.
MOST_REOPENED = 20


# Written out: a subquery for each row would be most of the cost.
_SHARED = " + ".join(
    f"COALESCE((bands[{number}] = wanted.bands[{number}])::int, 0)" for number in range(1, BANDS + 1)
)
_LATELY = f"""
    SELECT site_id, thread_id, author_id, comment_id, {_SHARED} >= {SHARED_BANDS} AS is_alike FROM (
        SELECT * FROM campaign_key
        WHERE key = wanted.key AND created_at > statement_timestamp() - interval '{WITHIN_HOURS} hours'
        ORDER BY created_at DESC LIMIT {MOST_ROWS}
    ) AS latest WHERE NOT has_record
"""
COUNT_SQL = f"""
SELECT wanted.id, wanted.is_new,
       count(DISTINCT author_id) FILTER (WHERE is_alike), count(DISTINCT thread_id) FILTER (WHERE is_alike),
       count(DISTINCT site_id) FILTER (WHERE is_alike),
       count(DISTINCT author_id) FILTER (WHERE is_new), count(DISTINCT thread_id) FILTER (WHERE is_new),
       count(DISTINCT site_id) FILTER (WHERE is_new)
FROM json_to_recordset(%(wanted)s::json) AS wanted (id uuid, key uuid, bands bigint[], is_new boolean)
CROSS JOIN LATERAL ({_LATELY}) AS found
GROUP BY wanted.id, wanted.key, wanted.is_new
"""
MEMBERS_SQL = f"""
SELECT DISTINCT comment.site_id, comment.id
FROM json_to_recordset(%(wanted)s::json) AS wanted (id uuid, key uuid, bands bigint[], is_new boolean)
CROSS JOIN LATERAL ({_LATELY}) AS found
JOIN comment ON comment.id = found.comment_id
WHERE is_alike AND comment.status = 'published' AND NOT comment.is_decided_by_person
ORDER BY comment.id DESC LIMIT {MOST_REOPENED}
"""
