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
    """Open for `pause_s` after a failure. Calls are made one at a time, so that a hanging broker costs the
    process one slow call per pause, however many threads it has.
    """

    def __init__(self, pause_s: float = PAUSE_S) -> None:
        self._pause_s = pause_s
        self._open_until = 0.0
        self._has_failed = False
        self._turn = threading.Lock()

    @property
    def is_open(self) -> bool:
        """Whether calls are skipped now, by the monotonic clock."""
        return time.monotonic() < self._open_until

    @contextmanager
    def turn(self) -> Iterator[bool]:
        """Yields whether the broker may be called in the block. An error that leaves the block opens the
        breaker.

        A caller waits only a moment for a slow call of another thread, and not at all for the call that tries
        whether the broker works again.
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
        if self.is_open:  # the call before this one failed
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
    """The breaker of this broker, shared by the whole process."""
    return Breaker()


@lru_cache(maxsize=8)
def connect(url: str) -> Redis:
    """A client that connects on first use. Its pool notices a fork and starts with new connections.

    Each call takes at most `TIMEOUT_S` to connect and as long to get an answer. A connection that the broker
    closed is replaced once; a time-out is not tried again.
    """
    return Redis.from_url(
        url,
        socket_timeout=TIMEOUT_S,
        socket_connect_timeout=TIMEOUT_S,
        retry=Retry(NoBackoff(), 1, supported_errors=(BrokerGone,)),
        client_name="moderation",
    )
