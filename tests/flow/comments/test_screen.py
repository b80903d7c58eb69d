"""Screening under trouble: failing checks, poison, late runs, and who is told what."""

import time
from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

import psycopg
import pytest
from django.db import DatabaseError, OperationalError

from moderation.domain.signals import Axis, Signal
from moderation.domain.status import Action, Status
from moderation.engine.registry import LOCAL_CHECKS
from moderation.engine.run import run_checks
from moderation.flow import jobs
from moderation.flow.comments import screen
from moderation.flow.comments.decide import Choice, decide, undo
from moderation.flow.comments.screen import Screened
from moderation.flow.jobs import Lease
from moderation.flow.jobs.kinds import SCREEN
from moderation.flow.record import SYSTEM
from moderation.flow.site.settings import change_policy
from moderation.models import (
    Comment,
    Decision,
    Fingerprint,
    Job,
    JobHeartbeat,
    ReviewItem,
    Revision,
    Screening,
    Site,
)
from moderation.queries.contexts import ToScreen, build_contexts
from tests.builders import build_moderator, build_site, person, screen_all, submit, submit_screened

pytestmark = pytest.mark.django_db

LONG = "The council has published the plans for the new bridge, and they are worth reading in full. "


@pytest.fixture
def site() -> Site:
    return build_site()


def test_a_batch_of_many_sites_is_screened_under_each_sites_own_policy(site: Site) -> None:
    strict = build_site("Strict", host="strict.example")
    change_policy(strict.id, actor=SYSTEM, lists={"blocked_words": "bridge"})
    mine = submit(site, LONG)
    theirs = submit(strict, LONG, url="https://strict.example/a")
    screen_all()
    assert Comment.objects.get(id=mine.id).status == Status.PUBLISHED
    assert Comment.objects.get(id=theirs.id).status == Status.HELD
    assert Screening.objects.get(comment=theirs).policy_version == 2


def test_the_same_text_across_threads_is_seen_as_repeated(site: Site) -> None:
    submit_screened(site, LONG, email="one@reader.example")
    again = submit_screened(site, LONG, email="two@reader.example", url="https://news.example/second")
    codes = [signal["code"] for signal in Screening.objects.get(comment=again).signals]
    assert any(code.startswith("duplicates.") for code in codes)


def test_nearly_the_same_text_is_found_by_its_fingerprint(site: Site) -> None:
    submit_screened(site, LONG * 3, email="one@reader.example")
    assert Fingerprint.objects.exists()
    near = submit_screened(site, LONG * 3 + "Indeed!", email="two@reader.example")
    codes = [signal["code"] for signal in Screening.objects.get(comment=near).signals]
    assert any("near" in code for code in codes)


def test_a_check_that_fails_never_publishes(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    class Broken:
        name, version, axis = "broken", "1", Axis.SPAM
        codes: frozenset[str] = frozenset()

        def run(self, context: object) -> list[Signal]:
            raise RuntimeError("ada@reader.example")

    checks: Any = (*LOCAL_CHECKS, Broken())
    monkeypatch.setattr(screen, "run_checks", lambda context: run_checks(context, checks))
    comment = submit_screened(site)
    assert comment.status == Status.HELD
    assert "ada@" not in str(Screening.objects.get(comment=comment).signals)


def test_a_comment_that_fails_again_and_again_is_given_to_a_person(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    poison = submit(site)
    monkeypatch.setattr(screen, "build_contexts", lambda *_, **__: 1 / 0)
    for _ in range(SCREEN.max_attempts + 1):
        Job.objects.filter(kind="screen").update(due_at="2020-01-01T00:00:00Z")
        screen_all()
    poison.refresh_from_db()
    assert poison.status == Status.HELD
    assert Job.objects.get(kind="screen").state == "dead"
    assert Job.objects.get(kind="screen").last_error == "ZeroDivisionError"
    decision = Decision.objects.get(comment=poison)
    assert (decision.reason, decision.note) == ("screening_failed", "Tried 4 times. ZeroDivisionError.")
    assert ReviewItem.objects.filter(comment=poison, closed_at__isnull=True).exists()


def test_the_neighbours_of_a_failing_comment_are_screened(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    poison = submit(site, "Poison for the engine.")
    fine = submit(site, "Nothing wrong here.")

    def fail_on_poison(ids: Collection[UUID], **given: Any) -> list[ToScreen]:
        if poison.id in ids:
            raise MemoryError
        return build_contexts(ids, **given)

    monkeypatch.setattr(screen, "build_contexts", fail_on_poison)
    screen_all()
    Job.objects.filter(kind="screen").update(due_at="2020-01-01T00:00:00Z")
    screen_all()
    fine.refresh_from_db()
    assert fine.status == Status.PUBLISHED


def test_a_late_run_changes_nothing(site: Site) -> None:
    comment = submit(site)
    (late,) = jobs.claim(SCREEN)
    found, _ = screen._run_engine([late], jobs.CELERY_RUNNER)
    Job.objects.filter(kind="screen").update(leased_at="2020-01-01T00:00:00Z")
    screen_all()
    screen.finish_screenings(found, [late], runner="celery")
    assert Screening.objects.filter(comment=comment).count() == 1
    assert Decision.objects.filter(comment=comment).count() == 1


def test_a_result_for_an_older_wording_is_dropped(site: Site) -> None:
    comment = submit(site)
    (lease,) = jobs.claim(SCREEN)
    found, _ = screen._run_engine([lease], jobs.CELERY_RUNNER)
    newer = Revision.objects.create(site=site, comment=comment, number=2, body="Another wording.")
    Comment.objects.filter(id=comment.id).update(current_revision=newer)
    screen.finish_screenings(found, [lease], runner="celery")
    comment.refresh_from_db()
    assert comment.status == Status.SCREENING
    assert not Screening.objects.exists()


def test_a_machine_never_overturns_a_person(site: Site) -> None:
    comment = submit_screened(site)
    decide(
        Choice(comment.id),
        site_id=site.id,
        action=Action.REJECT,
        reason="off_topic",
        actor=person(build_moderator([site])),
    )
    jobs.enqueue(SCREEN, [(site.id, comment.id)])
    screen_all()
    comment.refresh_from_db()
    assert comment.status == Status.REJECTED
    assert Screening.objects.filter(comment=comment).count() == 2


def test_a_second_screening_with_the_same_verdict_decides_nothing_new(site: Site) -> None:
    comment = submit_screened(site)
    jobs.enqueue(SCREEN, [(site.id, comment.id)])
    screen_all()
    assert Decision.objects.filter(comment=comment).count() == 1


def test_a_database_error_in_the_finish_gives_the_batch_back(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    comment = submit(site)

    def fail(*args: object, **options: object) -> None:
        raise DatabaseError("row of ada@reader.example")

    with monkeypatch.context() as patch:
        patch.setattr(screen, "apply_rulings", fail)
        screen_all()
    assert Job.objects.get(kind="screen").last_error == "DatabaseError"
    Job.objects.filter(kind="screen").update(due_at="2020-01-01T00:00:00Z")
    screen_all()
    comment.refresh_from_db()
    assert comment.status == Status.PUBLISHED


def test_a_long_batch_renews_its_leases(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    submit(site)
    renewed: list[int] = []
    monkeypatch.setattr(time, "monotonic", iter(range(0, 4000, 4)).__next__)
    monkeypatch.setattr(jobs, "renew", lambda leases: renewed.append(len(leases)))
    screen._run_engine(jobs.claim(SCREEN), jobs.CELERY_RUNNER)
    assert renewed == [1]


@pytest.mark.parametrize(("runner", "heartbeats"), [(jobs.CELERY_RUNNER, 2), (jobs.SWEEP_RUNNER, 0)])
def test_a_worker_shows_life_within_a_long_batch(
    site: Site, monkeypatch: pytest.MonkeyPatch, runner: str, heartbeats: int
) -> None:
    for number in range(3):
        submit(site, f"Long batch, text {number}.", email=f"r{number}@reader.example")
    leases = jobs.claim(SCREEN)
    seen: list[datetime | None] = []

    screen_one = screen._screen_one

    def screen_slowly(lease: Lease, subject: ToScreen) -> Screened:
        seen.append(JobHeartbeat.objects.values_list("claimed_at", flat=True).first())
        time.sleep(0.21)  # the table takes five heartbeats a second
        return screen_one(lease, subject)

    monkeypatch.setattr(screen, "HEARTBEAT_EVERY_S", 0.2)
    monkeypatch.setattr(screen, "_screen_one", screen_slowly)
    screen._run_engine(leases, runner)
    assert len(set(seen) - {None}) == heartbeats


def test_a_batch_of_costly_texts_gives_back_what_it_does_not_reach(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        submit(site, f"Costly text number {number}.", email=f"r{number}@reader.example")
    with monkeypatch.context() as patch:
        patch.setattr(time, "monotonic", iter(range(0, 4000, 4)).__next__)
        screen.screen_batch(jobs.claim(SCREEN), "celery")
    assert Screening.objects.count() == 1
    assert list(Job.objects.filter(kind="screen").values_list("attempts", "leased_at")) == [(0, None)] * 2
    screen_all()
    assert Screening.objects.count() == 3


def test_near_copies_within_one_batch_see_each_other(site: Site) -> None:
    copies = [submit(site, LONG * 3 + f"Part {n}!", email=f"r{n}@reader.example") for n in range(3)]
    screen_all()
    first, *others = [Screening.objects.get(comment=comment) for comment in copies]
    assert not [s for s in first.signals if s["code"].startswith("duplicates.")]
    assert all([s for s in other.signals if s["code"].startswith("duplicates.")] for other in others)


def test_a_deadlock_costs_no_attempt(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    submit(site)

    def deadlock(*args: object, **options: object) -> None:
        raise OperationalError from psycopg.errors.DeadlockDetected()

    monkeypatch.setattr(screen, "apply_rulings", deadlock)
    screen.screen_batch(jobs.claim(SCREEN), "celery")
    job = Job.objects.get(kind="screen")
    assert (job.attempts, job.last_error, job.leased_at) == (0, "", None)


def test_what_a_person_publishes_unscreened_has_its_text(site: Site) -> None:
    comment = submit(site, "Two lines\nof <b>text</b>")
    actor = person(build_moderator([site]))
    deleted = decide(
        Choice(comment.id), site_id=site.id, action=Action.DELETE, reason="author_request", actor=actor
    )
    undo(deleted.id, site_id=site.id, actor=actor)
    decide(Choice(comment.id), site_id=site.id, action=Action.APPROVE, reason="fine", actor=actor)
    comment.refresh_from_db()
    assert comment.published_revision is not None
    assert comment.published_revision.body_html == "<p>Two lines<br>\nof &lt;b&gt;text&lt;/b&gt;</p>"


def test_a_text_is_rendered_when_it_is_published_by_whomever(site: Site) -> None:
    comment = submit_screened(site, "See *this*: https://shop.example/")
    assert comment.status == "held"
    assert comment.current_revision.body_html == ""
    actor = person(build_moderator([site]))
    decide(Choice(comment.id), site_id=site.id, action=Action.APPROVE, reason="fine", actor=actor)
    comment.refresh_from_db()
    assert comment.published_revision is not None
    assert comment.published_revision.body_html.startswith("<p>See <em>this</em>: <a ")
    screen_all()
    comment.refresh_from_db()
    assert (comment.status, Screening.objects.count()) == (Status.PUBLISHED, 1)


def test_a_person_publishes_in_the_format_of_the_site() -> None:
    site = build_site(text_format="plain")
    comment = submit_screened(site, "They say *the opposite* in https://city.example/rents though.")
    assert comment.status == Status.HELD
    actor = person(build_moderator([site]))
    decide(Choice(comment.id), site_id=site.id, action=Action.APPROVE, reason="fine", actor=actor)
    comment.refresh_from_db()
    assert comment.published_revision is not None
    assert comment.published_revision.body_html.startswith("<p>They say *the opposite* in <a href=")
