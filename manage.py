#!/usr/bin/env python3
"""Django's command line. Commands that need servers get private ones when none are configured."""

import os
import sys
from contextlib import AbstractContextManager, nullcontext

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
        with _servers_for(command):
            execute_from_command_line(sys.argv)
    except (CannotStart, ImproperlyConfigured) as problem:
        sys.exit(f"{problem}")


def _servers_for(command: str) -> AbstractContextManager[None]:
    from django.conf import settings

    if command in WITHOUT_SERVERS or settings.DATABASE_URL:
        return nullcontext()
    from config.local.servers import borrowed_servers

    return borrowed_servers(settings.VAR_DIR, has_broker=settings.HAS_PRIVATE_BROKER)


if __name__ == "__main__":
    main()
