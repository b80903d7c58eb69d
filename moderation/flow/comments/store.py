"""The one statement that stores a comment with all that belongs to it, in one round trip."""

from contextlib import nullcontext

import msgspec
from django.db import connection, transaction

from moderation.domain.work import WorkState
from moderation.flow.comments.new_comment import NewComment, StoreResult

# Constraints that tell a repetition.
SAID_ONCE, KEY_ONCE = "comment_said_once", "idempotency_key_once"

# All or nothing, without a transaction around it. Where the thread is missing or closed, or the parent
# cannot be answered, nothing is stored and the last line says why. A repeated key meets
# `idempotency_key_once`, a second comment with the same text, author, parent and thread
# `comment_said_once`: both are errors, and take back whatever else was written. Where the text stands
# already under the same address by another hand, it is stored with its `claim` (`flood.hash_claim`) at
# once: a second statement would tell by its time whose address the first one's is.
SUBMIT_SQL = """
WITH the_thread AS (
    SELECT id, COALESCE(is_open, %(site_is_open)s) AS is_open
    FROM thread WHERE site_id = %(site_id)s AND key = %(thread_key)s
), the_parent AS (
    SELECT parent.id, COALESCE(parent.root_id, parent.id) AS root_id, parent.depth + 1 AS depth,
           parent.status = 'published' AND parent.depth < %(most_depth)s AS is_answerable
    FROM the_thread JOIN comment AS parent ON parent.thread_id = the_thread.id
    WHERE parent.id = %(parent_id)s::uuid AND parent.site_id = %(site_id)s
), place AS (
    SELECT the_thread.id AS thread_id, the_parent.id AS parent_id, the_parent.root_id,
           COALESCE(the_parent.depth, 0) AS depth
    FROM the_thread LEFT JOIN the_parent ON true
    WHERE the_thread.is_open AND (%(parent_id)s::uuid IS NULL OR the_parent.is_answerable)
), known_author AS (
    SELECT id FROM author WHERE site_id = %(site_id)s AND address_hash = %(address_hash)s
), proven_author AS (
    UPDATE author SET is_proven = true FROM place
    WHERE site_id = %(site_id)s AND address_hash = %(address_hash)s AND %(is_proven)s::bool AND NOT is_proven
), new_author AS (
    INSERT INTO author (id, site_id, address_hash, is_proven, published_count, rejected_count, spam_count)
    SELECT %(author_id)s, %(site_id)s::uuid, %(address_hash)s, %(is_proven)s::bool, 0, 0, 0
    FROM place WHERE NOT EXISTS (SELECT FROM known_author)
    ON CONFLICT (site_id, address_hash) DO UPDATE SET is_proven = author.is_proven OR excluded.is_proven
    RETURNING id
), the_author AS (
    SELECT id FROM known_author UNION ALL SELECT id FROM new_author
), others_copy AS (
    SELECT FROM place JOIN comment AS said ON said.thread_id = place.thread_id
    WHERE %(claim)s::bigint IS NOT NULL AND said.author_id = (SELECT id FROM known_author)
      AND said.parent_id IS NOT DISTINCT FROM place.parent_id AND said.body_hash = %(body_hash)s
      AND said.claim IS NULL AND said.status NOT IN ('deleted', 'erased')
      AND (said.ip_hash IS NULL OR said.ip_hash IS DISTINCT FROM %(ip_hash)s
           OR said.author_name <> %(author_name)s)
), the_comment AS (
    INSERT INTO comment (
        id, site_id, thread_id, author_id, parent_id, root_id, depth, status, version,
        is_decided_by_person, author_name, website, email_mask, email_domain, body_hash, claim,
        current_revision_id, form_facts, ip_prefix, ip_hash, submitted_at
    )
    SELECT %(comment_id)s, %(site_id)s::uuid, thread_id, the_author.id, parent_id, root_id, depth,
           'screening', 1, false, %(author_name)s, %(website)s, %(email_mask)s, %(email_domain)s,
           %(body_hash)s,
           CASE WHEN %(is_others_copy)s::bool OR EXISTS (SELECT FROM others_copy) THEN %(claim)s::bigint END,
           %(revision_id)s, %(form_facts)s::jsonb, %(ip_prefix)s, %(ip_hash)s, %(submitted_at)s
    FROM place CROSS JOIN the_author
    RETURNING id, site_id
), the_revision AS (
    INSERT INTO revision (id, site_id, comment_id, number, body, body_html)
    SELECT %(revision_id)s, site_id, id, 1, %(body)s, '' FROM the_comment
), the_contact AS (
    INSERT INTO contact (comment_id, site_id, sealed)
    SELECT id, site_id, %(sealed)s::text FROM the_comment WHERE %(sealed)s::text <> ''
), the_key AS (
    INSERT INTO idempotency_key (site_id, key, request_hash, comment_id)
    SELECT site_id, %(idempotency_key)s::text, %(request_hash)s, id
    FROM the_comment WHERE %(idempotency_key)s::text <> ''
), the_job AS (
    INSERT INTO job (kind, site_id, subject_id) SELECT 'screen', site_id, id FROM the_comment
), the_event AS (
    INSERT INTO audit_event (site_id, kind, subject_kind, subject_id, actor_kind, data)
    SELECT site_id, 'comment.submitted', 'comment', id::text, 'reader', '{}'::jsonb FROM the_comment
)
SELECT EXISTS (SELECT FROM the_comment) AS is_stored,
       (SELECT is_open FROM the_thread) AS takes_comments,
       (SELECT is_answerable FROM the_parent) AS is_answerable
"""

# While the index key is being changed an author may stand under another hash. Nothing is written for that: it
# would tell by its time whose address is known.
_BY_ONE_HASH = """
    SELECT id FROM author WHERE site_id = %(site_id)s AND address_hash = %(address_hash)s
"""
_BY_ANY_HASH = """
    SELECT id FROM author WHERE site_id = %(site_id)s AND address_hash = ANY(%(address_hashes)s)
    ORDER BY address_hash <> %(address_hash)s LIMIT 1
"""
SUBMIT_BY_ANY_HASH_SQL = SUBMIT_SQL.replace(_BY_ONE_HASH, _BY_ANY_HASH).replace(
    "AND address_hash = %(address_hash)s AND %(is_proven)s::bool",
    "AND address_hash = ANY(%(address_hashes)s) AND %(is_proven)s::bool",
)

# Only few submissions ask for it, so the statement of all others stays as it is.
_THE_JOB = "the_job AS ("
_THE_LATE_VERDICT = """the_late_verdict AS (
    INSERT INTO late_verdict (comment_id, site_id, key_id, url, told, details)
    SELECT id, site_id, %(late_key_id)s, %(late_url)s, %(late_told)s, %(late_details)s::jsonb FROM the_comment
), """

# A challenge is used up by the comment that is stored with it, and only then. It may come a second time with
# another comment, at the same moment too: that one is stored as if its proof were worth nothing.
_THE_COMMENT = "the_comment AS ("
_THE_WORK = """the_work AS (
    INSERT INTO used_challenge (site_id, digest) SELECT %(site_id)s::uuid, %(work_digest)s FROM place
    ON CONFLICT DO NOTHING RETURNING id
), """
_THE_FACTS = "%(form_facts)s::jsonb"
_FACTS_OF_WORK = f"""{_THE_FACTS} || CASE WHEN EXISTS (SELECT FROM the_work) THEN '{{}}'::jsonb
           ELSE '{{"work": "{WorkState.USED}"}}'::jsonb END"""


def statement_for(comment: NewComment) -> str:
    """The statement that stores this comment with all that belongs to it."""
    statement = SUBMIT_SQL if len(comment.address_hashes) == 1 else SUBMIT_BY_ANY_HASH_SQL
    if comment.work_digest is not None:
        statement = statement.replace(_THE_FACTS, _FACTS_OF_WORK, 1)
        statement = statement.replace(_THE_COMMENT, _THE_WORK + _THE_COMMENT, 1)
    return statement.replace(_THE_JOB, _THE_LATE_VERDICT + _THE_JOB, 1) if comment.late_url else statement


def run_statement(comment: NewComment) -> StoreResult:
    """Store the comment, or learn why not.

    By itself the statement is a transaction; within one, a conflict must not end the caller's.
    """
    with transaction.atomic() if connection.in_atomic_block else nullcontext():
        with connection.cursor() as cursor:
            cursor.execute(statement_for(comment), msgspec.structs.asdict(comment))
            return StoreResult._make(cursor.fetchone())
