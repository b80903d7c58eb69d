"""PostgreSQL with a bound on each transaction, and a look at a kept connection that costs nothing.

`transaction_timeout` is set on each new connection where the server knows it (PostgreSQL 17 and newer).
It cannot go into the connection's options: an older server would refuse to connect at all.
"""

import select
from typing import Any

from django.db.backends.postgresql import base

_FIRST_VERSION_WITH_TRANSACTION_TIMEOUT = 170_000


class DatabaseWrapper(base.DatabaseWrapper):
    """PostgreSQL; the setting TRANSACTION_TIMEOUT_MS beside ENGINE, 0 for none."""

    def _configure_connection(self, connection: Any) -> bool:
        # Called once per server connection; True asks the caller to commit.
        needs_commit: bool = super()._configure_connection(connection)  # type: ignore[misc]
        timeout_ms = int(self.settings_dict.get("TRANSACTION_TIMEOUT_MS", 0))
        if not timeout_ms or connection.info.server_version < _FIRST_VERSION_WITH_TRANSACTION_TIMEOUT:
            return needs_commit
        with connection.cursor() as cursor:
            cursor.execute(f"SET transaction_timeout = {timeout_ms}")
        return True

    def is_usable(self) -> bool:
        """Whether the connection that was kept still stands; asked before each request.

        A server that ended has closed its side, and a closed side can be read from at once. Where nothing
        can be read all is well, and the server need not be asked.
        """
        if self.connection is None or self.connection.closed:
            return False
        line = select.poll()
        line.register(self.connection.fileno(), select.POLLIN | select.POLLHUP | select.POLLERR)
        return not line.poll(0) or super().is_usable()
