"""Sixty kills under load: nothing that was accepted is lost, left unscreened or doubled.

The same by a thousand: `python3 run.py bench chaos --kills 1000`.
"""

import random
from collections.abc import Iterator

import pytest

from tests.faults.chaos.comparison import Comparison, compare
from tests.faults.chaos.runner import SETTLES_WITHIN_S, Outcome, run_chaos
from tests.faults.chaos.scene import Connection, Scene

pytestmark = pytest.mark.faults

KILLS = 60
# Runs that a kill made necessary once more. Each kill interrupts two workers' batches at most.
MOST_EXTRA_RUNS_PER_KILL = 5.0


@pytest.fixture(scope="module")
def outcome(scene: Scene) -> Outcome:
    return run_chaos(scene, kills=KILLS, seed=random.randrange(10_000), say=print)


@pytest.fixture
def connection(scene: Scene) -> Iterator[Connection]:
    """The database after the run. What a test spoils in it is undone."""
    with scene.connect() as opened:
        opened.execute("BEGIN")
        # As a fault of the storage would: no key, no trigger is asked.
        opened.execute("SET LOCAL session_replication_role = replica")
        yield opened
        opened.execute("ROLLBACK")


def test_nothing_is_lost_left_or_doubled(outcome: Outcome) -> None:
    report = outcome.report
    print(report.as_text())
    assert report.kill_count == KILLS
    assert report.accepted > KILLS
    assert report.by_form > 0
    assert (report.lost, report.unscreened, report.doubled) == (0, 0, 0), report.examples
    assert report.unanswered == 0
    assert report.settle_s <= SETTLES_WITHIN_S
    assert not report.surprises, "only 503, 429 and silence are excused by a fault"


def test_it_was_chaos_indeed(outcome: Outcome) -> None:
    report = outcome.report
    assert len(report.kills) == 10, "every kind of process was killed"
    assert len(report.others) == 3
    assert report.retries
    assert report.replays > 0
    assert set(report.runners) >= {"celery", "run_jobs"}
    assert report.extra_runs <= MOST_EXTRA_RUNS_PER_KILL * report.kill_count


def spoil(connection: Connection, sql: str) -> None:
    """Do one wrong to the first comment of the ledger that fits."""
    changed = connection.execute(sql).rowcount
    assert changed > 0, "nothing was spoilt"


ONE = "(SELECT id FROM comment WHERE email_domain = 'chaos.example' AND {} ORDER BY id LIMIT 1)"
OURS, HELD = ONE.format("true"), ONE.format("status = 'held'")
# The names of the questions that have to find it.
SPOILT = {
    "accepted, but not there": f"DELETE FROM comment WHERE id = {OURS}",
    "another text": f"UPDATE revision SET body = body || '!' WHERE comment_id = {OURS}",
    "another thread": f"UPDATE comment SET thread_id = (SELECT id FROM thread WHERE id <> comment.thread_id"
    f" LIMIT 1) WHERE id = {OURS}",
    "no sealed address": f"DELETE FROM contact WHERE comment_id = {OURS}",
    "still in screening": f"UPDATE comment SET status = 'screening' WHERE id = {OURS}",
    "waits without a job": f"UPDATE comment SET status = 'screening' WHERE id = {OURS}",
    "open screening job": "INSERT INTO job (kind, site_id, subject_id)"
    f" SELECT 'screen', site_id, id FROM comment WHERE id = {OURS}",
    "leased for ever": "INSERT INTO job (kind, site_id, subject_id, leased_at)"
    f" SELECT 'mail', site_id, id, now() - interval '1 hour' FROM comment WHERE id = {OURS}",
    "neither screened nor given to a person": f"DELETE FROM screening WHERE comment_id = {OURS}",
    "not one idempotency key": "DELETE FROM idempotency_key WHERE comment_id = "
    + ONE.format("id IN (SELECT comment_id FROM idempotency_key)"),
    "not exactly one revision": f"UPDATE revision SET comment_id = {OURS}, number = 2"
    f" WHERE comment_id = {ONE.format(f'id <> {OURS}')}",
}
COPIED = {
    "a comment that nobody was promised": ("comment", "id", OURS),
    "several screenings of one revision": ("screening", "comment_id", OURS),
    "several verdicts": ("decision", "comment_id", OURS),
    "a version that is not one more than its decisions": ("decision", "comment_id", OURS),
    "not one event for each decision": ("decision", "comment_id", OURS),
}
COUNTED = {
    "not one event of its submission": "DELETE FROM audit_event WHERE kind = 'comment.submitted'"
    f" AND subject_id = {OURS}::text",
    "not in the queue exactly while held": "UPDATE review_item SET closed_at = now()"
    f" WHERE comment_id = {HELD}",
    "not shown exactly while published": f"UPDATE comment SET published_revision_id = current_revision_id"
    f" WHERE id = {HELD}",
    "a thread that counts wrong": "UPDATE thread SET published_count = published_count + 1",
    "an author who counts wrong": "UPDATE author SET spam_count = spam_count + 1",
}


@pytest.mark.parametrize("name", [*SPOILT, *COUNTED])
def test_the_comparison_finds_what_was_spoilt(outcome: Outcome, connection: Connection, name: str) -> None:
    spoil(connection, (SPOILT | COUNTED)[name])
    check_found(compare(outcome.ledger, connection), name)


@pytest.mark.parametrize("name", COPIED)
def test_the_comparison_finds_what_was_doubled(outcome: Outcome, connection: Connection, name: str) -> None:
    table, column, which = COPIED[name]
    connection.execute(
        f"CREATE TEMPORARY TABLE copied ON COMMIT DROP AS SELECT * FROM {table} WHERE {column} = {which}"
    )
    connection.execute("UPDATE copied SET id = gen_random_uuid()")
    if table == "screening":
        connection.execute("UPDATE copied SET lease_token = gen_random_uuid()")
    if table == "comment":
        connection.execute("UPDATE copied SET body_hash = body_hash + 1")
    spoil(connection, f"INSERT INTO {table} SELECT * FROM copied")
    check_found(compare(outcome.ledger, connection), name)


@pytest.mark.parametrize("name", ["several comments for one entry", "one comment for several entries"])
def test_the_comparison_finds_a_key_that_was_answered_wrongly(
    outcome: Outcome, connection: Connection, name: str
) -> None:
    one, other = [entry for entry in outcome.ledger.accepted if entry.ids][:2]
    kept = list(one.ids)
    one.ids[:] = [*kept, other.ids[0]] if name == "several comments for one entry" else [other.ids[0]]
    try:
        check_found(compare(outcome.ledger, connection), name)
    finally:
        one.ids[:] = kept


def test_the_comparison_finds_a_wrong_refusal(outcome: Outcome, connection: Connection) -> None:
    entry = next(entry for entry in outcome.ledger.accepted if not entry.unsure)
    entry.outcome = "repeated"
    try:
        assert compare(outcome.ledger, connection).lost > 0
    finally:
        entry.outcome = "accepted"


def check_found(found: Comparison, name: str) -> None:
    assert not found.is_clean
    assert name in found.examples, found.examples
