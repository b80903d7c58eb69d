"""Audit events are sealed once they are settled, each once, in a chain; and nobody changes them."""

import threading
from collections.abc import Callable, Iterator

import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError, connection, transaction

from moderation.domain.audit_chain import NO_SITE
from moderation.flow import jobs
from moderation.flow.jobs import runs
from moderation.flow.keeping import seal
from moderation.flow.keeping.seal import SEAL, find_settled_id, seal_due, seal_step
from moderation.flow.record import SYSTEM, Event, record
from moderation.models import AuditEvent, AuditLink, AuditSeal, Job, Site
from moderation.queries.audit_chain import walk_chain
from tests.builders import build_moderator, build_site, person, submit_screened

pytestmark = pytest.mark.django_db(transaction=True)


def act(site: Site | None, count: int = 1) -> None:
    for number in range(count):
        with transaction.atomic():
            record(
                Event("test.acted", "test", number, {"n": number}),
                site_id=site.id if site else None,
                actor=SYSTEM,
            )


def seal_all() -> int:
    return seal_step(find_settled_id())


def is_sound() -> bool:
    return not [finding for stretch in walk_chain() for finding in stretch.findings]


class OpenTransaction:
    """A transaction of another connection that has written an event and waits for our word."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._has_written, self._may_end = threading.Event(), threading.Event()
        self._commits = True
        self._thread = threading.Thread(target=self._run)
        self._thread.start()
        assert self._has_written.wait(10)

    def end(self, *, commit: bool) -> None:
        self._commits = commit
        self._may_end.set()
        self._thread.join(10)

    def _run(self) -> None:
        try:
            with transaction.atomic():
                record(Event("test.late", "test", 0), site_id=self._site.id, actor=SYSTEM)
                self._has_written.set()
                self._may_end.wait(10)
                transaction.set_rollback(not self._commits)
        finally:
            connection.close()


@pytest.fixture
def begin() -> Iterator[Callable[[Site], OpenTransaction]]:
    begun: list[OpenTransaction] = []

    def start(site: Site) -> OpenTransaction:
        begun.append(OpenTransaction(site))
        return begun[-1]

    yield start
    for each in begun:
        each.end(commit=False)


def test_every_event_gets_a_number_at_its_site_without_gaps() -> None:
    one, two = build_site(), build_site("The Morning Post", host="post.example")
    act(None, 2)
    act(two, 3)
    act(one, 2)
    seal_all()
    act(one)
    seal_all()
    expected = {str(one.id): 4, str(two.id): 4, str(NO_SITE): 2}  # each site's own creation counts
    for site_id, count in expected.items():
        numbers = (
            AuditLink.objects.filter(site_id=site_id).order_by("event_id").values_list("number", flat=True)
        )
        assert list(numbers) == list(range(1, count + 1))
    assert AuditLink.objects.count() == AuditEvent.objects.count()
    assert is_sound()


def test_seals_follow_each_other_in_steps() -> None:
    act(build_site(), 7)
    settled = find_settled_id()
    assert [seal_step(settled, limit=3) for _ in range(4)] == [3, 3, 2, 0]
    seals = list(AuditSeal.objects.order_by("number").values_list("number", "count"))
    assert seals == [(1, 3), (2, 3), (3, 2)]
    first, second, third = AuditSeal.objects.order_by("number")
    assert (second.from_id, third.from_id) == (first.to_id + 1, second.to_id + 1)
    assert (bytes(second.previous_hash), bytes(third.previous_hash)) == (
        bytes(first.hash),
        bytes(second.hash),
    )
    assert third.to_id == settled


def test_an_event_that_commits_late_is_waited_for(begin: Callable[[Site], OpenTransaction]) -> None:
    site = build_site()
    seal_all()
    late = begin(site)
    act(site, 3)  # higher ids, committed before
    assert find_settled_id(patience_s=0.2) == 0
    assert seal_step(find_settled_id(patience_s=0.2)) == 0
    late.end(commit=True)
    assert seal_all() == 4
    assert AuditLink.objects.filter(event_id=AuditEvent.objects.get(kind="test.late").id).exists()
    assert is_sound()


def test_sealing_without_waiting_would_have_missed_it(begin: Callable[[Site], OpenTransaction]) -> None:
    """The control: the same order of things, with the last visible id taken for settled."""
    site = build_site()
    late = begin(site)
    act(site)
    newest = AuditEvent.objects.order_by("-id").first()
    assert newest is not None
    seal_step(newest.id)
    late.end(commit=True)
    assert not is_sound()


def test_who_begins_to_write_later_is_not_waited_for(
    begin: Callable[[Site], OpenTransaction], monkeypatch: pytest.MonkeyPatch
) -> None:
    site = build_site()
    seal_all()
    early = begin(site)
    act(site)
    looks = []

    def sleep(seconds: float) -> None:
        looks.append(seconds)
        begin(site)  # writes on and on: somebody is always writing
        early.end(commit=True)

    monkeypatch.setattr("moderation.flow.keeping.seal.time.sleep", sleep)
    assert seal_step(find_settled_id()) == 2
    assert len(looks) == 1


def test_ids_that_were_rolled_back_are_no_deletions(begin: Callable[[Site], OpenTransaction]) -> None:
    site = build_site()
    lost = begin(site)
    act(site, 2)
    lost.end(commit=False)
    last = begin(site)
    last.end(commit=False)
    seal_all()
    assert seal_all() == 0
    act(site)
    seal_all()
    ids = list(AuditEvent.objects.order_by("id").values_list("id", flat=True))
    assert ids[-1] - ids[0] >= len(ids) + 1  # there are gaps
    assert is_sound()


def test_two_sealers_do_not_meet(begin: Callable[[Site], OpenTransaction]) -> None:
    act(build_site(), 3)
    settled = find_settled_id()
    results: list[int] = []

    def seal_beside() -> None:
        results.append(seal_step(settled))
        connection.close()

    with transaction.atomic():
        assert seal_step(settled) == 4
        thread = threading.Thread(target=seal_beside)
        thread.start()
        thread.join(10)
    assert results == [0]
    assert AuditSeal.objects.count() == 1


def test_one_job_seals_for_all_sites_and_comes_round_again() -> None:
    build_site()
    build_site("The Morning Post", host="post.example")
    for _ in range(2):
        jobs.start_standing([SEAL])
    assert Job.objects.filter(kind="seal").count() == 1
    assert seal_due(runner=jobs.SWEEP_RUNNER) == 1
    assert AuditLink.objects.count() == AuditEvent.objects.count() > 1
    assert Job.objects.filter(kind="seal", state="open").count() == 1
    assert seal_due(runner=jobs.SWEEP_RUNNER) == 0, "not due again at once"


def test_a_long_queue_is_sealed_run_by_run(monkeypatch: pytest.MonkeyPatch) -> None:
    act(build_site(), 5)
    monkeypatch.setattr(seal, "STEP", 2)
    monkeypatch.setattr(seal, "BUDGET_S", 0)
    monkeypatch.setattr(seal, "seal_step", lambda settled: seal_step(settled, limit=2))
    monkeypatch.setattr(runs, "DRAIN_BUDGET_S", -1)
    act(None, 1)
    jobs.start_standing([SEAL])
    seal_due(runner=jobs.SWEEP_RUNNER)
    due = Job.objects.get(kind="seal").due_at
    assert due <= AuditEvent.objects.raw("SELECT 1 AS id, clock_timestamp() AS created_at")[0].created_at


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_event SET kind = 'other'",
        "DELETE FROM audit_event",
        "TRUNCATE audit_event",
        "UPDATE audit_link SET number = number + 1",
        "DELETE FROM audit_link",
        "TRUNCATE audit_link",
        "UPDATE audit_seal SET hash = previous_hash",
        "DELETE FROM audit_seal",
        "TRUNCATE audit_seal CASCADE",
    ],
)
def test_the_database_refuses_to_change_the_record(statement: str) -> None:
    act(build_site())
    seal_all()
    with (
        pytest.raises(IntegrityError, match="the audit record is append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)
    assert is_sound()


def test_the_record_outlives_who_acted() -> None:
    site = build_site()
    user = build_moderator([site])
    comment = submit_screened(site)
    with transaction.atomic():
        record(Event("test.acted", "comment", comment.id), site_id=site.id, actor=person(user))
    seal_all()
    user_id = user.pk
    User.objects.get(pk=user_id).delete()
    assert AuditEvent.objects.filter(kind="test.acted", actor_user_id=user_id).count() == 1
    assert [str(event.actor_user) for event in AuditEvent.objects.select_related("actor_user")]
    assert is_sound()
