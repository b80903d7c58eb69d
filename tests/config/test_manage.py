"""`manage.py`: what it says where the database is older than the code."""

import sys

import psycopg
import pytest
from django.db import ProgrammingError

import manage


@pytest.fixture
def fails(monkeypatch: pytest.MonkeyPatch) -> None:
    """A command that meets a missing table."""

    def fail(_arguments: list[str]) -> None:
        raise ProgrammingError from psycopg.errors.UndefinedTable('relation "site" does not exist')

    monkeypatch.setattr(sys, "argv", ["manage.py", "check"])
    monkeypatch.setattr("django.core.management.execute_from_command_line", fail)


def test_a_missing_table_of_an_old_database_is_named_as_such(fails: None, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("config.local.stack.has_pending_migrations", lambda: True)
    with pytest.raises(SystemExit, match=r"not up to date yet.*python3 run\.py manage migrate"):
        manage.main()


def test_a_missing_table_of_a_database_that_is_up_to_date_is_a_bug(
    fails: None, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("config.local.stack.has_pending_migrations", lambda: False)
    with pytest.raises(ProgrammingError):
        manage.main()
