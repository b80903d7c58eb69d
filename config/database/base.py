"""PostgreSQL with limits: no wait is endless, and a kept connection costs nothing.

`transaction_timeout` is set on each new connection if the server knows it (PostgreSQL 17 and newer). In the
connection's options it would make an older server refuse to connect.
"""

import select
from typing import Any

import psycopg
from django.db.backends.postgresql import base
from psycopg.pq import TransactionStatus

_FIRST_VERSION_WITH_TRANSACTION_TIMEOUT = 170_000
# Longer than the time after which the server ends a transaction by itself.
_GRACE_S = 1.0


class PatientConnection(psycopg.Connection[Any]):
    """Gives up on a silent server: a machine that hangs sends no error and closes no socket."""

    answer_within_s: float | None = None

    def wait(self, gen: Any, *args: Any, **options: Any) -> Any:
        """Wait for the server. Raises `OperationalError`, and closes, when no answer came in time."""
        options.setdefault("timeout", self.answer_within_s)
        try:
            return super().wait(gen, *args, **options)
        except psycopg.errors.FeatureNotSupported:
            # "cached plan must not change result type": a migration has changed a prepared statement.
            self.close()
            raise
        except psycopg.OperationalError:
            if self.pgconn.transaction_status == TransactionStatus.ACTIVE:  # still waiting
                self.close()
            raise


class DatabaseWrapper(base.DatabaseWrapper):
    """The PostgreSQL engine, with the setting TRANSACTION_TIMEOUT_MS beside ENGINE; 0 means no limit."""

    def get_new_connection(self, conn_params: dict[str, Any]) -> PatientConnection:
        """A `PatientConnection`; the settings ask for no pool and no other isolation level."""
        self.isolation_level = psycopg.IsolationLevel.READ_COMMITTED
        connection = PatientConnection.connect(**conn_params)
        timeout_ms = self._transaction_timeout_ms
        connection.answer_within_s = timeout_ms / 1000 + _GRACE_S if timeout_ms else None
        return connection

    @property
    def _transaction_timeout_ms(self) -> int:
        return int(self.settings_dict.get("TRANSACTION_TIMEOUT_MS", 0))

    def _configure_connection(self, connection: Any) -> bool:
        # Called once per server connection; True asks the caller to commit.
        needs_commit: bool = super()._configure_connection(connection)  # type: ignore[misc]
        timeout_ms = self._transaction_timeout_ms
        if not timeout_ms or connection.info.server_version < _FIRST_VERSION_WITH_TRANSACTION_TIMEOUT:
            return needs_commit
        with connection.cursor() as cursor:
            cursor.execute(f"SET transaction_timeout = {timeout_ms}")
        return True

    def is_usable(self) -> bool:
        """Whether the kept connection is still open; called before each request.

        A server that ended has closed its side, and a closed socket can be read from at once. If nothing can
        be read, the connection is open, and the server need not be asked.
        """
        if self.connection is None or self.connection.closed:
            return False
        line = select.poll()
        line.register(self.connection.fileno(), select.POLLIN | select.POLLHUP | select.POLLERR)
        return not line.poll(0) or super().is_usable()
