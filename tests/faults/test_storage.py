"""The store says no: a full disk, a lock that is held, transactions that lose. Nothing half, nothing lost."""

import errno
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from html import unescape
from io import FileIO
from pathlib import Path
from time import monotonic, sleep
from uuid import UUID, uuid4

import httpx
import pytest

from tests.faults.armed import NO_BROKER, ArmedService, connect, start_armed, wait_for
from tests.faults.effects import check_screened_once
from tests.stack import open_for_all, stop_stack

pytestmark = pytest.mark.faults

PAGE = "https://news.example/an-article"
VOLUME_BYTES = 256 * 1024 * 1024
POSTS = 24
# `lock_timeout` is 2 s and 8 threads answer; far more than three rounds of it on a busy machine.
ANSWERS_WITHIN_S = 30.0
LONG = "It was a long day, and the river had much to say about it. "


@pytest.fixture
def small_volume() -> Iterator[Path]:
    """A file system of its own, which can be filled up without harm to others."""
    folder = Path(os.environ["VAR_DIR"]) / "volume"
    folder.mkdir(parents=True)
    command = ["mount", "-t", "tmpfs", "-o", f"size={VOLUME_BYTES},mode=755", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(command, capture_output=True, check=False).returncode != 0:
        folder.rmdir()
        pytest.skip("a full disk needs a small file system: only root may mount one, and not everywhere")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)
        shutil.rmtree(folder)


def test_a_full_disk_refuses_and_forgets_nothing(small_volume: Path) -> None:
    open_for_all(small_volume)
    service = start_armed("full", NO_BROKER, folder=small_volume)
    try:
        accepted = [service.submit().comment_id for _ in range(3)]
        service.wait_until_screened(accepted)
        keys = [uuid4().hex for _ in range(POSTS)]
        with filled(small_volume):
            answers = {key: service.post(long_text(key), key) for key in keys}
            check_answers(answers.values())
            refused = [key for key in keys if answers[key].status_code == 503]
            assert refused, "the disk was not full: this shows nothing"
            assert stored(service, refused) == []
            assert read_page(service).status_code == 200
            assert service.list_comments().status_code == 200
        accepted += [UUID(answers[key].json()["id"]) for key in keys if key not in refused]
        accepted += [UUID(post_until_accepted(service, key).json()["id"]) for key in refused]
        assert len(stored(service, keys)) == POSTS
        service.wait_until_screened(accepted, within_s=90)
        check_screened_once(service, accepted)
    finally:
        stop_stack(service.stack)


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
def filled(volume: Path) -> Iterator[None]:
    """Leave not one block free."""
    ballast = volume / "ballast"
    block = bytes(1024 * 1024)
    with ballast.open("wb", buffering=0) as file:
        for size in (len(block), 4096):
            _write_until_full(file, block[:size])
    try:
        yield
    finally:
        ballast.unlink()


def _write_until_full(file: FileIO, block: bytes) -> None:
    try:
        while True:
            file.write(block)
    except OSError as error:
        assert error.errno == errno.ENOSPC  # noqa: PT017 - until then every write succeeds


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


def long_text(key: str) -> str:
    """Long enough that a few of them need a new block."""
    return f"{key} {LONG * 150}"


def check_answers(answers: Iterable[httpx.Response]) -> None:
    """Accepted, or a problem that says when to come back: nothing else."""
    for answer in answers:
        assert answer.status_code in (202, 503), answer.text
        if answer.status_code == 503:
            assert answer.headers["Content-Type"] == "application/problem+json"
            assert int(answer.headers["Retry-After"]) > 0


def stored(service: ArmedService, keys: list[str]) -> list[str]:
    """Which of the texts are stored in any part."""
    statement = """SELECT k FROM unnest(%s::text[]) AS k
                   WHERE EXISTS (SELECT 1 FROM revision WHERE starts_with(body, k))"""
    return [row[0] for row in service.query(statement, [keys])]


def post_until_accepted(service: ArmedService, key: str) -> httpx.Response:
    """As a client does that heeds 503."""
    deadline = monotonic() + 60
    while (answer := service.post(long_text(key), key)).status_code != 202:
        assert answer.status_code == 503, answer.text
        assert monotonic() < deadline, "the service did not recover"
        sleep(0.5)
    return answer


def read_page(service: ArmedService) -> httpx.Response:
    """The thread in its frame."""
    return httpx.get(
        f"{service.stack.url}/embed/{service.made['public']}/thread", params={"url": PAGE}, timeout=20
    )


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
