"""Decides which copies of threads may be sent without asking the database.

One thread of this process asks every 250 ms which threads changed in the last 5 s. A transaction ends within
4 s (`transaction_timeout`), so a late commit is still seen, as long as two looks are at most 1 s apart. After
a longer gap every copy is compared with the database before it is sent again. While the database is away
nothing can change, and readers get the copies that exist.
"""

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from uuid import UUID

import structlog
from django.conf import settings
from django.db import Error, connection

from moderation.lib.answer import Answer, RequestHeaders
from moderation.lib.database_errors import sqlstate_of
from moderation.models import Site
from moderation.queries.keys import find_site_of_public_key
from moderation.queries.page_memory import RENDER_AGAIN_AFTER_S, Kept, PageKey, PageMemory, pages
from moderation.queries.threads import ChangedThread, changed_threads

log = structlog.get_logger(__name__)

LOOK_EVERY_S = 0.25
TRUST_FOR_S = 1.0
COMPARE_EVERY_S = 30.0
REBUILD_EVERY_S = 0.25
REBUILD_WITHIN_S = 2.0
# This process cannot tell whether the database is away or only unreachable from here.
KEEP_WHILE_AWAY_S = 600.0
# The text of the error when connections are refused because there are too many: the database is there, but
# busy.
_TOO_MANY_CONNECTIONS = "53300"
SHRINK_EVERY_S = 1.0
# Without readers there is no need to look.
IDLE_AFTER_S = 30.0
_NEVER = float("-inf")
_MOST_NOTED = 1000
# A public key that was found valid is trusted for one second, see docs/adr/0007. In the second half of it one
# request looks it up again, so that not all requests have to when it ends.
BELIEVE_KEY_FOR_S = 1.0
RECHECK_KEY_AFTER_S = 0.5
_MOST_KEYS = 10_000


@dataclass(slots=True)
class _KnownKey:
    """A public key that was valid at `asked_at`, and whether a request is looking it up again."""

    site_id: UUID
    asked_at: float
    is_rechecked: bool = False


class FastPages:
    """The copies in memory, and what is known about their freshness."""

    def __init__(self, memory: PageMemory) -> None:
        self._memory = memory
        self._stale_since: dict[PageKey, float] = {}
        self._rebuilding_since: dict[PageKey, float] = {}
        self._looked_at = _NEVER
        self._trusted_since = float("inf")
        self._asked_at = _NEVER
        self._is_away = False
        self._shrunk_at = _NEVER
        self._listeners: list[Callable[[list[ChangedThread]], None]] = []
        self._keys: dict[str, _KnownKey] = {}

    def answer(self, key: PageKey, headers: RequestHeaders) -> Answer | None:
        """The copy if it may be sent; otherwise None, and Django compares, renders or compresses it."""
        now = self._asked_at = time.monotonic()
        kept = self._memory.find(key)
        if kept is None or not self._may_send(key, kept, now):
            return None
        return kept.find_answer(headers.get("accept-encoding") or "", headers.get("if-none-match") or "")

    def tell(self, listener: Callable[[list[ChangedThread]], None]) -> None:
        """Give `listener` the threads that each look finds changed."""
        self._listeners.append(listener)

    @property
    def is_away(self) -> bool:
        """Whether the database is away, so that nothing can change."""
        return self._is_away

    def trusts(self, checked_at: float, now: float) -> bool:
        """Whether looks have found every change since `checked_at`. Counts as a reader who asks."""
        self._asked_at = now
        if self._is_away:
            return now - checked_at < KEEP_WHILE_AWAY_S
        return now - self._looked_at <= TRUST_FOR_S and checked_at >= self._trusted_since

    def note_key(self, public_key: str, site_id: UUID, *, asked_at: float) -> None:
        """Remember that a public key was valid at `asked_at`."""
        if len(self._keys) >= _MOST_KEYS:
            self._keys.clear()
        self._keys[public_key] = _KnownKey(site_id, asked_at)

    def site_of_key(self, public_key: str) -> UUID | None:
        """The site of a public key that was valid a moment ago, or when the database went away.

        Sometimes None for one request, for which Django looks the key up again.
        """
        known, now = self._keys.get(public_key), time.monotonic()
        if known is None or now - known.asked_at > (
            KEEP_WHILE_AWAY_S if self._is_away else BELIEVE_KEY_FOR_S
        ):
            return None
        if now - known.asked_at > RECHECK_KEY_AFTER_S and not known.is_rechecked and not self._is_away:
            known.is_rechecked = True
            return None
        return known.site_id

    def _may_send(self, key: PageKey, kept: Kept, now: float) -> bool:
        is_trusted = self.trusts(kept.checked_at, now)
        if self._is_away or not is_trusted:
            return is_trusted
        is_stale = kept.checked_at < self._stale_since.get(key, _NEVER)
        is_old = now - kept.checked_at > COMPARE_EVERY_S or now - kept.rendered_at > RENDER_AGAIN_AFTER_S
        if not is_stale and not is_old:
            return True
        return not self._may_rebuild(key, kept, now)

    def _may_rebuild(self, key: PageKey, kept: Kept, now: float) -> bool:
        """True for the one request that Django renders the page for; meanwhile the others get the former
        copy.
        """
        since = self._rebuilding_since.get(key, _NEVER)
        is_under_way = kept.checked_at < since and now - since < REBUILD_WITHIN_S
        if is_under_way or now - kept.rendered_at < REBUILD_EVERY_S:
            return False
        if len(self._rebuilding_since) > _MOST_NOTED:
            self._rebuilding_since.clear()
        self._rebuilding_since[key] = now
        return True

    def look(self) -> None:
        """Mark the copies that a change has made stale. Raises Django's database errors."""
        began = time.monotonic()
        if began - self._asked_at <= IDLE_AFTER_S:
            changed = changed_threads()
            for hear in self._listeners:
                hear(changed)
            states = {thread.id: thread.state for thread in changed}
            self.note(states, began=began, ended=time.monotonic())

    def shrink_one(self) -> None:
        """Make one copy in use smaller, at most one a second, so that it takes little of a core."""
        now = time.monotonic()
        kept = self._memory.find_shrinkable(now) if now - self._shrunk_at >= SHRINK_EVERY_S else None
        if kept is not None:
            self._shrunk_at = now
            kept.shrink()

    def note(self, changed: Mapping[UUID, object], *, began: float, ended: float) -> None:
        """Record a successful look: (version, changed at) of the threads that changed, by id."""
        if ended - self._looked_at > TRUST_FOR_S:
            self._trusted_since = began
        still = {
            key: since
            for key, since in self._stale_since.items()
            if (kept := self._memory.peek(key)) is not None and kept.checked_at < since
        }
        found = self._memory.find_all(changed)
        self._stale_since = still | {
            key: ended for key, kept in found if changed[kept.thread_id] != kept.version
        }
        self._looked_at = began
        self._is_away = False

    def note_failure(self, error: Error) -> None:
        """Record a failed look: copies are still sent unless the database was only busy."""
        self._is_away = sqlstate_of(error) != _TOO_MANY_CONNECTIONS


_fast = FastPages(pages)
_start = threading.Lock()
_watcher: threading.Thread | None = None


def get_fast_pages() -> FastPages:
    """The copies of this process. The first call starts the thread that looks for changes."""
    if _watcher is None:
        _start_watcher()
    return _fast


def listen(listener: Callable[[list[ChangedThread]], None]) -> None:
    """Give `listener` the threads that each look of this process finds changed."""
    _fast.tell(listener)


def find_public_site(public_key: str) -> Site | None:
    """The site of a valid public key, which copies in memory may then be sent for."""
    asked_at = time.monotonic()
    site = find_site_of_public_key(public_key)
    if site is not None:
        _fast.note_key(public_key, site.id, asked_at=asked_at)
    return site


def _start_watcher() -> None:
    global _watcher  # noqa: PLW0603 - one per process
    with _start:
        if _watcher is None:
            _watcher = threading.Thread(target=_watch, name="page-freshness", daemon=True)
            _watcher.start()


def _watch() -> None:
    while True:
        try:
            connection.close_if_unusable_or_obsolete()
            _fast.look()
            _fast.shrink_one()
        except Error as error:
            _fast.note_failure(error)
            log.warning("freshness unknown", error=type(error).__name__)
            connection.close()
        time.sleep(LOOK_EVERY_S)


def is_proven_secure(headers: RequestHeaders) -> bool | None:
    """Whether the request came by TLS; None if plain requests are redirected and TLS is not proven."""
    if not settings.SECURE_SSL_REDIRECT:
        return False
    if not settings.SECURE_PROXY_SSL_HEADER:
        return None
    return True if headers.get("x-forwarded-proto") == "https" else None
