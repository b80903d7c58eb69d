"""The queue of record: fair claims, leases, fences, and what happens to work that fails."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
import time_machine
from django.db import connection, transaction
from django.db.models import F
from django.db.models.functions import Now

from moderation.clients import wake_up
from moderation.clients.wake_up import NullWakeUps, WakeUpResult
from moderation.flow import jobs
from moderation.flow.jobs import Lease, runs
from moderation.flow.jobs.claims import _CLAIM_FRESH_SQL
from moderation.flow.jobs.kinds import LOCAL, SCREEN, Kind
from moderation.flow.notify import MAIL
from moderation.lib.clock import now
from moderation.models import Job, JobHeartbeat, Site
from tests.builders import build_site

pytestmark = pytest.mark.django_db

SMALL = Kind("screen", LOCAL, lease_s=10, batch=6)


@pytest.fixture
def site() -> Site:
    site = build_site()
    Job.objects.all().delete()
    return site


def add_jobs(site: Site, count: int) -> list[UUID]:
    subjects = [uuid4() for _ in range(count)]
    with transaction.atomic():
        jobs.enqueue(SCREEN, [(site.id, subject) for subject in subjects])
    return subjects


def age_leases(seconds: float) -> None:
    Job.objects.update(leased_at=Now() - timedelta(seconds=seconds))


def test_a_claim_counts_the_attempt_before_anything_runs(site: Site) -> None:
    add_jobs(site, 1)
    (lease,) = jobs.claim(SMALL)
    job = Job.objects.get()
    assert (lease.attempts, job.attempts, job.lease_token) == (1, 1, lease.token)


def test_a_leased_job_is_not_claimed_again_before_its_term_is_over(site: Site) -> None:
    add_jobs(site, 1)
    jobs.claim(SMALL)
    assert jobs.claim(SMALL) == []
    assert jobs.claim(SMALL, retries=True) == []
    age_leases(9)
    assert jobs.claim(SMALL, retries=True) == []
    age_leases(11)
    assert len(jobs.claim(SMALL, retries=True)) == 1


def test_a_lease_from_the_future_counts_as_over(site: Site) -> None:
    add_jobs(site, 1)
    jobs.claim(SMALL)
    age_leases(-7200)
    assert len(jobs.claim(SMALL, retries=True)) == 1


@pytest.mark.parametrize("hours", [2, -2])
def test_a_worker_whose_clock_is_wrong_keeps_to_the_databases_clock(site: Site, hours: int) -> None:
    add_jobs(site, 2)
    wrong = now() + timedelta(hours=hours)
    with time_machine.travel(wrong):
        first, second = jobs.claim(SMALL)
        assert jobs.claim(SMALL) == []
    assert jobs.claim(SMALL) == []
    age_leases(11)
    with time_machine.travel(wrong):
        assert jobs.renew([first, second]) == 2
        assert jobs.fail(SMALL, first, "Timeout")
    assert jobs.claim(SMALL) == []
    job = Job.objects.annotate(moment=Now()).get(id=first.job_id)
    assert 0 < (job.due_at - job.moment).total_seconds() < 60
    with time_machine.travel(wrong):
        assert jobs.finish([second]) == [second]


def test_each_site_gets_an_equal_share_of_a_batch(site: Site) -> None:
    quiet = build_site("Quiet", host="quiet.example")
    Job.objects.all().delete()
    add_jobs(site, 50)
    add_jobs(quiet, 2)
    claimed = Counter(lease.site_id for lease in jobs.claim(SMALL))
    assert claimed == {site.id: 3, quiet.id: 2}


def test_more_sites_than_places_share_over_several_claims(site: Site) -> None:
    sites = [build_site(f"Site {n}", host=f"s{n}.example") for n in range(9)]
    Job.objects.all().delete()
    for one in sites:
        add_jobs(one, 1)
    seen = [lease.site_id for _ in range(3) for lease in jobs.claim(SMALL)]
    assert sorted(seen) == sorted(one.id for one in sites)


def test_what_failed_before_is_claimed_alone(site: Site) -> None:
    add_jobs(site, 5)
    jobs.claim(SMALL)
    age_leases(11)
    add_jobs(site, 3)
    assert len(jobs.claim(SMALL, retries=True)) == 1
    assert len(jobs.claim(SMALL)) == 3


def test_only_the_latest_lease_may_finish(site: Site) -> None:
    add_jobs(site, 1)
    (late,) = jobs.claim(SMALL)
    age_leases(11)
    (current,) = jobs.claim(SMALL, retries=True)
    assert jobs.finish([late]) == []
    assert not jobs.fail(SMALL, late, "TimeoutError")
    assert not jobs.give_up(late)
    assert jobs.finish([current]) == [current]
    assert not Job.objects.exists()


def test_a_renewed_lease_holds_for_another_term(site: Site) -> None:
    add_jobs(site, 1)
    leases = jobs.claim(SMALL)
    age_leases(9)
    jobs.renew(leases)
    assert Job.objects.filter(leased_at__gt=Now() - timedelta(seconds=2)).exists()


def test_work_asked_for_while_it_runs_runs_once_more(site: Site) -> None:
    (subject,) = add_jobs(site, 1)
    leases = jobs.claim(SMALL)
    with transaction.atomic():
        jobs.enqueue(SCREEN, [(site.id, subject)])
    assert jobs.finish(leases) == leases
    job = Job.objects.get()
    assert (job.attempts, job.again, job.leased_at) == (0, False, None)
    assert jobs.finish(jobs.claim(SMALL))
    assert not Job.objects.exists()


def test_work_asked_for_twice_before_it_runs_is_one_job_due_at_the_earlier_time(site: Site) -> None:
    subject = uuid4()
    with transaction.atomic():
        jobs.enqueue(SCREEN, [(site.id, subject)], delay_s=600)
        jobs.enqueue(SCREEN, [(site.id, subject)])
    job = Job.objects.get()
    assert not job.again
    assert len(jobs.claim(SMALL)) == 1


def test_a_failure_waits_longer_each_time_and_keeps_its_name(site: Site) -> None:
    add_jobs(site, 1)
    pauses = []
    for _ in range(3):
        (lease,) = jobs.claim(SMALL) or jobs.claim(SMALL, retries=True)
        assert jobs.fail(SMALL, lease, "ValueError")
        pauses.append(Job.objects.annotate(pause=F("due_at") - Now()).get().pause.total_seconds())
        Job.objects.update(due_at=Now())
    assert pauses == sorted(pauses)
    assert pauses[-1] > 3
    assert Job.objects.get().last_error == "ValueError"


def test_a_dead_job_stays_and_lets_a_new_one_be_opened(site: Site) -> None:
    (subject,) = add_jobs(site, 1)
    (lease,) = jobs.claim(SMALL)
    assert jobs.give_up(lease)
    with transaction.atomic():
        jobs.enqueue(SCREEN, [(site.id, subject)])
    assert sorted(Job.objects.values_list("state", flat=True)) == ["dead", "open"]


def test_mail_is_tried_for_hours_and_screening_for_seconds() -> None:
    assert SCREEN.is_exhausted(5)
    assert not SCREEN.is_exhausted(4)
    assert not MAIL.is_exhausted(10)
    assert MAIL.backoff_s * 2**MAIL.max_attempts > 4 * 3600


def test_draining_runs_batch_after_batch_and_leaves_a_heartbeat_for_the_sweeper(site: Site) -> None:
    add_jobs(site, 20)
    sizes: list[int] = []

    def run(leases: list[Lease], runner: str) -> None:
        sizes.append(len(leases))
        jobs.finish(leases)

    assert jobs.drain(SMALL, run, runner=jobs.CELERY_RUNNER) == 20
    assert sizes == [6, 6, 6, 2]
    assert JobHeartbeat.objects.get().kind == "screen"


def test_a_full_batch_is_followed_by_a_larger_one(site: Site) -> None:
    sizes: list[int] = []

    def run(leases: list[Lease], runner: str) -> None:
        sizes.append(len(leases))
        jobs.finish(leases)

    add_jobs(site, 6 + 10 + 10 + 3)
    jobs.drain(replace(SMALL, backlog_batch=10), run, runner=jobs.CELERY_RUNNER)
    assert sizes == [6, 10, 10, 3]


def test_draining_wakes_one_more_worker_at_its_first_large_batch(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []
    monkeypatch.setattr(runs, "wake_worker", lambda kind: done.append(f"wake {kind.name}"))

    def run(leases: list[Lease], runner: str) -> None:
        jobs.finish(leases)
        done.append(f"ran {len(leases)}")

    add_jobs(site, 15)
    jobs.drain(SMALL, run, runner=jobs.CELERY_RUNNER)
    assert done == ["wake screen", "ran 6", "ran 6", "ran 3"]
    done.clear()
    add_jobs(site, SMALL.batch // 2)
    jobs.drain(SMALL, run, runner=jobs.CELERY_RUNNER)
    assert done == ["ran 3"]


def test_draining_stops_when_its_time_is_up(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runs, "DRAIN_BUDGET_S", -1)
    add_jobs(site, 20)

    def run(leases: list[Lease], runner: str) -> None:
        jobs.finish(leases)

    assert jobs.drain(SMALL, run, runner=jobs.SWEEP_RUNNER) == 6
    assert not JobHeartbeat.objects.exists()


def test_a_wake_up_without_a_broker_is_skipped_and_never_raises(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wake_up, "get_wake_ups", NullWakeUps)
    assert jobs.wake_worker(SCREEN) == WakeUpResult.SKIPPED


def test_the_claim_walks_the_index_of_due_jobs(site: Site) -> None:
    add_jobs(site, 2_000)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE job")  # what the planner believes shall not hang on what ran before
        cursor.execute("EXPLAIN " + _CLAIM_FRESH_SQL, {"kind": "screen", "limit": 5, "lease_s": 10})
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert plan.count("job_due") >= 2


def test_periodic_work_asked_for_again_while_it_runs_is_due_at_once(site: Site) -> None:
    (subject,) = add_jobs(site, 1)
    (lease,) = jobs.claim(SMALL)
    with transaction.atomic():
        jobs.enqueue(SCREEN, [(site.id, subject)])
    assert jobs.finish_and_repeat(lease, in_s=3600)
    assert len(jobs.claim(SMALL)) == 1


def test_what_is_released_keeps_its_attempts(site: Site) -> None:
    add_jobs(site, 2)
    leases = jobs.claim(SMALL)
    jobs.release(leases)
    assert set(Job.objects.values_list("attempts", "lease_token")) == {(0, None)}
    assert len(jobs.claim(SMALL)) == 2


def test_retries_and_fresh_work_take_turns(site: Site) -> None:
    add_jobs(site, 4)
    jobs.claim(SMALL)
    age_leases(11)
    add_jobs(site, 8)
    sizes: list[int] = []

    def run(leases: list[Lease], runner: str) -> None:
        sizes.append(len(leases))
        jobs.finish(leases)

    jobs.drain(SMALL, run, runner=jobs.SWEEP_RUNNER)
    assert sizes[:4] == [6, 1, 2, 1]
    assert sum(sizes) == 12


def test_one_failing_job_leaves_the_others_of_its_batch_alone(site: Site) -> None:
    add_jobs(site, 3)
    leases = jobs.claim(SMALL)
    given_up: list[Lease] = []

    def run(lease: Lease) -> None:
        if lease == leases[1]:
            raise ValueError("ada@reader.example")
        jobs.finish([lease])

    jobs.run_each(SMALL, leases, run, given_up.append)
    job = Job.objects.get()
    assert (job.id, job.last_error, given_up) == (leases[1].job_id, "ValueError", [])
    jobs.run_each(SMALL, [replace(leases[1], attempts=9)], run, given_up.append)
    assert len(given_up) == 1
