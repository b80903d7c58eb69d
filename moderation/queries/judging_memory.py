"""What a site judges by, believed for a second: compatible services answer without the database."""

import time
from threading import Lock
from uuid import UUID

from cachetools import LRUCache
from django.conf import settings

from moderation.queries.site_facts import MOST_KEPT, JudgingSite, load_sites


class _JudgingMemory:
    """Sites as they were loaded within the last `KEY_MEMORY_S` seconds, by id."""

    def __init__(self) -> None:
        self._found: LRUCache[UUID, tuple[float, JudgingSite]] = LRUCache(MOST_KEPT)
        self._lock = Lock()

    def find(self, site_id: UUID) -> JudgingSite | None:
        """The site, if it was loaded lately."""
        with self._lock:
            known = self._found.get(site_id)
        is_young = known is not None and time.monotonic() - known[0] < settings.KEY_MEMORY_S
        return known[1] if known and is_young else None

    def keep(self, site_id: UUID, site: JudgingSite, asked_at: float) -> None:
        """Remember a site that was loaded at `asked_at` (monotonic seconds) or a little later."""
        with self._lock:
            self._found[site_id] = asked_at, site

    def forget(self, site_id: UUID) -> None:
        """Load the site again."""
        with self._lock:
            self._found.pop(site_id, None)


_memory = _JudgingMemory()


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
