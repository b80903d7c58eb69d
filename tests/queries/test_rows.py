"""Rows by name: the order of columns is nobody's business, and a column too many or too few is an error."""

from typing import NamedTuple

import pytest
from django.db import connection

from moderation.queries.rows import read_rows

pytestmark = pytest.mark.django_db


class Pair(NamedTuple):
    name: str
    number: int


class One(NamedTuple):
    name: str


def test_columns_find_their_fields_in_any_order():
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 AS number, 'a' AS name UNION ALL SELECT 2, 'b'")
        assert read_rows(cursor, Pair) == [Pair("a", 1), Pair("b", 2)]


def test_a_single_column_is_a_row_too():
    with connection.cursor() as cursor:
        cursor.execute("SELECT 'ab' AS name")
        assert read_rows(cursor, One) == [One("ab")]


@pytest.mark.parametrize("columns", ["'a' AS name", "'a' AS name, 1 AS number, 2 AS more", "'a' AS name, 1"])
def test_a_column_too_many_or_too_few_is_an_error(columns: str):
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {columns}")
        with pytest.raises(ValueError, match="Pair: "):
            read_rows(cursor, Pair)
