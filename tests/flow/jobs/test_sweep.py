"""The look without a broker: when it wakes workers, when it works itself, and that it alone suffices."""

import os
import time
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace

import pytest
from celery import current_app
from django.db import connection
from django.db.models.functions import Now
from structlog.testing import capture_logs

from moderation.clients import wake_up
from moderation.clients.wake_up import NullWakeUps, WakeUpResult
from moderation.domain.status import Status
from moderation.flow import jobs
from moderation.flow.jobs import Lease, queueing, registry, sweep
from moderation.flow.jobs.heartbeat import _HEARTBEAT_SQL
from moderation.flow.jobs.kinds import ALL_SITES, BACKGROUND, LOCAL, QUEUES, REMOTE, SCREEN, Kind
from moderation.flow.jobs.sweep import Sweeper
from moderation.models import Comment, Job, Screening
from tests.builders import build_site, submit

pytestmark = pytest.mark.django_db(transaction=True)


STANDING = [kind for kind in registry.all_kinds() if kind.is_standing]


@pytest.fixture
def sweeper(monkeypatch: pytest.MonkeyPatch) -> Sweeper:
    sweeper = Sweeper()
    monkeypatch.setattr(sweeper, "_run_in_child", lambda kind: ran.append(kind.name))
    ran: list[str] = []
    sweeper.ran = ran  # type: ignore[attr-defined]
    return sweeper


def due_work() -> Comment:
    site = build_site()
    jobs.start_standing(STANDING)
    Job.objects.update(due_at=Now() + timedelta(minutes=1))
    return submit(site)


def set_clock(monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    """What the sweeper's clock shows, in seconds from its first look on."""
    monkeypatch.setattr(sweep, "time", SimpleNamespace(monotonic=lambda: seconds))


def wake_ups_are(monkeypatch: pytest.MonkeyPatch, result: WakeUpResult) -> None:
    monkeypatch.setattr(queueing, "wake_worker", lambda kind: result)


def test_a_first_look_only_wakes_a_worker(sweeper: Sweeper, monkeypatch: pytest.MonkeyPatch) -> None:
    due_work()
    wake_ups_are(monkeypatch, WakeUpResult.SENT)
    sweeper.look()
    assert sweeper.ran == []  # type: ignore[attr-defined]


def test_work_that_nobody_comes_for_is_run_when_patience_ends(
    sweeper: Sweeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    due_work()
    wake_ups_are(monkeypatch, WakeUpResult.PENDING)
    set_clock(monkeypatch, 0)
    sweeper.look()
    sweeper.look()
    assert sweeper.ran == []  # type: ignore[attr-defined]
    set_clock(monkeypatch, 3)
    sweeper.look()
    assert sweeper.ran == ["screen"]  # type: ignore[attr-defined]


def test_work_is_left_to_workers_that_claim(sweeper: Sweeper, monkeypatch: pytest.MonkeyPatch) -> None:
    due_work()
    wake_ups_are(monkeypatch, WakeUpResult.SENT)
    set_clock(monkeypatch, 0)
    sweeper.look()
    set_clock(monkeypatch, 3)
    with connection.cursor() as cursor:
        cursor.execute(_HEARTBEAT_SQL, {"kind": "screen"})
    sweeper.look()
    assert sweeper.ran == []  # type: ignore[attr-defined]


@pytest.mark.parametrize("result", [WakeUpResult.FAILED, WakeUpResult.SKIPPED])
def test_without_wake_ups_it_runs_at_once(
    sweeper: Sweeper, monkeypatch: pytest.MonkeyPatch, result: WakeUpResult
) -> None:
    due_work()
    wake_ups_are(monkeypatch, result)
    sweeper.look()
    assert sweeper.ran == ["screen"]  # type: ignore[attr-defined]


def test_it_alone_screens_a_comment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wake_up, "get_wake_ups", NullWakeUps)
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
    hasty = Kind("screen", replace(LOCAL, time_limit_s=0.2), lease_s=10, batch=5)
    monkeypatch.setitem(registry._RUN_DUE, hasty, lambda *, runner: time.sleep(60))
    sweeper = Sweeper()
    sweeper._run_in_child(hasty)
    pid = sweeper._children[hasty]
    assert not sweeper._must_run(hasty, WakeUpResult.FAILED, None)
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
    kinds = registry.all_kinds()
    assert all(registry.run_due_of(kind) for kind in kinds)
    assert {kind.task_name for kind in kinds} == {
        name for name in app.tasks if name.startswith("moderation.")
    }
    assert SCREEN.task_name == "moderation.screen"


def test_a_kind_that_is_declared_once_has_a_task_and_is_looked_at_and_run(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from config.celery import app

    monkeypatch.setattr(registry, "_RUN_DUE", dict(registry._RUN_DUE))
    wake_ups_are(monkeypatch, WakeUpResult.FAILED)
    ran: list[str] = []

    def run(leases: list[Lease], runner: str) -> None:
        ran.append(runner)
        jobs.finish(leases)

    weed = Kind("weed", BACKGROUND, lease_s=10, batch=2, is_standing=True)
    run_due = registry.register(weed, run)
    with pytest.raises(ValueError, match="weed"):
        registry.register(replace(weed, batch=3), run)
    build_site()
    sweeper = Sweeper()
    monkeypatch.setattr(sweeper, "_run_in_child", lambda kind: kind == weed and run_due(runner="run_jobs"))
    sweeper.look()  # makes the job
    sweeper.look()
    sweeper.look()
    app.finalize()
    app.tasks["moderation.weed"]()
    assert ran == ["run_jobs", "celery"]
    del app.tasks["moderation.weed"]


def test_what_people_wait_for_and_what_may_take_hours_have_queues_of_their_own() -> None:
    queues = {kind.name: kind.queue for kind in registry.all_kinds()}
    apart = {name for name, queue in queues.items() if queue == BACKGROUND}
    assert apart >= {"learn", "backtest", "seal", "purge"}
    assert {queues["screen"], queues["notify"], queues["mail"]} == {LOCAL, REMOTE}
    assert set(queues.values()) == set(QUEUES)
    sent: list[tuple[str, str]] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(current_app, "send_task", lambda name, *, queue, **_: sent.append((name, queue)))
        for kind in registry.all_kinds():
            queueing._publish(kind)
    assert dict(sent) == {f"moderation.{name}": queue.name for name, queue in queues.items()}


def test_a_standing_job_is_made_where_it_is_missing_and_there_is_one(
    sweeper: Sweeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    wake_ups_are(monkeypatch, WakeUpResult.SENT)
    sweeper.look()
    assert not Job.objects.exists(), "nothing to do before the first site"
    first = build_site()
    build_site("The Morning Post", host="post.example")
    for _ in range(3):
        sweeper.look()
    assert {kind.name for kind in STANDING} >= {"purge", "seal"}
    assert sorted(Job.objects.values_list("kind", "subject_id")) == [
        (name, ALL_SITES) for name in sorted(kind.name for kind in STANDING)
    ]
    assert set(Job.objects.values_list("site_id", flat=True)) == {first.id}
    Job.objects.all().delete()
    sweeper.look()
    assert Job.objects.count() == len(STANDING)


def test_background_work_is_left_to_its_worker_for_longer(
    sweeper: Sweeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    due_work()
    Job.objects.update(due_at=Now())
    wake_ups_are(monkeypatch, WakeUpResult.PENDING)
    set_clock(monkeypatch, 0)
    sweeper.look()
    set_clock(monkeypatch, 3)
    sweeper.look()
    assert sweeper.ran == ["screen"]  # type: ignore[attr-defined]
    set_clock(monkeypatch, 21)
    sweeper.look()
    assert {"purge", "seal"} <= set(sweeper.ran)  # type: ignore[attr-defined]


def test_stopping_ends_the_running_children_and_waiting_lets_them_finish(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(registry._RUN_DUE, SCREEN, lambda *, runner: time.sleep(0.2))
    sweeper = Sweeper()
    sweeper._run_in_child(SCREEN)
    sweeper.wait()
    assert not sweeper._children
    monkeypatch.setitem(registry._RUN_DUE, SCREEN, lambda *, runner: time.sleep(60))
    sweeper._run_in_child(SCREEN)
    began = time.monotonic()
    sweeper.stop()
    assert time.monotonic() - began < 10
    assert not sweeper._children


def test_a_child_that_fails_is_told_and_a_second_is_not_started_beside_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(registry._RUN_DUE, SCREEN, lambda *, runner: 1 / 0)
    sweeper = Sweeper()
    sweeper._run_in_child(SCREEN)
    assert not sweeper._must_run(SCREEN, WakeUpResult.SKIPPED, None)
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
