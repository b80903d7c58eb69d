"""Kept connections: a standing one costs no question, a dead one is not used again."""

import pytest
from django.db import DataError, OperationalError, connection, connections

from config.database import LONGEST_LIFE_S, keep_connections
from config.database.base import DatabaseWrapper


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
    assert (kept["CONN_MAX_AGE"], kept["CONN_HEALTH_CHECKS"]) == (LONGEST_LIFE_S, True)


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


@pytest.fixture
def patient():
    """A connection that gives its server a moment."""
    made = DatabaseWrapper({**connection.settings_dict, "TRANSACTION_TIMEOUT_MS": 1000}, alias="patient")
    made.ensure_connection()
    made.connection.answer_within_s = 0.2
    yield made
    made.close()


@pytest.mark.django_db(transaction=True)
def test_a_server_that_says_nothing_is_not_waited_for(patient):
    with pytest.raises(OperationalError), patient.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(30)")
    assert patient.connection.closed
    assert not patient.is_usable()


@pytest.mark.django_db(transaction=True)
def test_a_statement_that_failed_leaves_the_connection_standing(patient):
    with pytest.raises(DataError), patient.cursor() as cursor:
        cursor.execute("SELECT 1 / 0")
    assert not patient.connection.closed
    with patient.cursor() as cursor:
        cursor.execute("SHOW transaction_timeout")
        assert cursor.fetchone() == ("1s",)
