"""Who may wait for a thread, and for how long: a burst may wait, a standing queue is cut short.

In a queue that never empties everybody waits as long as it is: letting it grow serves nobody sooner
and makes all of them late. So once threads have been busy without a pause, or somebody had to be sent
away, only as many are let in as can be answered soon, until nobody has been sent away for a while.
"""

import time
from collections.abc import Callable

# Who comes in a burst may be let in to wait this long; who comes to a queue that stands, this long.
BURST_WAIT_S = 2.5
STANDING_WAIT_S = 0.1
# Without a free thread for this long it is no burst.
STANDS_AFTER_S = 1.0
# Without a refusal for this long the rush is over.
CALM_AFTER_S = 10.0
# The wait is a guess; whoever waited so many times longer is sent away all the same.
TOO_LATE = 3
# How much one request changes the guess of what the next one takes.
_WEIGHT = 0.05


class Admission:
    """Counts the requests in flight. All but `note` and `is_past` belong to the event loop."""

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
        """True when a request that comes now would wait too long, or too many wait already."""
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
        """Count one in; returns the moment at which its turn would come too late, for `is_past`."""
        self._in_flight += 1
        return self._clock() + TOO_LATE * self._longest_wait_s()

    def is_past(self, moment: float) -> bool:
        """True when `moment` is over."""
        return self._clock() > moment

    def leave(self) -> None:
        """Count one out."""
        self._in_flight -= 1

    def note(self, took_s: float) -> None:
        """Learn what a request takes of a thread's time. Threads may overwrite each other's: a guess."""
        self._each_s += (took_s - self._each_s) * _WEIGHT

    def _longest_wait_s(self) -> float:
        now = self._clock()
        is_rush = now - self._last_free_at > STANDS_AFTER_S or now - self._last_refused_at < CALM_AFTER_S
        return STANDING_WAIT_S if is_rush else BURST_WAIT_S
