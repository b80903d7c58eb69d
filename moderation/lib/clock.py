"""The one clock, which everything that is limited in time uses."""

from datetime import UTC, datetime


def now() -> datetime:
    """The current time, in UTC. Leases and `due_at` use the database's clock instead."""
    return datetime.now(UTC)
