"""PostgreSQL as the service uses it: no statement is waited for without end, in a pool or not.

`transaction_timeout` is set on each new connection where the server knows it (PostgreSQL 17 and newer);
in the connection's options an older server would refuse to connect at all.
"""

from typing import Any

import psycopg
from django.db.backends.base.base import NO_DB_ALIAS
from django.db.backends.postgresql import base
from psycopg.pq import TransactionStatus

from config.database.pool import Pool

_FIRST_VERSION_WITH_TRANSACTION_TIMEOUT = 170_000
# After the server should have ended a transaction by itself.
_GRACE_S = 1.0


class PatientConnection(psycopg.Connection[Any]):
    """Gives up on a server that says nothing: a machine that hangs sends no error and closes no socket."""

    answer_within_s: float | None = None
    born_at: float

    def wait(self, gen: Any, *args: Any, **options: Any) -> Any:
        """Wait for the server. Raises `OperationalError`, and closes, when no answer came in time."""
        options.setdefault("timeout", self.answer_within_s)
        try:
            return super().wait(gen, *args, **options)
        except psycopg.OperationalError:
            if self.pgconn.transaction_status == TransactionStatus.ACTIVE:  # still waiting
                self.close()
            raise


class DatabaseWrapper(base.DatabaseWrapper):
    """PostgreSQL; the setting TRANSACTION_TIMEOUT_MS beside ENGINE, 0 for none."""

    _connection_pools: dict[str, Any]  # Django's own, one for all wrappers of a process

    @property
    def pool(self) -> Any:
        """The pool of this process, as the option `pool` says; None without one."""
        options = self.settings_dict["OPTIONS"].get("pool")
        if self.alias == NO_DB_ALIAS or not options:
            return None
        if self.alias not in self._connection_pools:
            pool = Pool(self._connect_patiently, **options)
            self._connection_pools.setdefault(self.alias, pool)  # another thread may have been faster
        return self._connection_pools[self.alias]

    def _connect_patiently(self) -> PatientConnection:
        connection = PatientConnection.connect(**{**self.get_connection_params(), "autocommit": True})
        timeout_ms = self._transaction_timeout_ms
        connection.answer_within_s = timeout_ms / 1000 + _GRACE_S if timeout_ms else None
        self._configure_connection(connection)
        return connection

    @property
    def _transaction_timeout_ms(self) -> int:
        return int(self.settings_dict.get("TRANSACTION_TIMEOUT_MS", 0))

    def _configure_connection(self, connection: Any) -> bool:
        # Called once per server connection, by the pool too; True asks the caller to commit.
        needs_commit: bool = super()._configure_connection(connection)  # type: ignore[misc]
        timeout_ms = self._transaction_timeout_ms
        if not timeout_ms or connection.info.server_version < _FIRST_VERSION_WITH_TRANSACTION_TIMEOUT:
            return needs_commit
        with connection.cursor() as cursor:
            cursor.execute(f"SET transaction_timeout = {timeout_ms}")
        return True
