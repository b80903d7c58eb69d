"""The suite stands on the real parts."""

from contextlib import closing

import pytest
from django.conf import settings
from django.db import connection
from redis import Redis


@pytest.mark.django_db
def test_the_database_is_postgresql_of_a_version_that_ends_long_transactions():
    """In a connection as the service opens them: the suite's own tests may be one long transaction each."""
    assert connection.vendor == "postgresql"
    served = connection.copy()
    served.settings_dict = {**connection.settings_dict, "TRANSACTION_TIMEOUT_MS": 4_000}
    with closing(served), served.cursor() as cursor:
        cursor.execute("SHOW transaction_timeout")
        assert cursor.fetchone() == ("4s",)
        cursor.execute("SHOW lock_timeout")
        assert cursor.fetchone() == ("2s",)
        cursor.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
        assert cursor.fetchone() == (False,)


def test_the_broker_is_a_real_server_that_refuses_rather_than_evicts():
    with Redis.from_url(settings.REDIS_URL, decode_responses=True, socket_timeout=1) as broker:
        assert broker.ping()
        assert broker.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}
