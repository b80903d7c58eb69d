"""The part of a Celery worker that listens to the broker, with short pauses between attempts to connect."""

from functools import partial
from typing import Any

from celery.worker.consumer import Consumer

# Celery's own pauses between attempts grow to half a minute.
TRY_AGAIN_AFTER_S = 1.0


class QuickConsumer(Consumer):
    """Tries to connect once a second, however long the broker has been away."""

    def ensure_connected(self, conn: Any) -> Any:
        """Connect, or keep trying."""
        conn.ensure_connection = partial(
            conn.ensure_connection,
            interval_start=TRY_AGAIN_AFTER_S,
            interval_step=0,
            interval_max=TRY_AGAIN_AFTER_S,
        )
        return super().ensure_connected(conn)
