"""The statements behind `desk.py`: per site one walk along an index, then merged."""

HELD_SQL = """
SELECT item.comment_id, item.priority_at, item.id
FROM unnest(%(sites)s::uuid[]) AS wanted (site_id) CROSS JOIN LATERAL (
    SELECT comment_id, priority_at, id FROM review_item
    WHERE review_item.site_id = wanted.site_id AND queue = 'held' AND closed_at IS NULL
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

COUNT_SQL = """
SELECT wanted.site_id, counted.number
FROM unnest(%(sites)s::uuid[]) AS wanted (site_id) CROSS JOIN LATERAL (
    SELECT count(*) AS number FROM (
        SELECT 1 FROM review_item
        WHERE review_item.site_id = wanted.site_id AND queue = 'held' AND closed_at IS NULL
        LIMIT %(limit)s
    ) AS waiting
) AS counted
"""
