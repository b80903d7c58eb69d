"""Caches what a process loads once per version, such as compiled rules: bounded and thread-safe."""

from collections.abc import Callable, Hashable, Mapping
from threading import Lock
from typing import Generic, TypeVar

from cachetools import LRUCache

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class VersionCache(Generic[K, V]):
    """One value per key, for the version seen last and for the `most` keys used last.

    Callers get their own dictionary, which keeps values that other threads drop in the meantime.
    """

    def __init__(self, most: int) -> None:
        self._values: LRUCache[K, tuple[int, V]] = LRUCache(most)
        self._lock = Lock()

    def load(
        self, versions: Mapping[K, int], load_missing: Callable[[Mapping[K, int]], Mapping[K, V]]
    ) -> dict[K, V]:
        """The values of these versions; `load_missing` is called once for those that are missing, if any.

        A key without a value is left out. Loading runs outside the lock: two threads may load the same
        version at once, but none waits for another's query.
        """
        found: dict[K, V] = {}
        with self._lock:
            for key, version in versions.items():
                kept = self._values.get(key)
                if kept is not None and kept[0] == version:
                    found[key] = kept[1]
        missing = {key: version for key, version in versions.items() if key not in found}
        if not missing:
            return found
        loaded = load_missing(missing)
        with self._lock:
            for key, value in loaded.items():
                self._values[key] = (missing[key], value)
        return {**found, **loaded}

    def clear(self) -> None:
        """Forget all values: for tests, whose versions may be written again with other content."""
        with self._lock:
            self._values.clear()
