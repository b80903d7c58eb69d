"""One connection pool to Valkey or Redis per process, and a pause after each failure."""

import time
from functools import lru_cache

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as BrokerGone
from redis.exceptions import RedisError
from redis.retry import Retry

TIMEOUT_S = 0.5
PAUSE_S = 2.0
BROKER_ERRORS = (RedisError, OSError)


class Breaker:
    """Open for `pause_s` after a failure: a broker that hangs costs one slow call per pause."""

    def __init__(self, pause_s: float = PAUSE_S) -> None:
        self._pause_s = pause_s
        self._open_until = 0.0

    @property
    def is_open(self) -> bool:
        """Whether calls are skipped now. Counted by a clock that never jumps."""
        return time.monotonic() < self._open_until

    def trip(self) -> None:
        """A call failed."""
        self._open_until = time.monotonic() + self._pause_s


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
