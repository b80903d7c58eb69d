"""Whether a wave of spam runs on a site: measured by what became of its latest comments."""

from collections.abc import Collection
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import connection

from moderation.domain.work import WorkMode
from moderation.lib.clock import now
from moderation.lib.uuid7 import first_uuid7
from moderation.models import Site

WINDOW = timedelta(minutes=10)
LEAST_SPAM = 20
# No site publishes so many comments in ten minutes that more of them would tell more.
_MOST_COUNTED = 2_000

# Both counts are short scans of the index (site, status, id), since ids rise with time. What was imported
# lately was submitted long ago.
_WAVES_SQL = """
SELECT wanted.id FROM unnest(%(site_ids)s::uuid[]) AS wanted (id)
CROSS JOIN LATERAL (
    SELECT count(*) AS number FROM (
        SELECT FROM comment WHERE site_id = wanted.id AND status = 'spam'
        AND id >= %(first)s AND submitted_at >= %(since)s LIMIT %(most)s
    ) AS counted
) AS spam
CROSS JOIN LATERAL (
    SELECT count(*) AS number FROM (
        SELECT FROM comment WHERE site_id = wanted.id AND status = 'published'
        AND id >= %(first)s AND submitted_at >= %(since)s LIMIT %(most)s
    ) AS counted
) AS published
WHERE spam.number >= %(least)s AND spam.number >= published.number
"""


def sites_asking_for_work(sites: Collection[Site]) -> set[UUID]:
    """Those that hold readers' comments without a proof of work now. No query unless one asks in waves."""
    always = {site.id for site in sites if site.proof_of_work == WorkMode.ALWAYS}
    in_waves = [site.id for site in sites if site.proof_of_work == WorkMode.WAVE]
    return always | find_waves(in_waves) if in_waves else always


def find_waves(site_ids: Collection[UUID]) -> set[UUID]:
    """The sites with a wave of spam: in the last ten minutes at least 20 comments turned out to be spam, and
    no fewer than were published. One query.
    """
    since = now() - WINDOW
    given: dict[str, Any] = {
        "site_ids": list(site_ids),
        "first": first_uuid7(since),
        "since": since,
        "least": LEAST_SPAM,
        "most": _MOST_COUNTED,
    }
    with connection.cursor() as cursor:
        cursor.execute(_WAVES_SQL, given)
        return {site_id for (site_id,) in cursor.fetchall()}
