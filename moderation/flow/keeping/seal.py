"""Seal: gives settled audit events their number at their site and a place in the hash chain.

One job for all sites does this seconds after the events were written, so that no writer of an event waits for
the head of the chain. See `docs/adr/0009-audit-is-sealed-afterwards.md`.
"""

import time
from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Any

from django.db import connection, transaction

from moderation.domain.audit_chain import (
    GENESIS,
    NO_SITE,
    Seal,
    digest_event,
    digest_events,
    hash_seal,
)
from moderation.flow import jobs
from moderation.flow.jobs import Lease
from moderation.flow.jobs.kinds import BACKGROUND, Kind
from moderation.flow.jobs.registry import register
from moderation.models import AuditSeal
from moderation.queries.audit_chain import EVENT_FIELDS, TIME_FORMAT

EVERY_S = 5.0
# There is one job, and a batch of two is never full: no wake-up for a second worker is sent.
SEAL = Kind("seal", BACKGROUND, lease_s=30, batch=2, repeats_in_s=EVERY_S, is_standing=True)
# Events per seal and transaction: few enough to search when a seal does not fit.
STEP = 1_000
# How long one run waits for writers, and how long it seals.
PATIENCE_S = 2.0
BUDGET_S = 4.0
_LOOK_EVERY_S = 0.05

# Read before `_WRITERS_SQL`: a writer that has drawn an id up to this one held its lock before.
_LAST_DRAWN_SQL = "SELECT pg_sequence_last_value(pg_get_serial_sequence('audit_event', 'id')::regclass)"

# A writer of the table holds this lock from before it draws an id until after its commit is visible.
_WRITERS_SQL = """
SELECT virtualtransaction FROM pg_locks
WHERE locktype = 'relation' AND relation = 'audit_event'::regclass AND mode = 'RowExclusiveLock' AND granted
  AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
  AND pid IS DISTINCT FROM pg_backend_pid()
"""

# Any fixed number that no other advisory lock of this database uses.
_LOCK_SQL = "SELECT pg_try_advisory_xact_lock(5511210141)"

_EVENTS_SQL = f"""
SELECT {EVENT_FIELDS} FROM audit_event AS event
WHERE id > %(after)s AND id <= %(up_to)s ORDER BY id LIMIT %(limit)s
"""

_NUMBERS_SQL = """
SELECT site.id::text, (SELECT number FROM audit_link WHERE audit_link.site_id = site.id
                       ORDER BY number DESC LIMIT 1)
FROM unnest(%(sites)s::uuid[]) AS site (id)
"""

_LINK_SQL = """
INSERT INTO audit_link (event_id, site_id, number, digest)
SELECT * FROM unnest(%(events)s::bigint[], %(sites)s::uuid[], %(numbers)s::bigint[], %(digests)s::bytea[])
"""

_TIME_SQL = (
    f"SELECT moment, to_char(moment AT TIME ZONE 'UTC', '{TIME_FORMAT}') FROM clock_timestamp() AS moment"
)


def _seal_batch(leases: Sequence[Lease], runner: str) -> None:
    jobs.run_each(SEAL, leases, _seal, lambda lease: jobs.finish_and_repeat(lease, in_s=EVERY_S))


seal_due = register(SEAL, _seal_batch)


def _seal(lease: Lease) -> None:
    started = time.monotonic()
    settled = find_settled_id()
    is_done = False
    while not is_done and time.monotonic() - started < BUDGET_S:
        is_done = seal_step(settled) < STEP
    jobs.finish_and_repeat(lease, in_s=EVERY_S if is_done else 0)


def find_settled_id(*, patience_s: float = PATIENCE_S) -> int:
    """An id up to which no event can appear any more; 0 if writers last longer than `patience_s`.

    Ids are drawn when a row is written and become visible when it is committed, in any order. So this reads
    the last id drawn, then who is writing, and waits until all of those have ended; later writers draw a
    higher id. Locks nothing. Must be called outside of a transaction.
    """
    deadline = time.monotonic() + patience_s
    with connection.cursor() as cursor:
        cursor.execute(_LAST_DRAWN_SQL)
        last: int = cursor.fetchone()[0] or 0
        writers = _writers(cursor)
        while writers:
            if time.monotonic() > deadline:
                return 0
            time.sleep(_LOOK_EVERY_S)
            writers &= _writers(cursor)
    return last


@transaction.atomic
def seal_step(settled: int, *, limit: int = STEP) -> int:
    """Write one seal over the next events up to the id `settled`, at most `limit` of them.

    Returns how many it sealed; also 0 when another sealer is at work. Takes an advisory lock.
    """
    with connection.cursor() as cursor:
        cursor.execute(_LOCK_SQL)
        if not cursor.fetchone()[0]:
            return 0
        last = AuditSeal.objects.order_by("-number").first()
        after = last.to_id if last else 0
        cursor.execute(_EVENTS_SQL, {"after": after, "up_to": settled, "limit": limit})
        rows = cursor.fetchall()
        if rows:
            digests = _link(cursor, rows)
            _append(cursor, last, digests, to_id=settled if len(rows) < limit else rows[-1][0])
        return len(rows)


def _writers(cursor: Any) -> set[str]:
    cursor.execute(_WRITERS_SQL)
    return {row[0] for row in cursor.fetchall()}


def _link(cursor: Any, rows: Sequence[tuple[Any, ...]]) -> list[bytes]:
    """Number the events and store their digests; returns the digests in the same order."""
    sites = [site_id or str(NO_SITE) for _, site_id, *_ in rows]
    cursor.execute(_NUMBERS_SQL, {"sites": sorted(set(sites))})
    taken: dict[str, int] = {site_id: number or 0 for site_id, number in cursor.fetchall()}
    numbers = []
    for site_id in sites:
        taken[site_id] += 1
        numbers.append(taken[site_id])
    digests = [digest_event(number, row) for number, row in zip(numbers, rows, strict=True)]
    links = {"events": [row[0] for row in rows], "sites": sites, "numbers": numbers, "digests": digests}
    cursor.execute(_LINK_SQL, links)
    return digests


def _append(cursor: Any, last: AuditSeal | None, digests: Sequence[bytes], *, to_id: int) -> None:
    cursor.execute(_TIME_SQL)
    moment, written = cursor.fetchone()
    seal = Seal(
        number=last.number + 1 if last else 1,
        from_id=last.to_id + 1 if last else 1,
        to_id=to_id,
        count=len(digests),
        sealed_at=written,
        previous_hash=bytes(last.hash) if last else GENESIS,
        hash=b"",
    )
    seal = replace(seal, hash=hash_seal(seal, events=digest_events(digests)))
    AuditSeal.objects.create(**asdict(seal) | {"sealed_at": moment})
