"""How many comments threads have, in the memory of this web process, and the answers made of it.

What the look of `page_freshness.py` finds changed is written here at once, so a number that was read is
current for as long as looks succeed. Names without a thread count 0 until one is opened.
"""

import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from cachetools import LRUCache

from moderation.lib.answer import Answer, RequestHeaders
from moderation.queries.page_freshness import COMPARE_EVERY_S, FastPages, listen
from moderation.queries.page_memory import Kept
from moderation.queries.threads import ChangedThread

# A count takes about 300 bytes with its name; an answer for 20 pages about 6 kB in all its encodings.
MOST_COUNTS = 20_000
MOST_ANSWERS = 500
# Whoever was to make an answer anew and has not within this time is followed by another.
MADE_WITHIN_S = 0.5


@dataclass(slots=True)
class _Known:
    count: int
    read_at: float


@dataclass(slots=True)
class CountsAnswer:
    """An answer about these threads, in their order. `kept.stamp` holds their counts."""

    site_id: UUID
    keys: tuple[str, ...]
    kept: Kept
    made_again_at: float = float("-inf")


class CountMemory:
    """Counts by site and thread name, and answers by what was asked."""

    def __init__(self) -> None:
        self._counts: LRUCache[tuple[UUID, str], _Known] = LRUCache(MOST_COUNTS)
        self._answers: LRUCache[tuple[str, bool], CountsAnswer] = LRUCache(MOST_ANSWERS)
        self._lock = threading.Lock()

    def find(self, site_id: UUID, keys: Sequence[str]) -> tuple[tuple[int, ...], float] | None:
        """The counts of all these threads, and when the first of them was read; None if one is missing."""
        with self._lock:
            found = [self._counts.get((site_id, key)) for key in keys]
        known = [each for each in found if each is not None]
        if len(known) < len(found) or not known:
            return None
        return tuple([each.count for each in known]), min([each.read_at for each in known])

    def keep(self, site_id: UUID, counts: Mapping[str, int], *, read_at: float) -> None:
        """Remember counts that were read at `read_at` or later."""
        with self._lock:
            for key, count in counts.items():
                self._counts[site_id, key] = _Known(count, read_at)

    def note(self, changed: Iterable[ChangedThread]) -> None:
        """Correct the counts of threads that changed."""
        with self._lock:
            for thread in changed:
                known = self._counts.get((thread.site_id, thread.key))
                if known is not None:
                    known.count = thread.published_count

    def keep_answer(self, asked: str, answer: CountsAnswer, *, is_secure: bool) -> None:
        """Remember an answer under what was asked, a path with its query."""
        with self._lock:
            self._answers[asked, is_secure] = answer

    def answer(
        self, fast: FastPages, asked: str, headers: RequestHeaders, *, is_secure: bool, now: float
    ) -> Answer | None:
        """The answer if it may be sent. For one request after a change, and now and then, it is None, so that
        Django makes it anew; meanwhile the others get the former one.
        """
        with self._lock:
            answer = self._answers.get((asked, is_secure))
        found = self.find(answer.site_id, answer.keys) if answer else None
        if answer is None or found is None or not fast.trusts(found[1], now):
            return None
        is_old = now - found[1] > COMPARE_EVERY_S and not fast.is_away
        if (is_old or answer.kept.stamp != found[0]) and now - answer.made_again_at > MADE_WITHIN_S:
            answer.made_again_at = now
            return None
        return answer.kept.find_answer(
            headers.get("accept-encoding") or "", headers.get("if-none-match") or ""
        )

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._counts.clear()
            self._answers.clear()


counts = CountMemory()
listen(counts.note)
