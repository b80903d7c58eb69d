"""Four real streams through the front door of the running service."""

import json
import re
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.stack import LiveStack

pytestmark = pytest.mark.slow

STREAMS = sorted((Path(__file__).parents[2] / "bench" / "data" / "youtube").glob("*.csv"))
ROWS, REPEATED = 1586, 26


@pytest.fixture(scope="module")
def made(live_stack: LiveStack) -> dict[str, Any]:
    made: dict[str, Any] = json.loads(live_stack.manage("demo", "--json"))
    return made


def number(output: str, word: str) -> int:
    found = re.search(rf"^{word} +(\d+)", output, re.MULTILINE)
    return int(found[1]) if found else 0


def test_every_row_is_accepted_or_repeated_and_screened_by_workers(
    live_stack: LiveStack, made: dict[str, Any]
) -> None:
    arguments = [*map(str, STREAMS), "--url", live_stack.url, "--key", made["api_key"]]
    output = live_stack.manage("replay", *arguments, within_s=300)
    assert number(output, "rows") == ROWS
    assert number(output, "repeated") == REPEATED
    assert number(output, "accepted") == ROWS - REPEATED
    by_status = {
        word: number(output, word) for word in ("published", "held", "spam", "rejected", "screening")
    }
    assert sum(by_status.values()) == ROWS - REPEATED
    assert by_status["screening"] == 0
    assert number(output, "celery") >= 0.99 * (ROWS - REPEATED)

    # The same files once more: nothing new, whatever the order.
    again = live_stack.manage("replay", *arguments, within_s=300)
    assert number(again, "repeated") + number(again, "accepted") >= ROWS
    assert count_replayed(live_stack) == ROWS - REPEATED


def test_each_comment_is_in_exactly_one_place(live_stack: LiveStack, made: dict[str, Any]) -> None:
    with connect(live_stack) as connection:
        misplaced = connection.execute(
            """
            SELECT count(*) FROM comment
            LEFT JOIN review_item AS item
                ON item.comment_id = comment.id AND item.queue <> 'sample' AND item.closed_at IS NULL
            WHERE (status = 'held') <> (item.id IS NOT NULL)
               OR (status = 'published') <> (published_revision_id IS NOT NULL)
            """
        ).fetchone()
        assert misplaced == (0,)
        counted = connection.execute(
            """
            SELECT count(*) FROM thread WHERE published_count <>
                (SELECT count(*) FROM comment WHERE thread_id = thread.id AND status = 'published')
            """
        ).fetchone()
        assert counted == (0,)


def connect(stack: LiveStack) -> "psycopg.Connection[Any]":
    from config.local.postgres import DATABASE, ROLE
    from config.local.servers import database_socket_folder

    folder = database_socket_folder(stack.var)
    return psycopg.connect(host=str(folder), dbname=DATABASE, user=ROLE)


def count_replayed(stack: LiveStack) -> int:
    with connect(stack) as connection:
        row = connection.execute(
            "SELECT count(*) FROM comment JOIN thread ON thread.id = thread_id WHERE thread.key = ANY(%s)",
            [[f"replay-{stream.stem}" for stream in STREAMS]],
        ).fetchone()
    assert row is not None
    return int(row[0])
