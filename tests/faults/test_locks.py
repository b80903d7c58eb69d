"""Locks that are held and transactions that lose: 503 in time or another try, nothing half, nothing lost."""

import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from html import unescape
from time import monotonic
from uuid import UUID, uuid4

import httpx
import pytest

from tests.faults.effects import check_screened_once
from tests.faults.refusals import PAGE, check_answers, long_text, post_until_accepted, read_page, stored
from tests.faults.service import ArmedService, connect, wait_for

pytestmark = pytest.mark.faults

POSTS = 24
# `lock_timeout` is 2 s and 8 threads answer; far more than three rounds of it on a busy machine.
ANSWERS_WITHIN_S = 30.0


def test_a_lock_that_is_held_is_answered_in_time_and_leaves_no_queue(service: ArmedService) -> None:
    form = read_form(service)
    with connect(service.stack.var) as holder:
        with holder.transaction():
            holder.execute("LOCK TABLE comment IN EXCLUSIVE MODE")
            began = monotonic()
            keys = [uuid4().hex for _ in range(POSTS)]
            with ThreadPoolExecutor(POSTS) as pool:
                posts = pool.map(lambda key: service.post(long_text(key), key, timeout_s=60), keys)
                answers = dict(zip(keys, posts, strict=True))
            assert monotonic() - began < ANSWERS_WITHIN_S
            check_answers(answers.values())
            assert {answer.status_code for answer in answers.values()} == {503}
            page = send_form(service, form, "Kept while <others> hold the table.")
            assert page.status_code == 503
            assert page.headers["Retry-After"]
            assert "Kept while <others> hold the table." in unescape(page.text)
            assert read_page(service).status_code == 200
            wait_for(partial(nobody_waits, service), within_s=10, what="nobody waits for the lock any more")
    assert stored(service, keys) == []
    accepted = [UUID(post_until_accepted(service, key).json()["id"]) for key in keys]
    assert send_form(service, form, "Kept while <others> hold the table.").status_code == 303
    service.wait_until_screened(accepted)
    check_screened_once(service, accepted)


def test_transactions_that_lose_are_tried_again_or_refused(service: ArmedService) -> None:
    with losing_transactions(service) as count_lost:
        sent = [service.submit() for _ in range(40)]
        comments = [each.comment_id for each in sent]
        service.wait_until_screened(comments)
        at_commit, while_screening = count_lost()
    assert at_commit > 0
    assert while_screening > 0
    assert sum(each.tries - 1 for each in sent) == at_commit
    check_screened_once(service, comments)


@contextmanager
def losing_transactions(service: ArmedService) -> Iterator[Callable[[], tuple[int, int]]]:
    """The server ends one transaction in five: submissions at their commit, screenings at their finish."""
    service.query(_LOSE_SQL)
    try:
        yield partial(_count_lost, service)
    finally:
        service.query(_WIN_SQL)


# Sequences count what is rolled back, too.
_LOSE_SQL = """
CREATE SEQUENCE lost_at_commit;
CREATE SEQUENCE lost_while_screening;
CREATE FUNCTION lose() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF nextval(TG_ARGV[0]) % 5 = 1 THEN
        RAISE EXCEPTION 'on purpose' USING ERRCODE = (ARRAY['40001', '40P01'])[1 + (random() < 0.5)::int];
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER lose AFTER INSERT ON idempotency_key DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION lose('lost_at_commit');
CREATE TRIGGER lose AFTER DELETE ON job FOR EACH STATEMENT EXECUTE FUNCTION lose('lost_while_screening');
"""
_WIN_SQL = """
DROP TRIGGER lose ON idempotency_key;
DROP TRIGGER lose ON job;
DROP FUNCTION lose;
DROP SEQUENCE lost_at_commit, lost_while_screening;
"""


def _count_lost(service: ArmedService) -> tuple[int, int]:
    at_commit, while_screening = (
        service.query(f"SELECT CASE WHEN is_called THEN (last_value + 4) / 5 ELSE 0 END FROM {name}")[0][0]
        for name in ("lost_at_commit", "lost_while_screening")
    )
    return at_commit, while_screening


def read_form(service: ArmedService) -> dict[str, str]:
    """The hidden inputs of the form in that frame."""
    pattern = r'<input type="hidden" name="(\w+)"[^>]* value="([^"]*)"'
    return {name: unescape(value) for name, value in re.findall(pattern, read_page(service).text)}


def send_form(service: ArmedService, form: dict[str, str], text: str) -> httpx.Response:
    """Send the form with a comment."""
    typed = {"comment": text, "author": "Wilma Dray", "email": "wilma@reader.example", "url": ""}
    url = f"{service.stack.url}/embed/{service.made['public']}/comments"
    return httpx.post(url, params={"url": PAGE}, data=form | typed, timeout=20)


def nobody_waits(service: ArmedService) -> bool:
    """No statement of the service waits for a lock."""
    return service.query("SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock'") == []
