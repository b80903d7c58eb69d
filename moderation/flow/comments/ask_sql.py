"""The statements behind `call.py`: may a service be called now, and how did it fare?

All by the database's clock.
"""

# This many failures in a row open the breaker.
OPEN_AFTER = 5
FIRST_PAUSE_S = 30
MOST_PAUSE_S = 600

_TODAY = "(clock_timestamp() AT TIME ZONE 'UTC')::date"


def _pause(failures: str) -> str:
    """Twice as long with each failure beyond the one that opened it."""
    return (
        f"make_interval(secs => LEAST({FIRST_PAUSE_S} * power(2, LEAST({failures} - {OPEN_AFTER}, 10)), "
        f"{MOST_PAUSE_S}))"
    )


# A moment further ahead than any pause comes from a clock that was set back.
_IS_PAUSED = f"""COALESCE(
    paused_until > clock_timestamp()
    AND paused_until <= clock_timestamp() + make_interval(secs => {MOST_PAUSE_S}), false
)"""

# Takes one call of the day's budget. When a pause is over it takes the next one at the same time, so
# that a single call tries whether the service is well again while all others still stay away.
TAKE_CALL_SQL = f"""
UPDATE remote_service
SET calls = CASE WHEN calls_on = {_TODAY} THEN calls + 1 ELSE 1 END, calls_on = {_TODAY},
    paused_until = CASE WHEN failures >= {OPEN_AFTER} THEN clock_timestamp() + {_pause("failures")} END
WHERE id = %(id)s AND NOT {_IS_PAUSED} AND %(budget)s > 0
  AND (calls_on IS DISTINCT FROM {_TODAY} OR calls < %(budget)s)
RETURNING id
"""

IS_PAUSED_SQL = f"SELECT {_IS_PAUSED} FROM remote_service WHERE id = %(id)s"

WELL_SQL = """
WITH mended AS (
    SELECT id FROM remote_service WHERE id = ANY(%(ids)s::uuid[]) AND failures > 0
    ORDER BY id FOR NO KEY UPDATE
)
UPDATE remote_service SET failures = 0, paused_until = NULL FROM mended WHERE remote_service.id = mended.id
"""

# Rows are locked in the order of their ids, as everywhere.
# Calls run side by side: however many of them fail at once, the first pause is the shortest.
UNWELL_SQL = f"""
WITH told AS (
    SELECT id, CASE WHEN failures < {OPEN_AFTER} THEN LEAST(failures + count, {OPEN_AFTER})
                    ELSE LEAST(failures + 1, 1000) END AS failures
    FROM remote_service JOIN unnest(%(ids)s::uuid[], %(counts)s::int[]) AS given (id, count) USING (id)
    ORDER BY id FOR NO KEY UPDATE OF remote_service
)
UPDATE remote_service SET failures = told.failures,
       paused_until = CASE WHEN told.failures >= {OPEN_AFTER}
                      THEN clock_timestamp() + {_pause("told.failures")} END
FROM told WHERE remote_service.id = told.id
"""
