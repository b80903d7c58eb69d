"""What the installation knows of the domains that a batch of comments leads to."""

from collections.abc import Collection
from uuid import UUID

import orjson
from django.db import connection

from moderation.engine.facts import DomainFacts
from moderation.privacy import vault
from moderation.queries.reputation_sql import FACTS_SQL

# A site, and a domain that a comment there leads to.
Asked = tuple[UUID, str]


def load_domains(asked: Collection[Asked]) -> dict[Asked, DomainFacts]:
    """Facts of each domain as they count on that site. One query; none where nothing is asked.

    Only sums leave the rows of other sites.
    """
    if not asked:
        return {}
    names = {vault.domain_key(domain): domain for _, domain in asked}
    keys = {domain: key for key, domain in names.items()}
    wanted = [{"site_id": site_id, "domain": keys[domain]} for site_id, domain in set(asked)]
    with connection.cursor() as cursor:
        cursor.execute(FACTS_SQL, {"wanted": orjson.dumps(wanted).decode()})
        return {(row[0], names[row[1]]): DomainFacts(*row[2:]) for row in cursor.fetchall()}
