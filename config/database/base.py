"""Sets `transaction_timeout` on each new connection where the server knows it (PostgreSQL 17 and newer).

It cannot go into the connection's options: an older server would refuse to connect at all.
"""

from typing import Any

from django.db.backends.postgresql import base

_FIRST_VERSION_WITH_TRANSACTION_TIMEOUT = 170_000


class DatabaseWrapper(base.DatabaseWrapper):
    """PostgreSQL; the setting TRANSACTION_TIMEOUT_MS beside ENGINE, 0 for none."""

    def _configure_connection(self, connection: Any) -> bool:
        # Called once per server connection, by the pool too; True asks the caller to commit.
        needs_commit: bool = super()._configure_connection(connection)  # type: ignore[misc]
        timeout_ms = int(self.settings_dict.get("TRANSACTION_TIMEOUT_MS", 0))
        if not timeout_ms or connection.info.server_version < _FIRST_VERSION_WITH_TRANSACTION_TIMEOUT:
            return needs_commit
        with connection.cursor() as cursor:
            cursor.execute(f"SET transaction_timeout = {timeout_ms}")
        return True
