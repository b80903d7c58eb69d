#!/usr/bin/env python3
"""Django's command line. Commands that need servers get private ones when none are configured."""

import os
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext

# `serve` owns its servers itself; the others look at no database.
WITHOUT_SERVERS = frozenset(
    {
        "serve",
        "run_part",
        "screen",
        "check",
        "help",
        "version",
        "--help",
        "--version",
        "collectstatic",
        "findstatic",
    }
    | {"openapi", "diffsettings", "sqlmigrate", "compilemessages", "makemessages"}
)
_MISSING_IN_SCHEMA = frozenset({"42P01", "42703"})  # PostgreSQL's codes for a missing table and column
LONG_TRANSACTIONS = frozenset({"migrate", "flush", "loaddata", "dumpdata", "backup", "restore"})


def main() -> None:
    """Run the command that `sys.argv` names."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.base")
    command = sys.argv[1] if len(sys.argv) > 1 else "help"
    if command in LONG_TRANSACTIONS:
        os.environ.setdefault("TRANSACTION_TIMEOUT_MS", "0")

    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line

    from config.problems import CannotStart

    try:
        with _servers_for(command), _old_database_named():
            execute_from_command_line(sys.argv)
    except (CannotStart, ImproperlyConfigured) as problem:
        sys.exit(f"{problem}")


@contextmanager
def _old_database_named() -> Iterator[None]:
    """Say what to do where a table or column is missing because migrations are pending."""
    from django.db import ProgrammingError

    from config.problems import CannotStart

    try:
        yield
    except ProgrammingError as error:
        from config.local.stack import has_pending_migrations

        if getattr(error.__cause__, "sqlstate", "") not in _MISSING_IN_SCHEMA or not has_pending_migrations():
            raise
        raise CannotStart(
            "The database is not up to date yet. Wait until `python3 run.py` says that the service runs, "
            "or run: python3 run.py manage migrate"
        ) from error


def _servers_for(command: str) -> AbstractContextManager[None]:
    from django.conf import settings

    if command in WITHOUT_SERVERS or settings.DATABASE_URL:
        return nullcontext()
    from config.local.servers import borrowed_servers

    return borrowed_servers(settings.VAR_DIR, has_broker=settings.HAS_PRIVATE_BROKER)


if __name__ == "__main__":
    main()
