"""The statements behind `desk.py`: per site and queue one walk along an index, then merged."""

# Each site's queues in which something waits, by jumping from one to the next along the index: all but
# the samples, or the one that is named.
_QUEUES = """
WITH RECURSIVE line AS (
    SELECT given.site_id, (
        SELECT queue FROM review_item
        WHERE review_item.site_id = given.site_id AND closed_at IS NULL ORDER BY queue LIMIT 1
    ) AS queue
    FROM unnest(%(sites)s::uuid[]) AS given (site_id)
    UNION ALL
    SELECT line.site_id, (
        SELECT queue FROM review_item
        WHERE review_item.site_id = line.site_id AND closed_at IS NULL AND review_item.queue > line.queue
        ORDER BY queue LIMIT 1
    )
    FROM line WHERE line.queue IS NOT NULL
), wanted AS (
    SELECT site_id, queue FROM line WHERE queue IS NOT NULL
      AND (queue = %(queue)s OR (%(queue)s = '' AND queue <> 'sample'))
)
"""

HELD_SQL = f"""
{_QUEUES}
SELECT item.comment_id, item.priority_at, item.id
FROM wanted CROSS JOIN LATERAL (
    SELECT comment_id, priority_at, id FROM review_item
    WHERE review_item.site_id = wanted.site_id AND review_item.queue = wanted.queue AND closed_at IS NULL
      AND (priority_at, id) > (%(at)s::timestamptz, %(id)s::bigint)
    ORDER BY priority_at, id LIMIT %(limit)s
) AS item
ORDER BY item.priority_at, item.id LIMIT %(limit)s
"""

STATUS_SQL = """
SELECT found.id
FROM unnest(%(sites)s::uuid[]) AS wanted (site_id) CROSS JOIN LATERAL (
    SELECT id FROM comment
    WHERE comment.site_id = wanted.site_id AND status = %(status)s AND id < %(before)s::uuid
    ORDER BY id DESC LIMIT %(limit)s
) AS found
ORDER BY found.id DESC LIMIT %(limit)s
"""

COUNT_SQL = f"""
{_QUEUES}
SELECT wanted.site_id, wanted.queue, counted.number
FROM wanted CROSS JOIN LATERAL (
    SELECT count(*) AS number FROM (
        SELECT 1 FROM review_item
        WHERE review_item.site_id = wanted.site_id AND review_item.queue = wanted.queue AND closed_at IS NULL
        LIMIT %(limit)s
    ) AS waiting
) AS counted
ORDER BY wanted.site_id, wanted.queue
"""
