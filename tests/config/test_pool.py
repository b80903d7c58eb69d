"""The pool of the web process: what it does when the database dies, hangs, or is not there."""

import time
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from django.db import connection

from config.database.base import DatabaseWrapper, PatientConnection
from config.database.pool import Pool

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def wrapper() -> Iterator[DatabaseWrapper]:
    """A connection of Django's on a pool of its own."""
    options = {**connection.settings_dict["OPTIONS"], "pool": {"max_size": 2, "timeout": 0.1}}
    made = DatabaseWrapper(
        {**connection.settings_dict, "OPTIONS": options, "TRANSACTION_TIMEOUT_MS": 1000}, alias="pooled"
    )
    yield made
    made.close()
    made.close_pool()


def ask(wrapper: DatabaseWrapper, sql: str = "SELECT pg_backend_pid()") -> Any:
    with wrapper.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchone()[0]


def test_a_connection_is_used_again(wrapper: DatabaseWrapper) -> None:
    first = ask(wrapper)
    wrapper.close()
    assert ask(wrapper) == first


def test_a_connection_that_died_is_replaced_unnoticed(wrapper: DatabaseWrapper) -> None:
    first = ask(wrapper)
    wrapper.close()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s)", [first])
    deadline = time.monotonic() + 5
    while ask(wrapper) == first and time.monotonic() < deadline:  # the server takes a moment to end it
        wrapper.close()
    assert ask(wrapper) != first


def test_it_never_holds_more_than_it_may(wrapper: DatabaseWrapper) -> None:
    taken = [wrapper.pool.getconn() for _ in range(2)]
    with pytest.raises(psycopg.OperationalError):
        wrapper.pool.getconn()
    wrapper.pool.putconn(taken.pop())
    taken.append(wrapper.pool.getconn())
    for each in taken:
        wrapper.pool.putconn(each)


def test_what_comes_back_in_the_middle_of_a_transaction_is_not_used_again(wrapper: DatabaseWrapper) -> None:
    taken = wrapper.pool.getconn()
    taken.autocommit = False
    taken.execute("SELECT 1")
    wrapper.pool.putconn(taken)
    assert taken.closed


def test_a_server_that_says_nothing_is_not_waited_for(wrapper: DatabaseWrapper) -> None:
    taken = wrapper.pool.getconn()
    taken.answer_within_s = 0.2
    with pytest.raises(psycopg.OperationalError):
        taken.execute("SELECT pg_sleep(30)")
    assert taken.closed
    wrapper.pool.putconn(taken)
    assert ask(wrapper)


def test_a_failed_statement_does_not_close_the_connection(wrapper: DatabaseWrapper) -> None:
    taken = wrapper.pool.getconn()
    with pytest.raises(psycopg.errors.DivisionByZero):
        taken.execute("SELECT 1 / 0")
    assert not taken.closed
    wrapper.pool.putconn(taken)


def test_a_database_that_is_away_is_told_at_once_and_found_when_it_is_back() -> None:
    is_away = True

    def connect() -> PatientConnection:
        if is_away:
            raise psycopg.OperationalError("refused")
        return PatientConnection.connect(
            **DatabaseWrapper(connection.settings_dict, alias="direct").get_connection_params(),
            autocommit=True,
        )

    pool = Pool(connect, max_size=1, timeout=0.1)
    for _ in range(5):  # a failure takes no turn away
        with pytest.raises(psycopg.OperationalError, match="refused"):
            pool.getconn()
    is_away = False
    pool.putconn(pool.getconn())
    pool.close()
