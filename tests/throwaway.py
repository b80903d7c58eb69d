"""A database for measurements outside pytest: private servers, and nothing left of them afterwards."""

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import django
from django.conf import settings
from django.db import connection

from config.local.servers import Servers
from tests import leftovers


@contextmanager
def throwaway_database() -> Iterator[None]:
    """Django with the tests' settings on servers of its own, as long as the block runs.

    Nothing that reads the settings may be imported before `DJANGO_SETTINGS_MODULE` names the tests'.
    """
    assert os.environ["DJANGO_SETTINGS_MODULE"] == "config.settings.testing"
    var = Path(settings.VAR_DIR)
    given = {"database": "DATABASE_URL", "broker": "REDIS_URL"}
    servers = Servers.of(var, is_fast=True)
    servers.start(
        dies_with_parent=True, only=[name for name, key in given.items() if not os.environ.get(key)]
    )
    try:
        django.setup()
        logging.disable(logging.WARNING)  # each refused request would be a line
        name = connection.creation.create_test_db(verbosity=0)
        yield
        connection.creation.destroy_test_db(name, verbosity=0)
    finally:
        logging.disable(logging.NOTSET)
        leftovers.remove_run(var, servers)
