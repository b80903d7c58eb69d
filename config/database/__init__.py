"""The database engine of the settings: Django's own with a bound on transactions."""

from django.db import DEFAULT_DB_ALIAS, connections

# After this time a connection finds a database that has moved behind the same name.
LONGEST_LIFE_S = 3600


def keep_connections() -> None:
    """From now on each thread of this process keeps its connection, and checks before each request that it is
    still open. For the web process, whose few threads answer many requests.
    """
    database = connections.settings[DEFAULT_DB_ALIAS]
    database["CONN_MAX_AGE"] = LONGEST_LIFE_S
    database["CONN_HEALTH_CHECKS"] = True
