"""The one clock: everything that is limited in time asks here."""

from datetime import UTC, datetime


def now() -> datetime:
    """This moment, in UTC. Leases and `due_at` use the database's clock instead."""
    return datetime.now(UTC)
