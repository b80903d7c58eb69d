"""The database engine of the settings: Django's own with a bound on transactions."""

from django.db import DEFAULT_DB_ALIAS, connections

# A database that moved behind the same name is found again after this time.
LONGEST_LIFE_S = 3600


def keep_connections() -> None:
    """From now on each thread of this process keeps its connection, and looks before each request whether
    it still stands. For the web process, whose few threads answer many requests.
    """
    database = connections.settings[DEFAULT_DB_ALIAS]
    database["CONN_MAX_AGE"] = LONGEST_LIFE_S
    database["CONN_HEALTH_CHECKS"] = True
