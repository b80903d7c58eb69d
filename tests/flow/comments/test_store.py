"""The statement that stores a comment: its answer is read by position."""

from typing import Any

import pytest
from django.db import connection

from moderation.flow.comments.new_comment import StoreResult
from moderation.flow.comments.store import SUBMIT_BY_ANY_HASH_SQL, SUBMIT_SQL
from tests.builders import build_site, submit

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("statement", [SUBMIT_SQL, SUBMIT_BY_ANY_HASH_SQL])
def test_the_columns_stand_in_the_order_of_the_fields(
    statement: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[str, ...]] = []
    monkeypatch.setattr("moderation.flow.comments.store.SUBMIT_SQL", statement)

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        result = execute(sql, params, many, context)
        if sql == statement:
            seen.append(tuple(column.name for column in context["cursor"].description))
        return result

    with connection.execute_wrapper(note):
        submit(build_site())
    assert set(seen) == {StoreResult._fields}
