"""How the service stands, read from the database: the same answer in every process."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.db import connection, transaction
from django.db.migrations.executor import MigrationExecutor

from moderation.queries.health_sql import COUNT_CAP, GAUGES, RECENT_S

_TIMEOUT_MS = 2_000


@dataclass(frozen=True, slots=True)
class Reading:
    """One figure: which gauge, with which labels, how much."""

    gauge: str
    labels: tuple[str, ...]
    value: float


def readings() -> Iterator[Reading]:
    """All gauges, within one short read-only transaction."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL statement_timeout = {_TIMEOUT_MS}")
        for gauge in GAUGES:
            cursor.execute(gauge.sql, {"cap": COUNT_CAP, "recent_s": RECENT_S})
            for *labels, value in cursor.fetchall():
                yield Reading(gauge.name, tuple(labels), float(value))


def check_database() -> None:
    """Raise a DatabaseError unless the database answers."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL statement_timeout = {_TIMEOUT_MS}")
        cursor.execute("SELECT 1")


def count_missing_migrations() -> int:
    """How many migrations of this code the database lacks. Reads every migration file: not for often."""
    executor = MigrationExecutor(connection)
    return len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
