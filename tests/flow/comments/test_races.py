"""Two transactions at once: what one has to wait for, it must see."""

import threading
import time
from collections.abc import Callable
from uuid import UUID

import pytest
from django.db import OperationalError, connection, transaction

from moderation.domain.errors import Duplicate
from moderation.domain.status import Action, Status
from moderation.engine.facts import CampaignFacts, Cluster
from moderation.flow import jobs
from moderation.flow.comments import campaigns
from moderation.flow.comments.campaigns import reopen_overlooked
from moderation.flow.comments.decide import Choice, decide
from moderation.flow.comments.submit import submit_comment
from moderation.flow.jobs.kinds import SCREEN
from moderation.flow.record import SYSTEM
from moderation.flow.site.settings import change_site
from moderation.models import Comment, IdempotencyKey, Job
from moderation.queries.contexts import build_contexts
from tests.builders import build_moderator, build_site, build_submission, person, submit, submit_screened

pytestmark = pytest.mark.django_db(transaction=True)


def run_beside(work: Callable[[], object]) -> threading.Thread:
    """Start `work` in a thread with a connection of its own, which it closes."""

    def run() -> None:
        try:
            work()
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def test_a_request_that_commits_during_the_finish_is_not_lost() -> None:
    site = build_site()
    comment = submit(site)
    (lease,) = jobs.claim(SCREEN)
    with transaction.atomic():
        jobs.enqueue(SCREEN, [(site.id, comment.id)])
        finishing = run_beside(lambda: jobs.finish([lease]))
        time.sleep(0.3)
    finishing.join()
    assert Job.objects.filter(kind="screen", leased_at=None).count() == 1


def test_two_batches_that_ask_for_each_others_comments_are_no_deadlock() -> None:
    site = build_site()
    one, other = (submit(site, f"Remark number {number}.") for number in range(2))
    leases = {lease.subject_id: lease for lease in jobs.claim(SCREEN)}
    failed: list[Exception] = []

    def end(own: Comment, asked: Comment) -> None:
        jobs.lock(SCREEN, [leases[own.id]], [asked.id])
        assert jobs.finish([leases[own.id]])

    def end_and_ask() -> None:
        try:
            with transaction.atomic():
                end(other, one)
                jobs.enqueue(SCREEN, [(site.id, one.id)])
        except OperationalError as error:
            failed.append(error)

    with transaction.atomic():
        end(one, other)
        beside = run_beside(end_and_ask)
        wait_until_one_waits()
        jobs.enqueue(SCREEN, [(site.id, other.id)])
    beside.join()
    assert not failed
    asked = Job.objects.filter(kind="screen", leased_at=None).values_list("subject_id", flat=True)
    assert set(asked) == {one.id, other.id}


def test_asking_for_overlooked_members_is_no_deadlock(monkeypatch: pytest.MonkeyPatch) -> None:
    """A second request may have the later number for the earlier comment."""
    site = build_site()
    one, other = (submit(site, f"See https://heron.example/{number} now.") for number in range(2))
    (subject, _) = build_contexts([one.id, other.id])
    Job.objects.all().delete()
    for comment in (other, one):
        with transaction.atomic():
            jobs.enqueue(SCREEN, [(site.id, comment.id)])
    grown = {one.id: CampaignFacts(Cluster(9, 9, 9), Cluster())}
    monkeypatch.setattr(campaigns, "keys_named_lately", lambda named: {each.key for each in named})
    monkeypatch.setattr(campaigns, "count_clusters", lambda _: grown)
    monkeypatch.setattr(campaigns, "published_members", lambda _: [(site.id, one.id), (site.id, other.id)])
    first = Job.objects.earliest("id")
    failed: list[Exception] = []

    def reopen() -> None:
        try:
            reopen_overlooked([subject])
        except OperationalError as error:
            failed.append(error)

    with transaction.atomic():
        list(Job.objects.select_for_update().filter(id=first.id))
        beside = run_beside(reopen)
        wait_until_one_waits()
        list(Job.objects.select_for_update().order_by("id"))
    beside.join()
    assert not failed


def wait_until_one_waits() -> None:
    """Return when a transaction waits for a lock."""
    waiting = "SELECT 1 FROM pg_locks WHERE NOT granted"
    with connection.cursor() as cursor:
        while not cursor.execute(waiting).rowcount:
            time.sleep(0.01)


def test_a_repeated_submission_beside_a_decision_is_a_duplicate_and_no_deadlock() -> None:
    site = build_site()
    comment = submit_screened(site)
    actor = person(build_moderator([site]))
    said: list[str] = []

    def say_again() -> None:
        try:
            submit_comment(build_submission(site))
        except Duplicate:
            said.append("duplicate")

    with transaction.atomic():
        decide(Choice(comment.id), site_id=site.id, action=Action.REJECT, reason="off_topic", actor=actor)
        threads = [run_beside(say_again) for _ in range(3)]
        time.sleep(0.3)
    for thread in threads:
        thread.join()
    assert said == ["duplicate"] * 3
    comment.refresh_from_db()
    assert comment.status == Status.REJECTED


def test_settings_are_changed_while_readers_post() -> None:
    site = build_site()
    accepted: list[UUID] = []
    with transaction.atomic():
        change_site(site.id, {"name": "Renamed"}, actor=SYSTEM)
        posting = run_beside(lambda: accepted.append(submit_comment(build_submission(site)).comment_id))
        posting.join(timeout=1.5)
        assert accepted


def test_twins_under_one_idempotency_key_are_one_comment() -> None:
    site = build_site()
    submission = build_submission(site, idempotency_key="k", request_hash=b"x" * 32)
    accepted: list[UUID] = []
    threads = [run_beside(lambda: accepted.append(submit_comment(submission).comment_id)) for _ in range(6)]
    for thread in threads:
        thread.join()
    assert len(accepted) == 6
    assert len(set(accepted)) == Comment.objects.count() == IdempotencyKey.objects.count() == 1
