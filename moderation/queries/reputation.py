"""What the installation knows about the domains that a batch of comments links to."""

from collections.abc import Collection, Mapping
from uuid import UUID

import orjson
from django.db import connection

from moderation.engine.facts import DomainFacts
from moderation.privacy import vault

# The latest labels that are read per domain, of spam and of ham each, so that neither displaces the other.
MOST_LABELS = 100
# The weight of a label halves after this many days.
HALF_LIFE_DAYS = 30
# The most that the labels of another site weigh together, so that no site decides for all.
MOST_OF_ANOTHER_SITE = 3.0

# A new installation has seen few domains: until it has run for this long, no domain is reported as new.
SETTLED_DAYS = 14


def _lately(is_spam: str) -> str:
    return f"""(
        SELECT site_id, author_id, is_spam, created_at FROM domain_label
        WHERE domain = wanted.domain AND {is_spam} ORDER BY created_at DESC LIMIT {MOST_LABELS}
    )"""


FACTS_SQL = f"""
SELECT wanted.site_id, wanted.domain,
       COALESCE(labels.spam, 0), COALESCE(labels.ham, 0),
       COALESCE(labels.spam_decisions, 0)::int, COALESCE(labels.spam_authors, 0)::int,
       COALESCE(labels.ham_authors, 0)::int, COALESCE(labels.ham_sites, 0)::int,
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
) AS labels
"""

# A site, and a domain that a comment on this site links to.
Asked = tuple[UUID, str]


def load_domains(asked: Collection[Asked]) -> dict[Asked, DomainFacts]:
    """The facts about each domain, weighed for the site that asks. One query, or none for an empty batch.

    Only sums of other sites' rows are returned. While the index key is being changed, rows under the former
    ones count too: a domain's record may have moved already, and its labels not yet.
    """
    if not asked:
        return {}
    names = {vault.domain_key(domain): domain for _, domain in asked}
    if vault.has_former_index_keys():
        names |= {key: domain for _, domain in asked for key in vault.former_domain_keys(domain)}
    return _load(names, asked)


def _load(names: Mapping[UUID, str], asked: Collection[Asked]) -> dict[Asked, DomainFacts]:
    """`names`: the domain that each key stands for; several may stand for one."""
    wanted = [
        {"site_id": site_id, "domain": key}
        for key, name in names.items()
        for site_id in {site_id for site_id, domain in asked if domain == name}
    ]
    found: dict[Asked, DomainFacts] = {}
    with connection.cursor() as cursor:
        cursor.execute(FACTS_SQL, {"wanted": orjson.dumps(wanted).decode()})
        for site_id, key, *facts in cursor.fetchall():
            each, here = (site_id, names[key]), DomainFacts(*facts)
            found[each] = _join(found[each], here) if each in found else here
    return found


def _join(one: DomainFacts, other: DomainFacts) -> DomainFacts:
    """What stands under two keys of one domain. An author or site may be under both, and counts once."""
    return DomainFacts(
        spam=one.spam + other.spam,
        ham=one.ham + other.ham,
        spam_decisions=one.spam_decisions + other.spam_decisions,
        spam_authors=max(one.spam_authors, other.spam_authors),
        ham_authors=max(one.ham_authors, other.ham_authors),
        ham_sites=max(one.ham_sites, other.ham_sites),
        known_days=max(_told(one.known_days, other.known_days), default=None),
        noted_days=min(_told(one.noted_days, other.noted_days), default=None),
    )


def _told(*days: float | None) -> list[float]:
    return [each for each in days if each is not None]
