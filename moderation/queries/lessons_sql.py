"""The statements behind `lessons.py`."""

# The latest of a site's persons' decisions, of each person and hour no more than so many, in one walk
# along `decision_by_person`; then for each of their comments the decision that stands: the latest of a
# person that was not undone. What is gone teaches nothing.
STANDING_SQL = """
WITH latest AS MATERIALIZED (
    SELECT id, comment_id, actor_user_id, actor_key_id, created_at FROM decision
    WHERE site_id = %(site)s AND actor_kind = 'person'
    ORDER BY id DESC LIMIT %(look_back)s
), counted AS (
    SELECT comment_id, row_number() OVER (ORDER BY id DESC) AS place, row_number() OVER (
        PARTITION BY actor_user_id, actor_key_id, date_trunc('hour', created_at) ORDER BY id DESC
    ) AS number
    FROM latest
), touched AS MATERIALIZED (
    SELECT comment_id FROM counted WHERE number <= %(most_an_hour)s
    GROUP BY comment_id ORDER BY min(place) LIMIT %(most)s
), standing AS (
    SELECT DISTINCT ON (comment_id) decision.*
    FROM touched JOIN decision USING (comment_id)
    WHERE actor_kind = 'person' AND action <> 'restore'
      AND NOT EXISTS (SELECT 1 FROM decision AS back WHERE back.reverses_id = decision.id)
    ORDER BY comment_id, comment_version DESC
)
SELECT standing.id, standing.comment_id, standing.revision_id, standing.action, standing.reason,
       concat_ws('/', standing.actor_user_id::text, standing.actor_key_id::text,
                 floor(extract(epoch FROM standing.created_at) / 3600)::bigint::text)
FROM standing JOIN comment ON comment.id = standing.comment_id
WHERE comment.status NOT IN ('deleted', 'erased')
  AND standing.created_at > COALESCE(%(since)s::timestamptz, '-infinity')
ORDER BY standing.id
"""

TEXTS_SQL = """
SELECT revision.id, revision.body, comment.website, comment.author_id::text, author.is_proven,
       EXISTS (SELECT 1 FROM review_item WHERE comment_id = comment.id AND queue = 'sample')
FROM revision
JOIN comment ON comment.id = revision.comment_id
JOIN author ON author.id = comment.author_id
WHERE revision.id = ANY(%(ids)s::uuid[]) AND revision.site_id = %(site)s
"""
