"""The rows of a statement as typed tuples, each column by its name."""

from typing import NamedTuple, TypeVar

from django.db.backends.utils import CursorWrapper

R = TypeVar("R", bound=NamedTuple)


def read_rows(cursor: CursorWrapper, row_type: type[R]) -> list[R]:
    """All rows, whatever the order of the columns. Raises `ValueError` if a column has no field, or a field
    no column.
    """
    names = [column.name for column in cursor.description]
    if sorted(names) != sorted(row_type._fields):
        raise ValueError(f"{row_type.__name__}: {sorted({*names} ^ {*row_type._fields})}")
    if tuple(names) == row_type._fields:
        return [row_type._make(row) for row in cursor.fetchall()]
    places = [names.index(field) for field in row_type._fields]
    return [row_type._make(map(row.__getitem__, places)) for row in cursor.fetchall()]
