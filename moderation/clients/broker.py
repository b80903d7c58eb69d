"""One connection pool to Valkey or Redis per process, and a pause after each failure."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as BrokerGone
from redis.exceptions import RedisError
from redis.retry import Retry

TIMEOUT_S = 0.5
PAUSE_S = 2.0
# A healthy call takes less than a millisecond.
TURN_WITHIN_S = 0.1
BROKER_ERRORS = (RedisError, OSError)


class Breaker:
    """Open for `pause_s` after a failure; calls go one at a time, so that a broker that hangs costs the
    process one slow call per pause, however many threads it has.
    """

    def __init__(self, pause_s: float = PAUSE_S) -> None:
        self._pause_s = pause_s
        self._open_until = 0.0
        self._has_failed = False
        self._turn = threading.Lock()

    @property
    def is_open(self) -> bool:
        """Whether calls are skipped now. Counted by a clock that never jumps."""
        return time.monotonic() < self._open_until

    @contextmanager
    def turn(self) -> Iterator[bool]:
        """Whether the broker may be called now, in the block. An error that leaves it opens the breaker.

        Behind a call that takes long nobody waits for more than a moment, and nobody at all for the
        one that tries whether a broker in trouble is back.
        """
        if not self._enter():
            yield False
            return
        has_failed = True
        try:
            yield True
            has_failed = False
        finally:
            self._leave(has_failed=has_failed)

    def _enter(self) -> bool:
        if self.is_open or not self._turn.acquire(timeout=0 if self._has_failed else TURN_WITHIN_S):
            return False
        if self.is_open:  # the call before ours has failed
            self._turn.release()
            return False
        return True

    def _leave(self, *, has_failed: bool) -> None:
        self._has_failed = has_failed
        if has_failed:
            self._open_until = time.monotonic() + self._pause_s
        self._turn.release()


@lru_cache(maxsize=8)
def breaker_of(url: str) -> Breaker:
    """The breaker that all who call this broker share within a process."""
    return Breaker()


@lru_cache(maxsize=8)
def connect(url: str) -> Redis:
    """A client that connects when first used; its pool notices a fork and starts afresh.

    Each call takes at most `TIMEOUT_S` to connect and as long to answer. A connection that the
    broker closed in the meantime is replaced once; a time-out is not tried again.
    """
    return Redis.from_url(
        url,
        socket_timeout=TIMEOUT_S,
        socket_connect_timeout=TIMEOUT_S,
        retry=Retry(NoBackoff(), 1, supported_errors=(BrokerGone,)),
        client_name="moderation",
    )
