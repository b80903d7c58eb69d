"""What the installation knows about the domains that a batch of comments links to."""

from collections.abc import Collection, Mapping
from uuid import UUID

import orjson
from django.db import connection

from moderation.engine.facts import DomainFacts
from moderation.privacy import vault

# Latest lessons looked at per domain, of spam and of ham each, so that neither drives the other out.
MOST_LESSONS = 100
# A lesson weighs half after so many days.
HALF_LIFE_DAYS = 30
# What another site's lessons weigh together at most: no site speaks for all.
MOST_OF_ANOTHER_SITE = 3.0

# For so long an installation gets to know what its readers link to: until then no domain is told to be new.
SETTLED_DAYS = 14


def _lately(is_spam: str) -> str:
    return f"""(
        SELECT site_id, author_id, is_spam, created_at FROM domain_lesson
        WHERE domain = wanted.domain AND {is_spam} ORDER BY created_at DESC LIMIT {MOST_LESSONS}
    )"""


FACTS_SQL = f"""
SELECT wanted.site_id, wanted.domain,
       COALESCE(lessons.spam, 0), COALESCE(lessons.ham, 0),
       COALESCE(lessons.spam_decisions, 0)::int, COALESCE(lessons.spam_authors, 0)::int,
       COALESCE(lessons.ham_authors, 0)::int, COALESCE(lessons.ham_sites, 0)::int,
       CASE WHEN young.is_told
            THEN COALESCE(EXTRACT(EPOCH FROM statement_timestamp() - record.first_seen_at), 0)::float8 / 86400
       END,
       EXTRACT(EPOCH FROM statement_timestamp() - record.last_seen_at)::float8 / 86400
FROM json_to_recordset(%(wanted)s::json) AS wanted (site_id uuid, domain uuid)
CROSS JOIN (
    SELECT EXISTS (
        SELECT 1 FROM domain_record
        WHERE first_seen_at < statement_timestamp() - interval '{SETTLED_DAYS} days'
    ) AS is_told
) AS young
LEFT JOIN domain_record AS record ON record.domain = wanted.domain
CROSS JOIN LATERAL (
    SELECT sum(weight) FILTER (WHERE is_spam) AS spam, sum(weight) FILTER (WHERE NOT is_spam) AS ham,
           sum(decisions) FILTER (WHERE is_spam) AS spam_decisions,
           sum(authors) FILTER (WHERE is_spam) AS spam_authors,
           sum(authors) FILTER (WHERE NOT is_spam) AS ham_authors,
           count(*) FILTER (WHERE NOT is_spam) AS ham_sites
    FROM (
        SELECT is_spam, count(*) AS decisions, count(DISTINCT author_id) AS authors,
               LEAST(sum(weight), CASE WHEN site_id = wanted.site_id THEN 'Infinity'
                                  ELSE {MOST_OF_ANOTHER_SITE} END::float8) AS weight
        FROM (
            SELECT DISTINCT ON (site_id, author_id, is_spam, (created_at AT TIME ZONE 'UTC')::date)
                   site_id, author_id, is_spam,
                   power(0.5, EXTRACT(EPOCH FROM statement_timestamp() - created_at)::float8
                              / 86400 / {HALF_LIFE_DAYS}) AS weight
            FROM ({_lately("is_spam")} UNION ALL {_lately("NOT is_spam")}) AS latest
            ORDER BY site_id, author_id, is_spam, (created_at AT TIME ZONE 'UTC')::date, created_at DESC
        ) AS one_a_day
        GROUP BY site_id, is_spam
    ) AS of_site
) AS lessons
"""

# A site, and a domain that a comment there leads to.
Asked = tuple[UUID, str]


def load_domains(asked: Collection[Asked]) -> dict[Asked, DomainFacts]:
    """Facts of each domain as they count on that site. One query; none where nothing is asked.

    Only sums of other sites' rows are returned. While the index key is being changed, domains that are
    unknown under the new key are looked up under the former ones.
    """
    if not asked:
        return {}
    found = _load({vault.domain_key(domain): domain for _, domain in asked}, asked)
    if vault.has_former_index_keys():
        unknown = [each for each, facts in found.items() if facts.noted_days is None]
        keys = {key: domain for _, domain in unknown for key in vault.former_domain_keys(domain)}
        former = _load(keys, unknown)
        found |= {each: facts for each, facts in former.items() if facts.noted_days is not None}
    return found


def _load(names: Mapping[UUID, str], asked: Collection[Asked]) -> dict[Asked, DomainFacts]:
    """`names`: the domain that each key stands for. Where several stand for one, the last that is known."""
    wanted = [
        {"site_id": site_id, "domain": key}
        for key, name in names.items()
        for site_id in {site_id for site_id, domain in asked if domain == name}
    ]
    if not wanted:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(FACTS_SQL, {"wanted": orjson.dumps(wanted).decode()})
        return {(row[0], names[row[1]]): DomainFacts(*row[2:]) for row in cursor.fetchall()}
