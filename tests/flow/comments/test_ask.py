"""Comments of sites with outside services that answer: who is asked, what is stored, what becomes of it."""

import threading
from http.server import BaseHTTPRequestHandler

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from pytest_django.fixtures import Settings

from moderation.domain.remote import AnswerState, AsksAbout, RemoteKind
from moderation.domain.status import Action, Status
from moderation.engine.checks.markers import SPAM_MARKER
from moderation.engine.run import run_checks
from moderation.flow import jobs
from moderation.flow.comments import ask
from moderation.flow.comments.ask import ASK
from moderation.flow.comments.decide import Choice, decide
from moderation.flow.jobs.kinds import SCREEN
from moderation.models import (
    Comment,
    Decision,
    Job,
    RemoteAnswer,
    Revision,
    Screening,
    Site,
)
from moderation.queries.contexts import build_contexts
from tests.builders import build_moderator, build_site, person, screen_all, submit, submit_screened
from tests.fake_services import (
    KEY,
    Answering,
    FakeServer,
    after,
    answer_of,
    ask_all,
    judges,
    remote_codes,
    says,
    serve,
    settle,
    submit_settled,
    use_service,
)

pytestmark = pytest.mark.django_db

AKISMET, MODEL = RemoteKind.AKISMET, RemoteKind.POLICY_MODEL
HAM, SPAM = says("false"), says("true")
LINKED = "They say the opposite in https://city.example/rents though."


@pytest.fixture
def site() -> Site:
    return build_site()


def test_nothing_is_public_before_the_service_has_answered(site: Site, server: FakeServer) -> None:
    use_service(site, server.url)
    comment = submit(site, ip="203.0.113.77")
    screen_all()
    comment.refresh_from_db()
    assert comment.status == Status.SCREENING
    assert not Screening.objects.exists()
    assert not Decision.objects.exists()
    assert [job.kind for job in Job.objects.filter(subject_id=comment.id)] == ["ask"]
    assert answer_of(comment).state == AnswerState.WAITING
    assert server.asked == []
    ask_all()
    comment.refresh_from_db()
    assert comment.status == Status.SCREENING
    assert [job.kind for job in Job.objects.filter(subject_id=comment.id)] == ["screen"]
    screen_all()
    comment.refresh_from_db()
    assert comment.status == Status.PUBLISHED
    assert comment.published_revision is not None
    assert comment.published_revision.body_html
    assert not Job.objects.filter(subject_id=comment.id).exists()


def test_what_was_sent_and_answered_is_stored_by_name(site: Site, server: FakeServer) -> None:
    use_service(site, server.url)
    comment = submit_settled(site)
    stored = answer_of(comment)
    assert (stored.state, stored.error) == (AnswerState.OK, "")
    assert stored.findings == {"spam": False, "discard": False}
    assert set(stored.fields) == set(server.asked[0].form) - {"api_key"}
    assert stored.duration_ms > 0
    assert stored.answered_at is not None
    assert stored.service_version == 1
    assert server.asked[0].form["user_ip"] == "203.0.113.0"
    assert server.asked[0].form["api_key"] == KEY


@pytest.mark.parametrize(
    ("answer", "status"),
    [(HAM, "published"), (SPAM, "held"), (says("true", X_akismet_pro_tip="discard"), "spam")],
)
def test_akismets_word_is_a_signal(site: Site, server: FakeServer, answer: Answering, status: str) -> None:
    use_service(site, server.url)
    server.answer = answer
    comment = submit_settled(site)
    assert comment.status == status
    assert remote_codes(comment) == ({"remote.akismet_spam"} if status != "published" else set())


@pytest.mark.parametrize(
    ("answer", "status"),
    [(judges("none"), "published"), (judges("hate", 0.95), "held"), (judges("off_topic", 0.5), "published")],
)
def test_a_policy_models_word_is_a_signal(
    site: Site, server: FakeServer, answer: Answering, status: str
) -> None:
    use_service(site, server.url, MODEL)
    server.answer = answer
    comment = submit_settled(site)
    assert comment.status == status
    assert server.asked[0].path == "/v1/chat/completions"
    assert server.asked[0].headers["authorization"] == f"Bearer {KEY}"


def test_a_model_of_ones_own_may_want_no_key(site: Site, server: FakeServer) -> None:
    use_service(site, server.url, MODEL, key="")
    server.answer = judges("none")
    assert submit_settled(site).status == Status.PUBLISHED
    assert "authorization" not in server.asked[0].headers


def test_the_models_reason_is_told_to_moderators_without_addresses(site: Site, server: FakeServer) -> None:
    use_service(site, server.url, MODEL)
    server.answer = judges("private_data", 0.9, "It tells ada@reader.example and 203.0.113.77.")
    comment = submit_settled(site)
    (reason,) = Screening.objects.get(comment=comment).reasons
    assert reason["params"]["reason"] == "It tells [address] and 203.0.113.0."
    assert "ada@" not in str(answer_of(comment).findings)


def test_both_services_are_asked_and_both_are_heard(
    site: Site, server: FakeServer, settings: Settings
) -> None:
    with serve(judges("hate", 0.9)) as model:
        settings.REMOTE_CHECK_ORIGINS |= {model.url}
        use_service(site, server.url)
        use_service(site, model.url, MODEL)
        server.answer = SPAM
        comment = submit_settled(site)
    assert remote_codes(comment) == {"remote.akismet_spam", "remote.policy_broken"}
    assert (len(server.asked), len(model.asked)) == (1, 1)


def test_what_the_local_checks_take_for_spam_never_leaves(site: Site, server: FakeServer) -> None:
    use_service(site, server.url)
    spam = submit_settled(site, f"Look: {SPAM_MARKER}")
    assert spam.status == Status.SPAM
    assert server.asked == []
    assert not RemoteAnswer.objects.exists()


def test_a_service_for_doubt_is_not_asked_about_what_is_clean(site: Site, server: FakeServer) -> None:
    use_service(site, server.url, asks_about=AsksAbout.DOUBT)
    assert submit_settled(site).status == Status.PUBLISHED
    assert server.asked == []
    server.answer = says("true", X_akismet_pro_tip="discard")
    assert submit_settled(site, LINKED, email="bo@reader.example").status == Status.SPAM
    assert len(server.asked) == 1


def test_an_all_clear_publishes_nothing_that_was_held(site: Site, server: FakeServer) -> None:
    use_service(site, server.url)
    assert submit_settled(site, LINKED).status == Status.HELD


def test_a_site_without_services_pays_no_query(site: Site, server: FakeServer) -> None:
    other = build_site("The Morning Post", host="post.example")
    use_service(other, server.url)
    own = submit(site)
    theirs = submit(other, url="https://post.example/a", ip="203.0.113.77")

    def count(*comments: Comment) -> int:
        with CaptureQueriesContext(connection) as captured:
            build_contexts([comment.id for comment in comments])
        return sum("remote_" in query["sql"].partition(" FROM ")[2] for query in captured)

    assert count(own) == 0
    assert count(own, theirs) == 2  # the services, which are kept, and the answers
    assert count(own, theirs) == 1
    screen_all()
    own.refresh_from_db()
    theirs.refresh_from_db()
    assert (own.status, theirs.status) == (Status.PUBLISHED, Status.SCREENING)


def test_a_later_screening_says_the_same_from_what_is_stored(site: Site, server: FakeServer) -> None:
    use_service(site, server.url)
    server.answer = SPAM
    comment = submit_settled(site)
    jobs.enqueue(SCREEN, [(site.id, comment.id)])
    use_service(site, server.url, is_on=False, key="")
    screen_all()
    first, second = Screening.objects.filter(comment=comment).order_by("created_at")
    assert [s["code"] for s in first.signals] == [s["code"] for s in second.signals]
    assert (first.outcome, first.scores) == (second.outcome, second.scores)
    assert len(server.asked) == 1
    (subject,) = build_contexts([comment.id])
    assert [s.code for s in run_checks(subject.context).signals] == [s["code"] for s in first.signals]


def test_another_wording_is_asked_about_anew(site: Site, server: FakeServer) -> None:
    use_service(site, server.url)
    comment = submit_settled(site)
    newer = Revision.objects.create(site=site, comment=comment, number=2, body="Another wording.")
    Comment.objects.filter(id=comment.id).update(current_revision=newer, status=Status.SCREENING)
    jobs.enqueue(SCREEN, [(site.id, comment.id)])
    server.answer = SPAM
    settle()
    comment.refresh_from_db()
    assert comment.status == Status.HELD
    assert [asked.form["comment_content"] for asked in server.asked] == [
        "A calm and reasonable remark.",
        "Another wording.",
    ]


def test_a_late_answer_to_an_older_wording_changes_nothing(site: Site, server: FakeServer) -> None:
    use_service(site, server.url)
    comment = submit(site, ip="203.0.113.77")
    screen_all()
    leases = jobs.claim(ASK)
    answered, _ = ask._ask_all(leases, jobs.CELERY_RUNNER)
    newer = Revision.objects.create(site=site, comment=comment, number=2, body="Another wording.")
    Comment.objects.filter(id=comment.id).update(current_revision=newer)
    ask.finish_asking(answered, leases)
    screen_all()
    comment.refresh_from_db()
    assert comment.status == Status.SCREENING  # the newer wording waits for an answer of its own
    assert RemoteAnswer.objects.get(revision=newer).state == AnswerState.WAITING
    settle()
    comment.refresh_from_db()
    assert comment.status == Status.PUBLISHED


def test_a_run_that_was_taken_over_writes_nothing(site: Site, server: FakeServer) -> None:
    use_service(site, server.url)
    comment = submit(site, ip="203.0.113.77")
    screen_all()
    late = jobs.claim(ASK)
    answered, _ = ask._ask_all(late, jobs.CELERY_RUNNER)
    Job.objects.filter(kind="ask").update(leased_at="2020-01-01T00:00:00Z")
    server.answer = SPAM
    ask_all()
    ask.finish_asking(answered, late)
    assert answer_of(comment).findings["spam"] is True
    assert Job.objects.filter(subject_id=comment.id).count() == 1


def test_a_comment_that_is_deleted_meanwhile_is_sent_nowhere(site: Site, server: FakeServer) -> None:
    use_service(site, server.url)
    comment = submit(site, ip="203.0.113.77")
    screen_all()
    actor = person(build_moderator([site]))
    decide(Choice(comment.id), site_id=site.id, action=Action.DELETE, reason="author_request", actor=actor)
    settle()
    comment.refresh_from_db()
    assert comment.status == Status.DELETED
    assert server.asked == []
    assert not Job.objects.filter(subject_id=comment.id).exists()


def test_a_service_that_is_switched_off_meanwhile_is_skipped(site: Site, server: FakeServer) -> None:
    use_service(site, server.url)
    comment = submit(site, ip="203.0.113.77")
    screen_all()
    use_service(site, server.url, is_on=False)
    settle()
    comment.refresh_from_db()
    assert comment.status == Status.PUBLISHED
    assert answer_of(comment).state == AnswerState.SKIPPED
    assert server.asked == []


def test_comments_of_several_sites_are_asked_about_side_by_side(site: Site, server: FakeServer) -> None:
    other = build_site("The Morning Post", host="post.example")
    use_service(site, server.url)
    use_service(other, server.url, key="other-key")
    for number in range(3):
        submit(site, f"Remark number {number}.", email=f"r{number}@reader.example", ip="203.0.113.77")
    submit(other, url="https://post.example/a", ip="198.51.100.7")
    open_calls, most_open = 0, 0
    lock = threading.Lock()

    def answer(handler: BaseHTTPRequestHandler) -> None:
        nonlocal open_calls, most_open
        with lock:
            open_calls += 1
            most_open = max(most_open, open_calls)
        after(0.4, HAM)(handler)
        with lock:
            open_calls -= 1

    server.answer = answer
    settle()
    assert most_open >= 2
    assert not Comment.objects.exclude(status=Status.PUBLISHED).exists()
    by_key = {asked.form["blog"]: asked.form["api_key"] for asked in server.asked}
    assert by_key == {"https://news.example/": KEY, "https://post.example/": "other-key"}


def test_a_site_is_asked_about_by_its_own_services_only(site: Site, server: FakeServer) -> None:
    other = build_site("The Morning Post", host="post.example")
    use_service(other, server.url)
    comment = submit_screened(site, ip="203.0.113.77")
    assert comment.status == Status.PUBLISHED
    settle()
    assert server.asked == []


@pytest.mark.django_db(transaction=True)
def test_the_database_refuses_an_answer_of_another_sites_service(server: FakeServer) -> None:
    site, other = build_site(), build_site("The Morning Post", host="post.example")
    service = use_service(other, server.url).service
    comment = submit(site)
    with pytest.raises(IntegrityError, match="remote_answer_service_id_same_site"), transaction.atomic():
        RemoteAnswer.objects.create(
            site=site,
            comment=comment,
            revision=comment.current_revision,
            service=service,
            service_version=1,
            on_failure="hold",
        )
