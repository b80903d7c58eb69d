"""The statements behind `seal.py`."""

from moderation.queries.audit_chain import EVENT_FIELDS, TIME_FORMAT

# Read before `WRITERS_SQL`: whoever has drawn an id up to this one held its lock before.
LAST_DRAWN_SQL = "SELECT pg_sequence_last_value(pg_get_serial_sequence('audit_event', 'id')::regclass)"

# Whoever writes the table holds this lock from before it draws an id until after its commit shows.
WRITERS_SQL = """
SELECT virtualtransaction FROM pg_locks
WHERE locktype = 'relation' AND relation = 'audit_event'::regclass AND mode = 'RowExclusiveLock' AND granted
  AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
  AND pid IS DISTINCT FROM pg_backend_pid()
"""

# Its own number space: any fixed number that nothing else in this database uses.
LOCK_SQL = "SELECT pg_try_advisory_xact_lock(5511210141)"

EVENTS_SQL = f"""
SELECT {EVENT_FIELDS} FROM audit_event AS event
WHERE id > %(after)s AND id <= %(up_to)s ORDER BY id LIMIT %(limit)s
"""

NUMBERS_SQL = """
SELECT site.id::text, (SELECT number FROM audit_link WHERE audit_link.site_id = site.id
                       ORDER BY number DESC LIMIT 1)
FROM unnest(%(sites)s::uuid[]) AS site (id)
"""

LINK_SQL = """
INSERT INTO audit_link (event_id, site_id, number, digest)
SELECT * FROM unnest(%(events)s::bigint[], %(sites)s::uuid[], %(numbers)s::bigint[], %(digests)s::bytea[])
"""

TIME_SQL = (
    f"SELECT moment, to_char(moment AT TIME ZONE 'UTC', '{TIME_FORMAT}') FROM clock_timestamp() AS moment"
)
