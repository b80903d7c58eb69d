"""Kept connections: a standing one costs no question, a dead one is not used again."""

import pytest
from django.db import connection, connections

from config.database import keep_connections


@pytest.fixture
def kept():
    """The settings of the web process, for one test."""
    settings = connections.settings["default"]
    before = dict(settings)
    keep_connections()
    yield settings
    settings.clear()
    settings.update(before)


def test_the_web_process_keeps_connections_and_looks_at_them(kept):
    assert (kept["CONN_MAX_AGE"], kept["CONN_HEALTH_CHECKS"]) == (None, True)


@pytest.mark.django_db(transaction=True)
def test_a_standing_connection_is_not_asked(django_assert_num_queries):
    connection.ensure_connection()
    with django_assert_num_queries(0):
        assert connection.is_usable()


@pytest.mark.django_db(transaction=True)
def test_a_connection_that_the_server_ended_is_found_out():
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (pid,) = cursor.fetchone()
    other = connections.create_connection("default")
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
        assert not connection.is_usable()
    finally:
        other.close()
        connection.close()


@pytest.mark.django_db(transaction=True)
def test_a_word_from_the_server_makes_it_ask_and_nothing_more():
    with connection.cursor() as cursor:
        cursor.execute("LISTEN a_word")
    other = connections.create_connection("default")
    try:
        with other.cursor() as cursor:
            cursor.execute("NOTIFY a_word")
        assert connection.is_usable()
    finally:
        other.close()
        connection.close()
