"""The statements behind `jobs.py`. `clock_timestamp()` everywhere: the database's clock decides."""

# A lease is over when it is older than its term or comes from the future (a clock was set back).
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

ENQUEUE_SQL = """
INSERT INTO job (kind, site_id, subject_id, due_at)
SELECT %(kind)s, site_id, subject_id, clock_timestamp() + make_interval(secs => %(delay_s)s)
FROM unnest(%(sites)s::uuid[], %(subjects)s::uuid[]) AS wanted (site_id, subject_id)
ORDER BY subject_id
ON CONFLICT (kind, subject_id) WHERE state = 'open' DO UPDATE
SET again = job.again OR job.leased_at IS NOT NULL, due_at = LEAST(job.due_at, excluded.due_at)
"""

# The column needs a site, and the job of all sites takes the first.
STAND_SQL = """
INSERT INTO job (kind, site_id, subject_id, due_at)
SELECT wanted.kind, first.id, %(subject)s, clock_timestamp()
FROM unnest(%(kinds)s::text[]) AS wanted (kind) CROSS JOIN (SELECT id FROM site ORDER BY id LIMIT 1) AS first
ON CONFLICT (kind, subject_id) WHERE state = 'open' DO NOTHING
"""

# The recursive part walks from site to site along the index, so that a site with a million due
# jobs costs no more than one with a single job, and each site gets an equal share of the batch.
CLAIM_FRESH_SQL = f"""
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

CLAIM_RETRY_SQL = f"""
WITH picked AS MATERIALIZED (
    SELECT id FROM job WHERE {_IS_DUE} AND attempts > 0
    ORDER BY due_at, id LIMIT 1 FOR UPDATE SKIP LOCKED
)
{_TAKE}
"""

RENEW_SQL = """
UPDATE job SET leased_at = clock_timestamp()
FROM unnest(%(ids)s::bigint[], %(tokens)s::uuid[]) AS lease (id, token)
WHERE job.id = lease.id AND job.lease_token = lease.token AND job.state = 'open'
"""

RELEASE_SQL = """
UPDATE job SET leased_at = NULL, lease_token = NULL, attempts = GREATEST(0, attempts - 1),
               due_at = clock_timestamp() + make_interval(secs => %(delay_s)s)
FROM unnest(%(ids)s::bigint[], %(tokens)s::uuid[]) AS lease (id, token)
WHERE job.id = lease.id AND job.lease_token = lease.token AND job.state = 'open'
"""

# Runs after `FINISH_SQL`, which left out what was asked for again.
REPEAT_SQL = """
UPDATE job SET leased_at = NULL, lease_token = NULL, attempts = 0, again = false,
               due_at = clock_timestamp() + make_interval(secs => %(again_in_s)s)
FROM unnest(%(ids)s::bigint[], %(tokens)s::uuid[]) AS lease (id, token)
WHERE job.id = lease.id AND job.lease_token = lease.token AND job.state = 'open'
RETURNING job.id
"""

FINISH_SQL = """
DELETE FROM job
USING unnest(%(ids)s::bigint[], %(tokens)s::uuid[]) AS lease (id, token)
WHERE job.id = lease.id AND job.lease_token = lease.token AND job.state = 'open' AND NOT job.again
RETURNING job.id
"""

FAIL_SQL = """
UPDATE job SET leased_at = NULL, lease_token = NULL, last_error = %(error)s, attempts = %(attempts)s,
               again = again AND NOT %(is_repeat)s,
               due_at = clock_timestamp() + CASE WHEN again AND %(is_repeat)s THEN interval '0'
                                            ELSE make_interval(secs => %(in_s)s) END
WHERE id = %(id)s AND lease_token = %(token)s AND state = 'open'
"""

LOCK_SQL = """
SELECT id FROM job
WHERE id = ANY(%(ids)s::bigint[])
   OR (kind = %(kind)s AND subject_id = ANY(%(subjects)s::uuid[]) AND state = 'open')
ORDER BY id FOR UPDATE
"""

GIVE_UP_SQL = """
UPDATE job SET state = 'dead', leased_at = NULL, lease_token = NULL,
               last_error = COALESCE(NULLIF(last_error, ''), %(silence)s)
WHERE id = %(id)s AND lease_token = %(token)s AND state = 'open'
"""

LAST_ERROR_SQL = "SELECT COALESCE(NULLIF(last_error, ''), %(silence)s) FROM job WHERE id = %(id)s"

# At most five writes a second and kind, whatever the number of workers.
PULSE_SQL = """
INSERT INTO job_pulse (kind, claimed_at) VALUES (%(kind)s, clock_timestamp())
ON CONFLICT (kind) DO UPDATE SET claimed_at = clock_timestamp()
WHERE job_pulse.claimed_at NOT BETWEEN clock_timestamp() - interval '200 ms' AND clock_timestamp()
"""

# A due time further away than any pause of its kind comes from a clock that was set back.
HEAL_SQL = """
UPDATE job SET due_at = clock_timestamp()
FROM unnest(%(kinds)s::text[], %(furthest)s::float8[]) AS wanted (kind, furthest_s)
WHERE job.kind = wanted.kind AND job.state = 'open'
  AND job.due_at > clock_timestamp() + make_interval(secs => wanted.furthest_s)
"""

# Per kind: is something due and unclaimed, when did a worker last show life at it, and is there an open job
# of all sites?
LOOK_SQL = """
SELECT wanted.kind,
       EXISTS (
           SELECT 1 FROM job
           WHERE job.kind = wanted.kind AND job.state = 'open' AND job.due_at <= clock_timestamp()
             AND (job.leased_at IS NULL
                  OR job.leased_at < clock_timestamp() - make_interval(secs => wanted.lease_s)
                  OR job.leased_at > clock_timestamp() + interval '1 second')
       ),
       (SELECT claimed_at FROM job_pulse WHERE job_pulse.kind = wanted.kind),
       EXISTS (
           SELECT 1 FROM job
           WHERE job.kind = wanted.kind AND job.subject_id = %(standing)s AND job.state = 'open'
       )
FROM unnest(%(kinds)s::text[], %(leases)s::float8[]) AS wanted (kind, lease_s)
"""
