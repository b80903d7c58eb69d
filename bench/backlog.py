"""How much screening is due, watched from outside while a service works."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from bench.stack import BenchStack

_DUE = "SELECT count(*) FROM job WHERE kind = 'screen' AND state = 'open'"
_LOOK_EVERY_S = 1.0


class BacklogWatch:
    """`seen` holds (seconds since the watch began, open screening jobs)."""

    def __init__(self, stack: BenchStack) -> None:
        self._stack = stack
        self.seen: list[tuple[float, int]] = []

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Look every second from another thread."""
        is_over = threading.Event()
        thread = threading.Thread(target=self._watch, args=(is_over,))
        thread.start()
        try:
            yield
        finally:
            is_over.set()
            thread.join()

    def _watch(self, is_over: threading.Event) -> None:
        began = time.monotonic()
        with self._stack.connect() as connection:
            while True:
                row = connection.execute(_DUE).fetchone()
                self.seen.append((time.monotonic() - began, int(row[0]) if row else 0))
                if is_over.wait(_LOOK_EVERY_S):
                    return

    def wait_until_drained(self, *, within_s: float) -> float:
        """Seconds until nothing is due; `within_s` at most, even if something is left."""
        began = time.monotonic()
        with self._stack.connect() as connection:
            while (row := connection.execute(_DUE).fetchone()) and row[0]:
                if time.monotonic() - began > within_s:
                    break
                time.sleep(0.2)
        return time.monotonic() - began


def comments_by_id(stack: BenchStack) -> dict[str, str]:
    """Every comment's status."""
    with stack.connect() as connection:
        return dict(connection.execute("SELECT id::text, status FROM comment").fetchall())
