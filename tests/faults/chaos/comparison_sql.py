"""The questions that a ledger and a database must answer alike. Each query finds what is wrong.

`expected` holds the accepted entries of the ledger, one row for each id that was answered.
"""

LOAD_SQL = """
CREATE TEMPORARY TABLE expected (
    entry int NOT NULL, comment_id uuid, way text NOT NULL, thread_key text NOT NULL,
    name text NOT NULL, body text NOT NULL
) ON COMMIT DROP
"""

# A form that was sent again and told "said already" names no id: what was said is looked for.
RESOLVE_SQL = """
UPDATE expected SET comment_id = comment.id
FROM comment JOIN thread ON thread.id = thread_id JOIN revision ON revision.id = current_revision_id
WHERE expected.comment_id IS NULL AND thread.key = thread_key AND author_name = name
  AND revision.body = expected.body AND comment.id NOT IN
      (SELECT comment_id FROM expected WHERE comment_id IS NOT NULL)
"""

LOST = {
    "accepted, but not there": """
        SELECT entry FROM expected LEFT JOIN comment ON comment.id = comment_id WHERE comment.id IS NULL
    """,
    "another text": """
        SELECT entry FROM expected JOIN comment ON comment.id = comment_id
        LEFT JOIN revision ON revision.id = current_revision_id
        WHERE revision.body IS DISTINCT FROM expected.body OR author_name <> name
    """,
    "another thread": """
        SELECT entry FROM expected JOIN comment ON comment.id = comment_id
        JOIN thread ON thread.id = thread_id WHERE thread.key <> thread_key
    """,
    "no sealed address": """
        SELECT entry FROM expected JOIN comment ON comment.id = comment_id
        WHERE NOT EXISTS (SELECT FROM contact WHERE contact.comment_id = comment.id AND sealed <> '')
    """,
}

UNSCREENED = {
    "still in screening": "SELECT id FROM comment WHERE status = 'screening'",
    "open screening job": "SELECT subject_id FROM job WHERE kind = 'screen' AND state = 'open'",
    "waits without a job": """
        SELECT id FROM comment WHERE status = 'screening' AND NOT EXISTS (
            SELECT FROM job WHERE kind = 'screen' AND state = 'open' AND subject_id = comment.id)
    """,
    "leased for ever": """
        SELECT id FROM job WHERE state = 'open' AND (
            leased_at < clock_timestamp() - interval '90 seconds'
            OR leased_at > clock_timestamp() + interval '1 second')
    """,
    "neither screened nor given to a person": """
        SELECT id FROM comment WHERE status <> 'screening'
        AND NOT EXISTS (SELECT FROM screening WHERE comment_id = comment.id)
        AND NOT EXISTS (SELECT FROM job WHERE kind = 'screen' AND state = 'dead' AND subject_id = comment.id)
    """,
}

DOUBLED = {
    "several comments for one entry": """
        SELECT entry FROM expected GROUP BY entry HAVING count(DISTINCT comment_id) > 1
    """,
    "one comment for several entries": """
        SELECT comment_id FROM expected GROUP BY comment_id HAVING count(DISTINCT entry) > 1
    """,
    "a comment that nobody was promised": """
        SELECT id FROM comment WHERE email_domain = %(domain)s
        AND id NOT IN (SELECT comment_id FROM expected WHERE comment_id IS NOT NULL)
    """,
    "not one idempotency key": """
        SELECT comment_id FROM expected WHERE way = 'api' AND
        (SELECT count(*) FROM idempotency_key AS kept WHERE kept.comment_id = expected.comment_id) <> 1
    """,
    "not exactly one revision": """
        SELECT id FROM comment
        WHERE (SELECT count(*) FROM revision WHERE comment_id = comment.id) <> 1
    """,
    "several screenings of one revision": """
        SELECT revision_id FROM screening GROUP BY revision_id HAVING count(*) > 1
    """,
    "several verdicts": """
        SELECT comment_id FROM decision WHERE actor_kind = 'verdict' GROUP BY comment_id HAVING count(*) > 1
    """,
    "a version that is not one more than its decisions": """
        SELECT id FROM comment
        WHERE version <> 1 + (SELECT count(*) FROM decision WHERE comment_id = comment.id)
    """,
    "not one event of its submission": """
        SELECT comment.id FROM comment LEFT JOIN audit_event AS event
        ON event.subject_kind = 'comment' AND event.subject_id = comment.id::text
        AND event.kind = 'comment.submitted'
        GROUP BY comment.id HAVING count(event.id) <> 1
    """,
    "not one event for each decision": """
        SELECT decision.id FROM decision LEFT JOIN audit_event AS event
        ON event.subject_kind = 'comment' AND event.subject_id = decision.comment_id::text
        AND event.data ->> 'decision' = decision.id::text
        GROUP BY decision.id HAVING count(event.id) <> 1
    """,
    "not in the queue exactly while held": """
        SELECT comment.id FROM comment LEFT JOIN review_item AS item
        ON item.comment_id = comment.id AND item.queue <> 'sample' AND item.closed_at IS NULL
        GROUP BY comment.id HAVING count(item.id) <> (comment.status = 'held')::int
    """,
    "not shown exactly while published": """
        SELECT id FROM comment WHERE (status = 'published') <> (published_revision_id IS NOT NULL)
    """,
    "a thread that counts wrong": """
        SELECT id FROM thread WHERE published_count <>
            (SELECT count(*) FROM comment WHERE thread_id = thread.id AND status = 'published')
    """,
    "an author who counts wrong": """
        SELECT author.id FROM author LEFT JOIN comment ON author_id = author.id GROUP BY author.id
        HAVING (published_count, rejected_count, spam_count) IS DISTINCT FROM (
            (count(*) FILTER (WHERE status = 'published'))::int,
            (count(*) FILTER (WHERE status = 'rejected'))::int,
            (count(*) FILTER (WHERE status = 'spam'))::int)
    """,
}

PENDING_SQL = """
SELECT count(*) FROM (
    SELECT id FROM comment WHERE status = 'screening'
    UNION SELECT subject_id FROM job WHERE kind = 'screen' AND state = 'open'
) AS waiting
"""
RUNS_SQL = """
SELECT (SELECT count(*) FROM chaos_claim) - (SELECT count(DISTINCT subject_id) FROM chaos_claim),
       (SELECT count(*) FROM job WHERE kind = 'screen' AND state = 'dead')
"""
RUNNERS_SQL = "SELECT runner, count(*) FROM screening GROUP BY runner ORDER BY runner"
