"""Arrays written as text: PostgreSQL reads the values that were given."""

from uuid import UUID, uuid4

import pytest
from django.db import connection

from moderation.lib.arrays import int_array, uuid_array

MANY = [uuid4() for _ in range(100)]


def read_back(kind: str, array: str) -> list[object]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT %s::{kind}", [array])
        return list(cursor.fetchone()[0])


@pytest.mark.django_db
@pytest.mark.parametrize("ids", [[], [UUID(int=0)], [UUID(int=2**128 - 1)], MANY])
def test_ids_arrive_as_given(ids: list[UUID]) -> None:
    assert read_back("uuid[]", uuid_array(ids)) == ids


@pytest.mark.django_db
@pytest.mark.parametrize("numbers", [[], [0], [-1, 1, 2**63 - 1, -(2**63)]])
def test_numbers_arrive_as_given(numbers: list[int]) -> None:
    assert read_back("bigint[]", int_array(iter(numbers))) == numbers
