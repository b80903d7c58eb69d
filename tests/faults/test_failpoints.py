"""Real processes are killed at every place where it could hurt: nothing is lost, nothing happens twice."""

from uuid import UUID

import pytest

from tests.faults.armed import KILLS
from tests.faults.effects import check_counters, check_screened_once
from tests.faults.service import ArmedService

pytestmark = pytest.mark.faults

MOST_TRIES = 8
OF_WORKERS = {
    "jobs.after_claim": ("screen", "celery"),
    "checks.mid_check": ("links",),
    "screen.before_finish": ("celery",),
    "screen.inside_finish": ("celery",),
    "jobs.after_run": ("screen", "celery"),
}
OF_SWEEPER = {"sweep.before_claim": ("screen",), "jobs.after_claim": ("screen", "run_jobs")}


def kill_at(service: ArmedService, point: str, *wanted: str) -> list[UUID]:
    """Submit comments until a process has died at `point` of one: another runner may be faster."""
    before = service.carried_out(point)
    service.order(point, "kill", *wanted)
    comments = []
    for _ in range(MOST_TRIES):
        comments.append(service.submit().comment_id)
        if service.was_carried_out(point, before, within_s=4):
            return comments
    raise AssertionError(f"no process came to {point}")


@pytest.mark.parametrize(
    ("point", "wanted", "is_stored"),
    [
        ("submit.before_commit", (), False),
        ("jobs.before_wake_up", ("screen",), True),
        ("jobs.after_wake_up", ("screen",), True),
    ],
)
def test_a_web_process_dies_and_the_client_tries_again(
    service: ArmedService, point: str, wanted: tuple[str, ...], is_stored: bool
) -> None:
    comments = []
    for _ in range(KILLS):
        before = service.carried_out(point)
        service.order(point, "kill", *wanted)
        sent = service.submit()
        assert service.carried_out(point) == before + 1
        assert sent.tries > 1
        assert sent.was_replayed is is_stored
        comments.append(sent.comment_id)
    service.wait_until_screened(comments)
    check_screened_once(service, comments)


@pytest.mark.parametrize("point", OF_WORKERS)
def test_a_worker_dies_and_another_does_the_work(service: ArmedService, point: str) -> None:
    comments = [each for _ in range(KILLS) for each in kill_at(service, point, *OF_WORKERS[point])]
    service.let_leases_end("screen")
    service.wait_until_screened(comments)
    check_screened_once(service, comments)


@pytest.mark.parametrize("point", OF_SWEEPER)
def test_a_child_of_the_sweeper_dies_and_the_next_does_the_work(sweeper: ArmedService, point: str) -> None:
    comments = [each for _ in range(KILLS) for each in kill_at(sweeper, point, *OF_SWEEPER[point])]
    sweeper.let_leases_end("screen")
    sweeper.wait_until_screened(comments)
    check_screened_once(sweeper, comments)


_DAMAGE = {
    "a thread counts one too many": (
        "UPDATE thread SET published_count = published_count + 1 WHERE site_id = %(site)s",
        "UPDATE thread SET published_count = published_count - 1 WHERE site_id = %(site)s",
    ),
    "a job is left over": (
        "INSERT INTO job (kind, site_id, subject_id, state) VALUES ('screen', %(site)s, %(id)s, 'dead')",
        "DELETE FROM job WHERE subject_id = %(id)s",
    ),
    "the same act is recorded twice": (
        """INSERT INTO audit_event (site_id, kind, subject_kind, subject_id, actor_kind, data)
           VALUES (%(site)s, 'comment.submitted', 'comment', %(id)s, 'reader', '{}')""",
        None,
    ),
    "a screening is missing": ("DELETE FROM screening WHERE comment_id = %(id)s", None),
}


@pytest.mark.parametrize("what", _DAMAGE)
def test_the_judge_would_see_that(service: ArmedService, what: str) -> None:
    comment_id = service.submit().comment_id
    service.wait_until_screened([comment_id])
    check_screened_once(service, [comment_id])
    damage, repair = _DAMAGE[what]
    values = {"site": service.made["site"], "id": str(comment_id)}
    service.query(damage, values)
    try:
        with pytest.raises(AssertionError):
            check_screened_once(service, [comment_id])
    finally:
        service.query(repair or "SELECT 1", values if repair else ())
    check_counters(service)
