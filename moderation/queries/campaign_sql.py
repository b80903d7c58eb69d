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
# What is stored, and beside it what the batch is about to store. An author, thread or site counts once.
COUNT_SQL = f"""
WITH wanted AS MATERIALIZED (SELECT * FROM {_WANTED}), around AS MATERIALIZED (
    SELECT asked.key, latest.* FROM (SELECT DISTINCT key FROM wanted) AS asked
    CROSS JOIN LATERAL ({_LATEST}) AS latest WHERE NOT has_record
    UNION ALL
    SELECT key, site_id, thread_id, author_id, comment_id, bands, has_record FROM wanted
    WHERE is_first AND NOT has_record
), found AS (
    SELECT wanted.comment_id AS id, wanted.key, wanted.is_new, around.site_id, around.thread_id,
           around.author_id, {_IS_ALIKE} AS is_alike
    FROM wanted JOIN around USING (key)
)
SELECT id, is_new,
       count(DISTINCT author_id) FILTER (WHERE is_alike), count(DISTINCT thread_id) FILTER (WHERE is_alike),
       count(DISTINCT site_id) FILTER (WHERE is_alike),
       count(DISTINCT author_id) FILTER (WHERE is_new), count(DISTINCT thread_id) FILTER (WHERE is_new),
       count(DISTINCT site_id) FILTER (WHERE is_new)
FROM found GROUP BY id, key, is_new
"""
MEMBERS_SQL = f"""
SELECT DISTINCT comment.site_id, comment.id
FROM (SELECT * FROM {_WANTED}) AS wanted
CROSS JOIN LATERAL (SELECT wanted.key) AS asked
CROSS JOIN LATERAL ({_LATEST}) AS around
JOIN comment ON comment.id = around.comment_id
WHERE {_IS_ALIKE} AND NOT around.has_record
  AND comment.status = 'published' AND NOT comment.is_decided_by_person
ORDER BY comment.id DESC LIMIT {MOST_REOPENED}
"""
