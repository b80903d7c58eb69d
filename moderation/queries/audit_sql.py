"""How the audit chain's tables are read: the fields that are hashed, and both sides of a sealed range."""

TIME_FORMAT = 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'

# In the order of `domain/audit_chain.py`, from `audit_event AS event`.
EVENT_FIELDS = f"""
event.id, event.site_id::text, event.kind, event.subject_kind, event.subject_id, event.actor_kind,
event.actor_user_id, event.actor_key_id::text, event.data::text,
to_char(event.created_at AT TIME ZONE 'UTC', '{TIME_FORMAT}')
"""

SEALS_SQL = f"""
SELECT number, from_id, to_id, count, to_char(sealed_at AT TIME ZONE 'UTC', '{TIME_FORMAT}'),
       previous_hash, hash
FROM audit_seal WHERE number > %(after)s ORDER BY number LIMIT %(limit)s
"""

# Events without a link, links without an event, and pairs.
PLACES_SQL = f"""
SELECT link.event_id, link.site_id::text, link.number, link.digest, {EVENT_FIELDS}
FROM (SELECT * FROM audit_event WHERE id BETWEEN %(from_id)s AND %(to_id)s) AS event
FULL JOIN (SELECT * FROM audit_link WHERE event_id BETWEEN %(from_id)s AND %(to_id)s) AS link
       ON link.event_id = event.id
ORDER BY coalesce(event.id, link.event_id)
"""

# One statement, so that it sees one moment: the newest seal, and what lies behind it.
TAIL_SQL = """
SELECT coalesce(max(number), 0),
       (SELECT count(*) FROM audit_event WHERE id > (SELECT coalesce(max(to_id), 0) FROM audit_seal)),
       ARRAY(SELECT event_id FROM audit_link
             WHERE event_id > (SELECT coalesce(max(to_id), 0) FROM audit_seal) ORDER BY 1 LIMIT 100)
FROM audit_seal
"""
