"""Decides which requests may wait for a thread, and how long: a burst may wait, a standing queue is kept
short.

In a queue that never empties, everybody waits as long as the queue is, so a longer queue only makes all of
them late. Once threads have been busy without a pause, or a request had to be refused, only as many requests
are admitted as can be answered soon, until no request has been refused for a while.
"""

import time
from collections.abc import Callable

# The longest wait of a request in a burst, and of one that comes to a standing queue.
BURST_WAIT_S = 2.5
STANDING_WAIT_S = 0.1
# After this time without a free thread it is no burst.
STANDS_AFTER_S = 1.0
# After this time without a refusal the overload is over.
CALM_AFTER_S = 10.0
# The wait is an estimate; a request that has waited this many times longer is refused all the same.
TOO_LATE = 3
# The weight of one request in the estimate of the next one's duration.
_WEIGHT = 0.05


class Admission:
    """Counts the requests in flight. All methods except `note` and `is_past` belong to the event loop."""

    def __init__(
        self, *, threads: int, queue_length: int, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._threads = threads
        self._most_in_flight = threads + queue_length
        self._clock = clock
        self._in_flight = 0
        self._each_s = 0.0
        self._last_free_at = clock()
        self._last_refused_at = float("-inf")

    def is_full(self) -> bool:
        """Whether a request that comes now would wait too long, or too many are waiting already."""
        waiting = self._in_flight - self._threads
        if waiting < 0:
            self._last_free_at = self._clock()
            return False
        wait_s = (waiting + 1) * self._each_s / self._threads
        if self._in_flight < self._most_in_flight and wait_s <= self._longest_wait_s():
            return False
        self._last_refused_at = self._clock()
        return True

    def enter(self) -> float:
        """Count a request in; returns the latest moment at which its turn may come, for `is_past`."""
        self._in_flight += 1
        return self._clock() + TOO_LATE * self._longest_wait_s()

    def is_past(self, moment: float) -> bool:
        """Whether `moment` has passed."""
        return self._clock() > moment

    def leave(self) -> None:
        """Count a request out."""
        self._in_flight -= 1

    def note(self, took_s: float) -> None:
        """Update the estimate of a request's thread time. Threads may overwrite each other's: it is an
        estimate.
        """
        self._each_s += (took_s - self._each_s) * _WEIGHT

    def _longest_wait_s(self) -> float:
        now = self._clock()
        is_rush = now - self._last_free_at > STANDS_AFTER_S or now - self._last_refused_at < CALM_AFTER_S
        return STANDING_WAIT_S if is_rush else BURST_WAIT_S
