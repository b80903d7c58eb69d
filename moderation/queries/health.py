"""How the service stands, read from the database: the same answer in every process."""

from collections.abc import Iterator
from dataclasses import dataclass

import structlog
from django.db import DatabaseError, connection, transaction
from django.db.migrations.executor import MigrationExecutor

from moderation.privacy.redact import describe_error
from moderation.queries.health_sql import COUNT_CAP, GAUGES, RECENT_S, Gauge

log = structlog.get_logger(__name__)

# Of each figure by itself: one that takes long is missing, the others are there.
GAUGE_TIMEOUT_MS = 500
_TIMEOUT_MS = 2_000
GAUGE_UP = "moderation_figure_up"


@dataclass(frozen=True, slots=True)
class Reading:
    """One figure: which gauge, with which labels, how much."""

    gauge: str
    labels: tuple[str, ...]
    value: float


def readings() -> Iterator[Reading]:
    """What each gauge reads, and of each whether it could be read (`GAUGE_UP`).

    Raises DatabaseError where the database is away.
    """
    for gauge in GAUGES:
        read = _read(gauge)
        yield Reading(GAUGE_UP, (gauge.name,), float(read is not None))
        yield from read or ()


def _read(gauge: Gauge) -> list[Reading] | None:
    """The figures of one gauge; None where they took too long or cannot be read."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL statement_timeout = {GAUGE_TIMEOUT_MS}")
            cursor.execute(gauge.sql, {"cap": COUNT_CAP, "recent_s": RECENT_S})
            return [Reading(gauge.name, tuple(row[:-1]), float(row[-1])) for row in cursor.fetchall()]
    except DatabaseError as error:
        if not connection.is_usable():  # the next gauge would only wait for nothing
            raise
        log.warning("metrics.figure_failed", code=gauge.name, error=describe_error(error))
        return None


def check_database() -> None:
    """Raise a DatabaseError unless the database answers."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL statement_timeout = {_TIMEOUT_MS}")
        cursor.execute("SELECT 1")


def count_missing_migrations() -> int:
    """How many migrations of this code the database lacks. Reads every migration file: not for often."""
    executor = MigrationExecutor(connection)
    return len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
