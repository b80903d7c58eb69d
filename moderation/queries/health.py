"""Whether the database answers, and whether it has all migrations of this code."""

from django.db import connection, transaction
from django.db.migrations.executor import MigrationExecutor

_TIMEOUT_MS = 2_000


def check_database() -> None:
    """Raise a DatabaseError unless the database answers."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL statement_timeout = {_TIMEOUT_MS}")
        cursor.execute("SELECT 1")


def count_missing_migrations() -> int:
    """The number of migrations of this code that the database lacks. Reads every migration file, so call it
    rarely.
    """
    executor = MigrationExecutor(connection)
    return len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
