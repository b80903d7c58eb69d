"""What a site judges by, believed for a second: compatible services answer without the database."""

import time
from uuid import UUID

from moderation.queries.brief_memory import BriefMemory
from moderation.queries.site_facts import MOST_KEPT, JudgingSite, load_sites

_memory: BriefMemory[UUID, JudgingSite] = BriefMemory(MOST_KEPT)


def judging_site(site_id: UUID) -> JudgingSite:
    """Everything by which a site judges, as it was within the last `KEY_MEMORY_S` seconds.

    Raises `KeyError` for a site that is gone. The object is shared by threads: do not change it.
    """
    if known := _memory.find(site_id):
        return known
    asked_at = time.monotonic()
    site = load_sites([site_id])[site_id]
    _memory.keep(site_id, site, asked_at)
    return site


def forget_judging(site_id: UUID) -> None:
    """Load the site again, in the process that changed its policy, rules or fields; others do so within a
    second.
    """
    _memory.forget(site_id)
