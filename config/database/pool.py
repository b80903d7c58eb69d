"""The connections that the threads of one process share.

Whoever needs a connection opens it: a database that is away is told at once, to each caller, and one
that is back is found by the next. A pool that reconnects in the background, with growing pauses,
keeps every caller waiting meanwhile and finds the database late.
"""

import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Any

import psycopg
from psycopg.pq import TransactionStatus

# A database that moved behind the same name is found again after this time.
LONGEST_LIFE_S = 3600.0


class Pool:
    """At most `max_size` connections, made by `connect`; a caller waits `timeout` seconds for its turn.

    Speaks as much of psycopg_pool's language as Django needs.
    """

    def __init__(self, connect: Callable[[], Any], *, max_size: int, timeout: float) -> None:
        self._connect = connect
        self._timeout = timeout
        self._turns = threading.BoundedSemaphore(max_size)
        self._idle: deque[tuple[Any, float]] = deque()

    def open(self) -> None:
        """Nothing to do: connections are opened when they are needed."""

    def close(self) -> None:
        """Close what is idle."""
        while self._idle:
            self._idle.pop()[0].close()

    def getconn(self) -> Any:
        """A connection that answers. Raises `OperationalError`."""
        if not self._turns.acquire(timeout=self._timeout):
            raise psycopg.errors.TooManyConnections("All connections of this process are in use.")
        try:
            connection, born_at = self._take_idle() or (self._connect(), time.monotonic())
        except BaseException:
            self._turns.release()
            raise
        connection._pool = self  # noqa: SLF001 - where Django looks for it
        connection.born_at = born_at
        return connection

    def putconn(self, connection: Any) -> None:
        """Take a connection back, unless it is spoilt or old."""
        connection._pool = None  # noqa: SLF001
        is_idle = connection.pgconn.transaction_status == TransactionStatus.IDLE and connection.autocommit
        if is_idle and time.monotonic() - connection.born_at < LONGEST_LIFE_S:
            self._idle.append((connection, connection.born_at))
        else:
            connection.close()
        self._turns.release()

    def _take_idle(self) -> tuple[Any, float] | None:
        """The connection used last, if it still answers. When one has died the others have too."""
        try:
            connection, born_at = self._idle.pop()
        except IndexError:
            return None
        try:
            connection.execute("")
        except psycopg.OperationalError:
            connection.close()
            self.close()
            return None
        return connection, born_at
