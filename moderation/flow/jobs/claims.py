"""Claims on jobs: take due jobs, hold them, and give them back unrun."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import connection

from moderation.flow.jobs.kinds import Kind
from moderation.lib.arrays import int_array, uuid_array

# A lease has ended when it is older than its term, or lies in the future (a clock was set back).
_IS_FREE = """(
    leased_at IS NULL
    OR leased_at < clock_timestamp() - make_interval(secs => %(lease_s)s)
    OR leased_at > clock_timestamp() + interval '1 second'
)"""
_IS_DUE = f"kind = %(kind)s AND state = 'open' AND due_at <= clock_timestamp() AND {_IS_FREE}"
_TAKE = """
UPDATE job SET leased_at = clock_timestamp(), lease_token = gen_random_uuid(),
               attempts = LEAST(attempts + 1, 1000), again = false
WHERE id = ANY(ARRAY(SELECT id FROM picked))
RETURNING id, site_id, subject_id, lease_token, attempts
"""

# The recursive part walks from site to site along the index, so that a site with a million due
# jobs costs no more than one with a single job, and each site gets an equal share of the batch.
_CLAIM_FRESH_SQL = f"""
WITH RECURSIVE due_site (site_id) AS (
    (SELECT site_id FROM job WHERE {_IS_DUE} AND attempts = 0 ORDER BY site_id LIMIT 1)
    UNION ALL
    SELECT (SELECT job.site_id FROM job
            WHERE {_IS_DUE} AND attempts = 0 AND job.site_id > due_site.site_id
            ORDER BY job.site_id LIMIT 1)
    FROM due_site WHERE due_site.site_id IS NOT NULL
), share AS (
    SELECT site_id, GREATEST(1, %(limit)s / count(*) OVER ()) AS size
    FROM due_site WHERE site_id IS NOT NULL ORDER BY random() LIMIT %(limit)s
), picked AS MATERIALIZED (
    SELECT due.id FROM share CROSS JOIN LATERAL (
        SELECT id FROM job
        WHERE {_IS_DUE} AND attempts = 0 AND job.site_id = share.site_id
        ORDER BY due_at, id LIMIT share.size FOR UPDATE SKIP LOCKED
    ) AS due
)
{_TAKE}
"""

_CLAIM_RETRY_SQL = f"""
WITH picked AS MATERIALIZED (
    SELECT id FROM job WHERE {_IS_DUE} AND attempts > 0
    ORDER BY due_at, id LIMIT 1 FOR UPDATE SKIP LOCKED
)
{_TAKE}
"""

_CLAIM_ONE_SQL = f"""
WITH picked AS MATERIALIZED (
    SELECT id FROM job WHERE {_IS_DUE} AND subject_id = %(subject)s FOR UPDATE SKIP LOCKED
)
{_TAKE}
"""

_RENEW_SQL = """
UPDATE job SET leased_at = clock_timestamp()
FROM unnest(%(ids)s::bigint[], %(tokens)s::uuid[]) AS lease (id, token)
WHERE job.id = lease.id AND job.lease_token = lease.token AND job.state = 'open'
"""

_RELEASE_SQL = """
UPDATE job SET leased_at = NULL, lease_token = NULL, attempts = GREATEST(0, attempts - 1),
               due_at = clock_timestamp() + make_interval(secs => %(delay_s)s)
FROM unnest(%(ids)s::bigint[], %(tokens)s::uuid[]) AS lease (id, token)
WHERE job.id = lease.id AND job.lease_token = lease.token AND job.state = 'open'
"""


@dataclass(frozen=True, slots=True)
class Lease:
    """A claimed job. Nothing may be written for it without this `token`."""

    job_id: int
    site_id: UUID
    subject_id: UUID
    token: UUID
    attempts: int


def claim(kind: Kind, *, retries: bool = False, most: int = 0) -> list[Lease]:
    """Lease due jobs of `kind`, at most its batch or `most`, an equal share for each site. The attempt is
    counted at once.

    With `retries` it leases at most one job, which has failed before: a job that crashes its worker must not
    use up the attempts of other jobs.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            _CLAIM_RETRY_SQL if retries else _CLAIM_FRESH_SQL,
            {"kind": kind.name, "limit": most or kind.batch, "lease_s": kind.lease_s},
        )
        return [Lease(*row) for row in cursor.fetchall()]


def claim_subject(kind: Kind, subject_id: UUID) -> Lease | None:
    """Lease the due job of one subject, for whoever has to know its result at once; None if there is none, or
    somebody else has it.
    """
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM_ONE_SQL, {"kind": kind.name, "subject": subject_id, "lease_s": kind.lease_s})
        row = cursor.fetchone()
    return Lease(*row) if row else None


def renew(leases: Sequence[Lease]) -> int:
    """Renew `leases` for another full term; return how many are still ours."""
    with connection.cursor() as cursor:
        cursor.execute(_RENEW_SQL, tokens_of(leases))
        return int(cursor.rowcount)


def release(leases: Sequence[Lease], *, delay_s: float = 0) -> None:
    """Give back jobs that were not run, or that failed for an outside reason: the attempt is not counted."""
    if not leases:
        return
    with connection.cursor() as cursor:
        cursor.execute(_RELEASE_SQL, {**tokens_of(leases), "delay_s": delay_s})


def tokens_of(leases: Sequence[Lease]) -> dict[str, str]:
    """The jobs and tokens of `leases` as the parameters of a statement."""
    in_order = sorted(leases, key=lambda lease: lease.job_id)  # so that rows are mostly locked in this order
    return {
        "ids": int_array(lease.job_id for lease in in_order),
        "tokens": uuid_array(lease.token for lease in in_order),
    }
