"""The statements behind `submit.py`: one round trip stores a comment with all that belongs to it."""

# A second comment with the same text, author, parent and thread meets `comment_said_once` and
# stores nothing: the other parts select from the comment that was not inserted.
INSERT_SQL = """
WITH the_author AS (
    INSERT INTO author (id, site_id, address_hash, is_proven, published_count, rejected_count, spam_count)
    VALUES (%(author)s, %(site)s, %(address_hash)s, %(is_proven)s, 0, 0, 0)
    ON CONFLICT (site_id, address_hash) DO UPDATE SET is_proven = author.is_proven OR excluded.is_proven
    RETURNING id
), the_comment AS (
    INSERT INTO comment (
        id, site_id, thread_id, author_id, parent_id, root_id, depth, status, version,
        is_decided_by_person, author_name, website, email_mask, email_domain, body_hash,
        current_revision_id, form_facts, ip_prefix, ip_hash, submitted_at
    )
    SELECT %(comment)s, %(site)s, %(thread)s, id, %(parent)s, %(root)s, %(depth)s, 'screening', 1,
           false, %(name)s, %(website)s, %(email_mask)s, %(email_domain)s, %(body_hash)s,
           %(revision)s, %(form_facts)s, %(ip_prefix)s, %(ip_hash)s, %(submitted_at)s
    FROM the_author
    ON CONFLICT DO NOTHING
    RETURNING id, site_id
), the_revision AS (
    INSERT INTO revision (id, site_id, comment_id, number, body, body_html)
    SELECT %(revision)s, site_id, id, 1, %(body)s, '' FROM the_comment
), the_contact AS (
    INSERT INTO contact (comment_id, site_id, sealed)
    SELECT id, site_id, %(sealed)s FROM the_comment WHERE %(sealed)s <> ''
), the_job AS (
    INSERT INTO job (kind, site_id, subject_id) SELECT 'screen', site_id, id FROM the_comment
), the_event AS (
    INSERT INTO audit_event (site_id, kind, subject_kind, subject_id, actor_kind, data)
    SELECT site_id, 'comment.submitted', 'comment', id::text, 'reader', '{}'::jsonb FROM the_comment
)
SELECT id FROM the_comment
"""

REMEMBER_SQL = """
INSERT INTO idempotency_key (site_id, key, request_hash, comment_id) VALUES (%s, %s, %s, %s)
ON CONFLICT (site_id, key) DO NOTHING
"""
