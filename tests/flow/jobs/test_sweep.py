"""The look without a broker: when it rings, when it works itself, and that it alone suffices."""

import os
import time

import pytest
from django.db import connection
from structlog.testing import capture_logs

from moderation.clients import bell
from moderation.clients.bell import NullBell, Rung
from moderation.domain.status import Status
from moderation.flow import jobs, sweep
from moderation.flow.job_sql import PULSE_SQL
from moderation.flow.jobs import SCREEN, Kind
from moderation.flow.sweep import Sweeper
from moderation.models import Comment, Job, Screening
from tests.builders import build_site, submit

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def sweeper(monkeypatch: pytest.MonkeyPatch) -> Sweeper:
    sweeper = Sweeper()
    monkeypatch.setattr(sweeper, "_run_in_child", lambda kind: ran.append(kind.name))
    ran: list[str] = []
    sweeper.ran = ran  # type: ignore[attr-defined]
    return sweeper


def due_work() -> Comment:
    site = build_site()
    Job.objects.exclude(kind="screen").delete()
    return submit(site)


def rings(monkeypatch: pytest.MonkeyPatch, rung: Rung) -> None:
    monkeypatch.setattr(jobs, "ring", lambda kind: rung)


def test_a_first_look_only_rings(sweeper: Sweeper, monkeypatch: pytest.MonkeyPatch) -> None:
    due_work()
    rings(monkeypatch, Rung.RUNG)
    sweeper.look()
    assert sweeper.ran == []  # type: ignore[attr-defined]


def test_work_that_nobody_comes_for_is_run_when_patience_ends(
    sweeper: Sweeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    due_work()
    rings(monkeypatch, Rung.MUTED)
    sweeper.look()
    sweeper.look()
    assert sweeper.ran == []  # type: ignore[attr-defined]
    monkeypatch.setattr(sweep, "PATIENCE_S", -1)
    sweeper.look()
    assert sweeper.ran == ["screen"]  # type: ignore[attr-defined]


def test_work_is_left_to_workers_that_claim(sweeper: Sweeper, monkeypatch: pytest.MonkeyPatch) -> None:
    due_work()
    rings(monkeypatch, Rung.RUNG)
    monkeypatch.setattr(sweep, "PATIENCE_S", -1)
    sweeper.look()
    with connection.cursor() as cursor:
        cursor.execute(PULSE_SQL, {"kind": "screen"})
    sweeper.look()
    assert sweeper.ran == []  # type: ignore[attr-defined]


@pytest.mark.parametrize("rung", [Rung.FAILED, Rung.SKIPPED])
def test_without_a_bell_it_runs_at_once(
    sweeper: Sweeper, monkeypatch: pytest.MonkeyPatch, rung: Rung
) -> None:
    due_work()
    rings(monkeypatch, rung)
    sweeper.look()
    assert sweeper.ran == ["screen"]  # type: ignore[attr-defined]


def test_it_alone_screens_a_comment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bell, "get_bell", NullBell)
    comment = due_work()
    sweeper = Sweeper()
    for _ in range(100):
        sweeper.look()
        comment.refresh_from_db()
        if comment.status != Status.SCREENING:
            break
        time.sleep(0.1)
    sweeper.stop()
    assert comment.status == Status.PUBLISHED
    assert Screening.objects.get().runner == "run_jobs"


def test_a_child_that_hangs_is_ended_and_others_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    hasty = Kind("screen", lease_s=10, batch=5, queue="local", time_limit_s=0.2)
    monkeypatch.setitem(sweep.RUNNERS, hasty, lambda *, runner: time.sleep(60))
    sweeper = Sweeper()
    sweeper._run_in_child(hasty)
    pid = sweeper._children[hasty]
    assert not sweeper._must_run(hasty, Rung.FAILED, None)
    for _ in range(50):
        sweeper._reap()
        if not sweeper._children:
            break
        time.sleep(0.1)
    assert not sweeper._children
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_every_kind_of_work_has_a_runner_and_a_task() -> None:
    from config.celery import app

    app.loader.import_default_modules()
    assert set(sweep.RUNNERS) == set(jobs.KINDS)
    assert {kind.task_name for kind in jobs.KINDS} <= set(app.tasks)
    assert SCREEN.task_name == "moderation.screen"


def test_stopping_ends_the_running_children_and_waiting_lets_them_finish(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sweep.RUNNERS, SCREEN, lambda *, runner: time.sleep(0.2))
    sweeper = Sweeper()
    sweeper._run_in_child(SCREEN)
    sweeper.wait()
    assert not sweeper._children
    monkeypatch.setitem(sweep.RUNNERS, SCREEN, lambda *, runner: time.sleep(60))
    sweeper._run_in_child(SCREEN)
    began = time.monotonic()
    sweeper.stop()
    assert time.monotonic() - began < 10
    assert not sweeper._children


def test_a_child_that_fails_is_told_and_a_second_is_not_started_beside_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sweep.RUNNERS, SCREEN, lambda *, runner: 1 / 0)
    sweeper = Sweeper()
    sweeper._run_in_child(SCREEN)
    assert not sweeper._must_run(SCREEN, Rung.SKIPPED, None)
    with capture_logs() as logs:
        while sweeper._children:
            sweeper._reap()
            time.sleep(0.05)
    assert [entry["event"] for entry in logs] == ["batch ended badly"]


def test_a_due_time_from_another_age_is_mended() -> None:
    due_work()
    Job.objects.update(due_at="2199-01-01T00:00:00Z")
    sweeper = Sweeper()
    sweeper._heal_now_and_then()
    assert not Job.objects.filter(due_at__gt="2100-01-01T00:00:00Z").exists()
