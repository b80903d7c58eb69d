"""The end of a claimed job: finished, due again, failed, or dead."""

from collections.abc import Sequence
from uuid import UUID

from django.db import connection

from moderation.flow.jobs.claims import Lease, release, tokens_of
from moderation.flow.jobs.kinds import Kind
from moderation.lib.database_errors import is_nobodys_fault

# A run that crashes, hangs or uses too much memory is killed and cannot report why.
SILENCE = "No run said why: it crashed, hung or was killed"

_FINISH_SQL = """
DELETE FROM job
USING unnest(%(ids)s::bigint[], %(tokens)s::uuid[]) AS lease (id, token)
WHERE job.id = lease.id AND job.lease_token = lease.token AND job.state = 'open' AND NOT job.again
RETURNING job.id
"""

# Runs after `_FINISH_SQL`, which leaves out the jobs that were asked for again.
_REPEAT_SQL = """
UPDATE job SET leased_at = NULL, lease_token = NULL, attempts = 0, again = false,
               due_at = clock_timestamp() + make_interval(secs => %(again_in_s)s)
FROM unnest(%(ids)s::bigint[], %(tokens)s::uuid[]) AS lease (id, token)
WHERE job.id = lease.id AND job.lease_token = lease.token AND job.state = 'open'
RETURNING job.id
"""

_FAIL_SQL = """
UPDATE job SET leased_at = NULL, lease_token = NULL, last_error = %(error)s, attempts = %(attempts)s,
               again = again AND NOT %(is_repeat)s,
               due_at = clock_timestamp() + CASE WHEN again AND %(is_repeat)s THEN interval '0'
                                            ELSE make_interval(secs => %(in_s)s) END
WHERE id = %(id)s AND lease_token = %(token)s AND state = 'open'
"""

_LOCK_SQL = """
SELECT id FROM job
WHERE id = ANY(%(ids)s::bigint[])
   OR (kind = %(kind)s AND subject_id = ANY(%(subjects)s::uuid[]) AND state = 'open')
ORDER BY id FOR UPDATE
"""

_GIVE_UP_SQL = """
UPDATE job SET state = 'dead', leased_at = NULL, lease_token = NULL,
               last_error = COALESCE(NULLIF(last_error, ''), %(silence)s)
WHERE id = %(id)s AND lease_token = %(token)s AND state = 'open'
"""

_LAST_ERROR_SQL = "SELECT COALESCE(NULLIF(last_error, ''), %(silence)s) FROM job WHERE id = %(id)s"


def lock(kind: Kind, leases: Sequence[Lease], subject_ids: Sequence[UUID]) -> None:
    """Lock the jobs of `leases` and the open ones for `subject_ids`, in id order, until the transaction ends.

    For a caller that finishes some jobs and enqueues others: two callers that lock each other's jobs would
    otherwise deadlock.
    """
    ids = [lease.job_id for lease in leases]
    with connection.cursor() as cursor:
        cursor.execute(_LOCK_SQL, {"kind": kind.name, "ids": ids, "subjects": list(subject_ids)})


def finish(leases: Sequence[Lease], *, again_in_s: float = 0) -> list[Lease]:
    """End the jobs of `leases` and return those that were still ours to end.

    Call it in the transaction that writes the results. A job that is not returned was taken over by another
    run, and nothing may be written for it. Jobs asked for `again` stay, due in `again_in_s`.
    """
    with connection.cursor() as cursor:
        # In this order, because the second statement sees a request for `again` that the first one waited
        # for.
        cursor.execute(_FINISH_SQL, tokens_of(leases))
        ours = {row[0] for row in cursor.fetchall()}
        if len(ours) < len(leases):
            cursor.execute(_REPEAT_SQL, {**tokens_of(leases), "again_in_s": again_in_s})
            ours |= {row[0] for row in cursor.fetchall()}
    return [lease for lease in leases if lease.job_id in ours]


def finish_and_repeat(lease: Lease, *, in_s: float) -> bool:
    """End this run of a periodic job and make it due again after `in_s`; False if it was not ours.

    If it was asked for `again` meanwhile, it is due at once.
    """
    return _fail_or_repeat(lease, in_s=in_s, error="", is_repeat=True)


def fail(kind: Kind, lease: Lease, error: str) -> bool:
    """Give the job back after a failure, due after a growing pause; False if it was not ours.

    `error` names the kind of failure only: no text, no address.
    """
    pause_s = kind.backoff_s * 2**lease.attempts
    return _fail_or_repeat(lease, in_s=pause_s, error=error[:200], is_repeat=False)


def _fail_or_repeat(lease: Lease, *, in_s: float, error: str, is_repeat: bool) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            _FAIL_SQL,
            {
                "id": lease.job_id,
                "token": lease.token,
                "in_s": in_s,
                "error": error,
                "attempts": 0 if is_repeat else lease.attempts,
                "is_repeat": is_repeat,
            },
        )
        return bool(cursor.rowcount == 1)


def last_error(lease: Lease) -> str:
    """The last error that a failed run reported, or `SILENCE`."""
    with connection.cursor() as cursor:
        cursor.execute(_LAST_ERROR_SQL, {"id": lease.job_id, "silence": SILENCE})
        row = cursor.fetchone()
        return row[0] if row else SILENCE


def give_back(kind: Kind, leases: Sequence[Lease], error: Exception) -> None:
    """Give back a batch that failed as a whole: each job runs alone next, unless the fault was outside."""
    if is_nobodys_fault(error):
        release(leases, delay_s=kind.backoff_s)
        return
    for lease in leases:
        fail(kind, lease, type(error).__name__)


def give_up(lease: Lease) -> bool:
    """Mark the job as dead, for a person to see; False if it was not ours."""
    with connection.cursor() as cursor:
        cursor.execute(_GIVE_UP_SQL, {"id": lease.job_id, "token": lease.token, "silence": SILENCE})
        return bool(cursor.rowcount == 1)
