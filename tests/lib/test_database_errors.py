"""What is told "try again later", and what is our fault."""

import psycopg.errors
import pytest
from django.db import DataError, IntegrityError, InterfaceError, InternalError, OperationalError
from django.db.utils import Error

from moderation.lib.database_errors import is_nobodys_fault, is_passing


def wrapped(kind: type[Error], sqlstate: str) -> Error:
    """As Django raises it."""
    error = kind("what the server said")
    error.__cause__ = psycopg.errors.lookup(sqlstate)()
    return error


@pytest.mark.parametrize(
    ("error", "passes", "costs_no_attempt"),
    [
        (wrapped(OperationalError, "53100"), True, True),
        (wrapped(OperationalError, "40001"), True, True),
        (wrapped(OperationalError, "40P01"), True, True),
        (wrapped(OperationalError, "55P03"), True, True),
        (wrapped(OperationalError, "57P01"), True, False),
        (wrapped(InternalError, "25P04"), True, False),
        (OperationalError("the server closed the connection"), True, False),
        (InterfaceError("the connection is closed"), True, False),
        (wrapped(InternalError, "XX001"), False, False),
        (wrapped(DataError, "22001"), False, False),
        (wrapped(IntegrityError, "23505"), False, False),
        (ValueError("no database error at all"), False, False),
    ],
)
def test_what_passes_by_itself(error: Exception, passes: bool, costs_no_attempt: bool) -> None:
    assert is_passing(error) is passes
    assert is_nobodys_fault(error) is costs_no_attempt
