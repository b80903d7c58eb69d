"""Outside services that are slow, wrong and down, budgets, breakers, and runs that crash."""

from dataclasses import replace

import pytest
from django.db import connection
from pytest_django.fixtures import Settings

from moderation.domain.remote import MOST_TIME_LIMIT_S, AnswerState, Failure, OnFailure, RemoteKind
from moderation.domain.status import Status
from moderation.flow import jobs
from moderation.flow.comments import ask
from moderation.flow.comments.call import FIRST_PAUSE_S, MOST_PAUSE_S, OPEN_AFTER
from moderation.models import (
    Comment,
    Job,
    RemoteAnswer,
    RemoteService,
    ReviewItem,
    Site,
)
from moderation.queries.gauges import readings
from tests.builders import build_site, screen_all, submit
from tests.fake_services import (
    Answering,
    FakeServer,
    after,
    answer_of,
    ask_all,
    dead_url,
    drips_body,
    drips_head,
    hangs,
    hangs_up,
    judges,
    make_due,
    remote_codes,
    says,
    settle,
    submit_settled,
    use_service,
    writes,
)

pytestmark = pytest.mark.django_db

AKISMET, MODEL = RemoteKind.AKISMET, RemoteKind.POLICY_MODEL
HAM, SPAM = says("false"), says("true")


@pytest.fixture
def site() -> Site:
    return build_site()


WRONG: dict[str, tuple[RemoteKind, Answering, Failure]] = {
    "silent": (AKISMET, hangs, Failure.TIMEOUT),
    "drips its head": (AKISMET, drips_head, Failure.TIMEOUT),
    "drips its body": (MODEL, drips_body, Failure.TIMEOUT),
    "hangs up": (AKISMET, hangs_up, Failure.BAD_ANSWER),
    "fails": (AKISMET, says("true", 500), Failure.BUSY),
    "is too busy": (MODEL, says("{}", 429), Failure.BUSY),
    "knows no such key": (AKISMET, says("invalid"), Failure.UNAUTHORISED),
    "refuses the key": (MODEL, says("{}", 401), Failure.UNAUTHORISED),
    "sends a page": (AKISMET, says("<html>false</html>"), Failure.BAD_ANSWER),
    "sends a page for JSON": (MODEL, says("<html>"), Failure.BAD_ANSWER),
    "sends too much": (AKISMET, says(b"false" + b" " * 70_000), Failure.BAD_ANSWER),
    "redirects": (AKISMET, says("false", 302, Location="http://127.0.0.1:1/"), Failure.BAD_ANSWER),
    "writes no JSON": (MODEL, writes("This is fine."), Failure.OFF_SCHEMA),
    "writes another schema": (MODEL, writes('{"violation": 0}'), Failure.OFF_SCHEMA),
    "invents a category": (MODEL, judges("fine"), Failure.OFF_SCHEMA),
    "is more than sure": (MODEL, judges("none", 7), Failure.OFF_SCHEMA),
    "refuses": (MODEL, writes(None), Failure.OFF_SCHEMA),
}


@pytest.mark.parametrize("what", WRONG)
@pytest.mark.parametrize("on_failure", ["hold", "ignore"])
def test_without_an_answer_the_site_says_what_happens(
    site: Site, server: FakeServer, what: str, on_failure: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ask, "ASK", replace(ask.ASK, max_attempts=1, backoff_s=0))
    kind, server.answer, failure = WRONG[what]
    use_service(site, server.url, kind, on_failure=OnFailure(on_failure), time_limit_s=1)
    comment = submit_settled(site)
    stored = answer_of(comment)
    assert (stored.state, stored.findings) == (AnswerState.FAILED, {})
    assert stored.error in {failure, Failure.REFUSED if what == "hangs up" else failure}
    assert stored.duration_ms < 2000
    if on_failure == "hold":
        assert comment.status == Status.HELD
        assert remote_codes(comment) == {"remote.unavailable"}
        assert ReviewItem.objects.filter(comment=comment, closed_at__isnull=True).exists()
    else:
        assert comment.status == Status.PUBLISHED
        assert remote_codes(comment) == {"remote.ignored_failure"}


def test_a_server_that_is_down_is_tried_again_before_a_person_is_troubled(
    site: Site, settings: Settings
) -> None:
    use_service(site, dead_url(settings))
    comment = submit(site, ip="203.0.113.77")
    screen_all()
    for attempt in range(1, ask.ASK.max_attempts):
        make_due()
        ask_all()
        job = Job.objects.get(subject_id=comment.id)
        assert (job.kind, job.attempts, job.last_error) == ("ask", attempt, "refused")
        assert answer_of(comment).state == AnswerState.WAITING
    settle()
    comment.refresh_from_db()
    assert comment.status == Status.HELD
    assert answer_of(comment).error == Failure.REFUSED
    assert not Job.objects.filter(subject_id=comment.id).exists()


def test_a_server_that_comes_back_is_heard(site: Site, server: FakeServer) -> None:
    use_service(site, server.url)
    server.answer = says("", 503)
    comment = submit(site, ip="203.0.113.77")
    screen_all()
    ask_all()
    server.answer = HAM
    settle()
    comment.refresh_from_db()
    assert comment.status == Status.PUBLISHED
    assert len(server.asked) == 2


def test_one_good_answer_is_kept_while_the_other_service_is_asked_again(
    site: Site, server: FakeServer, settings: Settings
) -> None:
    use_service(site, server.url, MODEL)
    server.answer = judges("none")
    use_service(site, dead_url(settings))
    comment = submit_settled(site)
    assert comment.status == Status.HELD
    assert len(server.asked) == 1
    states = dict(RemoteAnswer.objects.values_list("service__kind", "state"))
    assert states == {"policy_model": "ok", "akismet": "failed"}


def test_a_comment_without_a_network_is_not_judged_by_an_invented_one(site: Site, server: FakeServer) -> None:
    use_service(site, server.url)
    comment = submit_settled(site, ip="")
    assert comment.status == Status.HELD
    assert answer_of(comment).error == Failure.INCOMPLETE
    assert server.asked == []
    assert RemoteService.objects.get().calls == 0


def test_a_host_that_the_operator_takes_back_is_called_no_more(
    site: Site, server: FakeServer, settings: Settings
) -> None:
    use_service(site, server.url)
    settings.REMOTE_CHECK_ORIGINS = frozenset({"https://rest.akismet.com"})
    comment = submit_settled(site)
    assert (comment.status, answer_of(comment).error) == (Status.HELD, Failure.NOT_ALLOWED)
    assert server.asked == []


def test_a_key_that_does_not_open_is_never_sent(site: Site, server: FakeServer) -> None:
    use_service(site, server.url)
    service = RemoteService.objects.get()
    service.sealed_key = service.sealed_key[:-4] + "AAA="
    service.save()
    comment = submit_settled(site)
    assert (comment.status, answer_of(comment).error) == (Status.HELD, Failure.UNAUTHORISED)
    assert server.asked == []


def ask_about(site: Site, number: int) -> RemoteAnswer:
    """One comment more, asked about once."""
    comment = submit(site, f"Remark number {number}.", email=f"r{number}@reader.example", ip="203.0.113.77")
    screen_all()
    (lease,) = [lease for lease in jobs.claim(ask.ASK) if lease.subject_id == comment.id]
    answered, _ = ask._ask_all([lease], jobs.CELERY_RUNNER)
    ask.finish_asking(answered, [lease])
    Job.objects.filter(kind="ask").delete()
    stored = answer_of(comment)
    stored.error = stored.error or str(answered[0].failure or "")
    return stored


def test_the_days_calls_are_counted_and_end(site: Site, server: FakeServer) -> None:
    use_service(site, server.url, daily_budget=2)
    assert [ask_about(site, number).error for number in range(4)] == ["", "", "over_budget", "over_budget"]
    assert len(server.asked) == 2
    service = RemoteService.objects.get()
    assert service.calls == 2
    RemoteService.objects.update(calls_on="2020-01-01")
    assert ask_about(site, 9).error == ""
    assert RemoteService.objects.get().calls == 1


def test_a_budget_of_nothing_calls_nobody(site: Site, server: FakeServer) -> None:
    use_service(site, server.url, daily_budget=0)
    assert ask_about(site, 1).error == Failure.OVER_BUDGET
    assert server.asked == []


def test_within_one_batch_the_budget_holds_too(site: Site, server: FakeServer) -> None:
    use_service(site, server.url, daily_budget=3)
    for number in range(6):
        submit(site, f"Remark number {number}.", email=f"r{number}@reader.example", ip="203.0.113.77")
    settle()
    assert len(server.asked) == 3
    assert Comment.objects.filter(status=Status.HELD).count() == 3


def pause_s() -> float:
    with connection.cursor() as cursor:
        cursor.execute("SELECT extract(epoch FROM paused_until - clock_timestamp()) FROM remote_service")
        return float(cursor.fetchone()[0])


def end_pause() -> None:
    RemoteService.objects.update(paused_until="2020-01-01T00:00:00Z")


def test_after_failures_in_a_row_a_service_is_left_alone_and_tried_again_by_one_call(
    site: Site, server: FakeServer
) -> None:
    use_service(site, server.url)
    server.answer = says("", 500)
    assert [ask_about(site, n).error for n in range(OPEN_AFTER)] == ["busy"] * OPEN_AFTER
    assert ask_about(site, 10).error == Failure.BREAKER_OPEN
    assert len(server.asked) == OPEN_AFTER
    assert FIRST_PAUSE_S - 5 < pause_s() <= FIRST_PAUSE_S
    end_pause()
    assert ask_about(site, 11).error == "busy"
    assert FIRST_PAUSE_S * 2 - 5 < pause_s() <= FIRST_PAUSE_S * 2
    end_pause()
    server.answer = HAM
    assert ask_about(site, 12).state == AnswerState.OK
    assert (RemoteService.objects.get().failures, RemoteService.objects.get().paused_until) == (0, None)
    assert ask_about(site, 13).state == AnswerState.OK


def test_while_one_call_tries_the_others_stay_away(site: Site, server: FakeServer) -> None:
    use_service(site, server.url)
    RemoteService.objects.update(failures=OPEN_AFTER, paused_until="2020-01-01T00:00:00Z")
    for number in range(4):
        submit(site, f"Remark number {number}.", email=f"r{number}@reader.example", ip="203.0.113.77")
    screen_all()
    ask_all()
    assert len(server.asked) == 1
    errors = sorted(RemoteAnswer.objects.values_list("error", flat=True))
    assert errors == ["", *["breaker_open"] * 3]


def test_a_pause_never_grows_beyond_its_bound_and_survives_a_clock_that_was_set_back(
    site: Site, server: FakeServer
) -> None:
    use_service(site, server.url)
    server.answer = says("", 500)
    RemoteService.objects.update(failures=999, paused_until="2020-01-01T00:00:00Z")
    assert ask_about(site, 1).error == "busy"
    assert MOST_PAUSE_S - 5 < pause_s() <= MOST_PAUSE_S
    RemoteService.objects.update(paused_until="2199-01-01T00:00:00Z")
    server.answer = HAM
    assert ask_about(site, 2).state == AnswerState.OK


def test_many_failures_at_once_open_the_shortest_pause(site: Site, settings: Settings) -> None:
    use_service(site, dead_url(settings))
    for number in range(8):
        submit(site, f"Remark number {number}.", email=f"r{number}@reader.example", ip="203.0.113.77")
    screen_all()
    ask_all()
    assert RemoteService.objects.get().failures == OPEN_AFTER
    assert pause_s() <= FIRST_PAUSE_S


def test_what_a_comment_can_cause_does_not_switch_the_check_off(site: Site, server: FakeServer) -> None:
    use_service(site, server.url, MODEL)
    server.answer = writes("I have been talked into this.")
    for number in range(OPEN_AFTER + 1):
        assert ask_about(site, number).error == Failure.OFF_SCHEMA
    assert RemoteService.objects.get().failures == 0


def test_new_settings_close_the_breaker(site: Site, server: FakeServer) -> None:
    use_service(site, server.url)
    RemoteService.objects.update(failures=9, paused_until="2199-01-01T00:00:00Z")
    use_service(site, server.url, daily_budget=77)
    assert (RemoteService.objects.get().failures, RemoteService.objects.get().paused_until) == (0, None)


def crash(*_: object) -> None:
    raise RuntimeError("ada@reader.example")


def test_asking_that_crashes_again_and_again_ends_with_a_person(
    site: Site, server: FakeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_service(site, server.url)
    comment = submit(site, ip="203.0.113.77")
    monkeypatch.setattr(ask, "call_services", crash)
    for _ in range(ask.ASK.max_attempts + 1):
        make_due()
        screen_all()
        ask_all()
    settle()
    comment.refresh_from_db()
    assert comment.status == Status.HELD
    assert remote_codes(comment) == {"remote.unavailable"}
    assert answer_of(comment).error == Failure.GAVE_UP
    job = Job.objects.get(kind="ask")
    assert (job.state, job.last_error) == ("dead", "RuntimeError")


def test_where_the_site_goes_on_without_it_a_crash_holds_nothing(
    site: Site, server: FakeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_service(site, server.url, on_failure=OnFailure.IGNORE)
    comment = submit(site, ip="203.0.113.77")
    monkeypatch.setattr(ask, "call_services", crash)
    for _ in range(ask.ASK.max_attempts + 1):
        make_due()
        screen_all()
        ask_all()
    settle()
    comment.refresh_from_db()
    assert comment.status == Status.PUBLISHED


def test_a_run_that_dies_before_it_writes_is_done_again(
    site: Site, server: FakeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_service(site, server.url)
    comment = submit(site, ip="203.0.113.77")
    screen_all()
    with monkeypatch.context() as patch:
        patch.setattr(ask, "finish_asking", crash)
        ask_all()
    assert answer_of(comment).state == AnswerState.WAITING
    settle()
    comment.refresh_from_db()
    assert comment.status == Status.PUBLISHED
    assert len(server.asked) == 2


def test_a_long_batch_gives_back_what_it_does_not_reach(
    site: Site, server: FakeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_service(site, server.url)
    for number in range(3):
        submit(site, f"Remark number {number}.", email=f"r{number}@reader.example", ip="203.0.113.77")
    screen_all()
    with monkeypatch.context() as patch:
        patch.setattr(ask, "WAVE", 1)
        patch.setattr(ask, "BATCH_BUDGET_S", 0.2)
        server.answer = after(0.3, HAM)
        ask.ask_batch(jobs.claim(ask.ASK), "celery")
    assert len(server.asked) == 1
    left = Job.objects.filter(kind="ask").values_list("attempts", "leased_at")
    assert list(left) == [(0, None)] * 2
    server.answer = HAM
    settle()
    assert Comment.objects.filter(status=Status.PUBLISHED).count() == 3


def test_the_longest_batch_ends_within_its_lease() -> None:
    longest = jobs.DRAIN_BUDGET_S + ask.BATCH_BUDGET_S + MOST_TIME_LIMIT_S
    assert longest + 10 < min(ask.ASK.lease_s, ask.ASK.time_limit_s)


def test_a_comment_that_is_being_asked_about_counts_as_lookedafter(site: Site, server: FakeServer) -> None:
    use_service(site, server.url)
    submit(site, ip="203.0.113.77")
    screen_all()
    lost = [each.value for each in readings() if each.gauge == "moderation_comments_lost"]
    assert lost == [0]
