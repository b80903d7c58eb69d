"""What was looked up within the last `KEY_MEMORY_S` seconds: bounded and thread-safe."""

import time
from collections.abc import Hashable
from threading import Lock
from typing import Generic, TypeVar

from cachetools import LRUCache
from django.conf import settings

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class BriefMemory(Generic[K, V]):
    """One value per key, for the `most` keys used last. Values are shared by threads: do not change them."""

    def __init__(self, most: int) -> None:
        self._found: LRUCache[K, tuple[float, V]] = LRUCache(most)
        self._lock = Lock()

    def find(self, key: K) -> V | None:
        """The value, if it was looked up lately."""
        with self._lock:
            known = self._found.get(key)
        is_young = known is not None and time.monotonic() - known[0] < settings.KEY_MEMORY_S
        return known[1] if known and is_young else None

    def keep(self, key: K, value: V, asked_at: float) -> None:
        """Remember a value that was looked up at `asked_at` (monotonic seconds) or a little later."""
        with self._lock:
            self._found[key] = asked_at, value

    def forget(self, key: K) -> None:
        """Have this value looked up again."""
        with self._lock:
            self._found.pop(key, None)

    def clear(self) -> None:
        """Have all values looked up again."""
        with self._lock:
            self._found.clear()
