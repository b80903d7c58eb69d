"""Late verdicts: a site's server hears what became of a comment if it was told otherwise."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from pytest_django.fixtures import Settings

from moderation.clients import outside
from moderation.domain.errors import Duplicate
from moderation.domain.status import Action, Status
from moderation.flow import jobs, late_verdicts
from moderation.flow.comments.decide import Choice, decide
from moderation.flow.comments.submit import ToldLater
from moderation.flow.jobs import SWEEP_RUNNER
from moderation.flow.keeping.purge import purge_step
from moderation.flow.late_verdicts import LATE_VERDICT, tell_due
from moderation.flow.record import SYSTEM, Actor
from moderation.flow.site.settings import NewKey, change_site, create_key, revoke_key
from moderation.lib.clock import now
from moderation.models import Comment, Job, LateVerdict, Site
from moderation.models.key import KeyKind
from moderation.models.late_verdict import Told
from tests.builders import build_moderator, build_site, person, screen_all, submit
from tests.fake_services import FakeServer, says

pytestmark = pytest.mark.django_db

CLEAN, LINKED = "A calm and reasonable remark.", "They say the opposite in https://city.example/rents though."
SPAM = "Cheap replica watches and casino bonus https://a.example https://b.example https://c.example"


@pytest.fixture
def site(server: FakeServer) -> Site:
    return build_site(hosts=["news.example", server.url.removeprefix("http://")])


@pytest.fixture
def key(site: Site) -> NewKey:
    return create_key(site.id, KeyKind.AKISMET, actor=SYSTEM)


@pytest.fixture
def moderator(site: Site) -> Actor:
    return person(build_moderator([site]))


def submit_told(site: Site, key: NewKey, url: str, told: Told, body: str = CLEAN, **details: str) -> Comment:
    """A comment whose server was told something at once, after its screening."""
    later = ToldLater(f"{url}/wp-json/akismet/v1/webhook", key.key.id, told, details)
    comment = submit(site, body, told_later=later)
    screen_all()
    comment.refresh_from_db()
    return comment


def tell_all() -> None:
    """Send what is due, in this process, as if every pause had passed."""
    Job.objects.filter(kind="late_verdict", state="open").update(due_at="2020-01-01T00:00:00Z")
    tell_due(runner=SWEEP_RUNNER)


def decided(comment: Comment, action: Action, actor: Actor) -> None:
    decide(Choice(comment.id), site_id=comment.site_id, action=action, reason="rules", actor=actor)


def results(server: FakeServer) -> list[str]:
    return [asked.json["comments"][0]["result"] for asked in server.asked]


def test_what_was_told_rightly_is_not_told_again(site: Site, key: NewKey, server: FakeServer) -> None:
    submit_told(site, key, server.url, Told.HAM)
    assert not Job.objects.filter(kind="late_verdict").exists()
    tell_all()
    assert server.asked == []


def test_a_verdict_that_differs_is_told_in_the_words_of_akismet(
    site: Site, key: NewKey, server: FakeServer
) -> None:
    comment = submit_told(site, key, server.url, Told.SPAM, comment_post_ID="7", comment_parent="3")
    tell_all()
    (asked,) = server.asked
    assert (asked.path, asked.headers["content-type"]) == ("/wp-json/akismet/v1/webhook", "application/json")
    about = {"guid": str(comment.id), "result": "false", "comment_post_ID": "7", "comment_parent": "3"}
    assert asked.json == {"key": key.plain, "endpoint": "comment-check", "comments": [about]}
    assert "reader.example" not in asked.body.decode()
    assert LateVerdict.objects.get().told == "false"
    assert not Job.objects.filter(kind="late_verdict").exists()


def test_what_was_left_open_is_told_whatever_it_becomes(site: Site, key: NewKey, server: FakeServer) -> None:
    submit_told(site, key, server.url, Told.PENDING)
    tell_all()
    assert results(server) == ["false"]


def test_a_held_comment_waits_for_a_person_who_may_change_their_mind(
    site: Site, key: NewKey, server: FakeServer, moderator: Actor
) -> None:
    comment = submit_told(site, key, server.url, Told.PENDING, LINKED)
    assert comment.status == Status.HELD
    tell_all()
    assert server.asked == []
    decided(comment, Action.SPAM, moderator)
    tell_all()
    decided(comment, Action.APPROVE, moderator)
    tell_all()
    decided(comment, Action.REJECT, moderator)
    tell_all()
    assert results(server) == ["true", "false", "true"]


def test_what_the_sites_server_decides_itself_it_is_not_told(
    site: Site, key: NewKey, server: FakeServer
) -> None:
    comment = submit_told(site, key, server.url, Told.HAM)
    decided(comment, Action.SPAM, Actor("key", key_id=key.key.id))
    tell_all()
    assert server.asked == []


def test_a_decision_taken_back_before_it_was_told_is_not_told(
    site: Site, key: NewKey, server: FakeServer, moderator: Actor
) -> None:
    comment = submit_told(site, key, server.url, Told.HAM)
    decided(comment, Action.SPAM, moderator)
    decided(comment, Action.APPROVE, moderator)
    tell_all()
    assert server.asked == []
    assert not Job.objects.filter(kind="late_verdict").exists()


def test_a_decision_changed_while_it_was_being_told_is_told_again(
    site: Site, key: NewKey, server: FakeServer, moderator: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    comment = submit_told(site, key, server.url, Told.HAM)
    decided(comment, Action.SPAM, moderator)
    post = outside.post

    def change_meanwhile(*given: Any, **named: Any) -> Any:
        monkeypatch.setattr("moderation.flow.late_verdicts.post", post)
        decided(comment, Action.APPROVE, moderator)
        return post(*given, **named)

    monkeypatch.setattr("moderation.flow.late_verdicts.post", change_meanwhile)
    tell_all()
    tell_all()
    assert results(server) == ["true", "false"]
    assert LateVerdict.objects.get().told == "false"


def test_a_deleted_comment_is_not_told(site: Site, key: NewKey, server: FakeServer, moderator: Actor) -> None:
    comment = submit_told(site, key, server.url, Told.HAM)
    decided(comment, Action.SPAM, moderator)
    decided(comment, Action.DELETE, moderator)
    tell_all()
    assert server.asked == []


@pytest.mark.parametrize("status", [429, 500, 503, 408])
def test_a_server_that_is_busy_is_asked_again_and_the_last_word_counts(
    site: Site, key: NewKey, server: FakeServer, moderator: Actor, status: int
) -> None:
    server.answer = says("", status)
    comment = submit_told(site, key, server.url, Told.SPAM)
    tell_all()
    assert Job.objects.get(kind="late_verdict").attempts == 1
    server.answer = says("{}")
    decided(comment, Action.REJECT, moderator)
    tell_all()
    assert results(server) == ["false"]
    assert (LateVerdict.objects.get().told, LateVerdict.objects.get().error) == ("true", "")


@pytest.mark.parametrize("status", [301, 400, 401, 404])
def test_a_server_that_does_not_want_it_is_left_alone(
    site: Site, key: NewKey, server: FakeServer, moderator: Actor, status: int
) -> None:
    server.answer = says("", status, Location="http://127.0.0.1:1/")
    comment = submit_told(site, key, server.url, Told.SPAM)
    tell_all()
    assert LateVerdict.objects.get().error == "bad_answer"
    decided(comment, Action.SPAM, moderator)
    decided(comment, Action.APPROVE, moderator)
    tell_all()
    assert len(server.asked) == 1


def test_a_server_that_never_answers_is_given_up_without_a_dead_job(
    site: Site, key: NewKey, server: FakeServer
) -> None:
    server.answer = says("", 503)
    submit_told(site, key, server.url, Told.SPAM)
    for _ in range(LATE_VERDICT.max_attempts + 1):
        tell_all()
    assert len(server.asked) == LATE_VERDICT.max_attempts
    assert LateVerdict.objects.get().error == "gave_up"
    assert not Job.objects.filter(kind="late_verdict").exists()


def test_a_revoked_key_is_not_sent(site: Site, key: NewKey, server: FakeServer) -> None:
    submit_told(site, key, server.url, Told.SPAM)
    revoke_key(key.key.id, site_id=site.id, actor=SYSTEM)
    tell_all()
    assert server.asked == []
    assert LateVerdict.objects.get().error == "unauthorised"


def test_a_host_that_was_taken_off_the_site_is_not_called(
    site: Site, key: NewKey, server: FakeServer
) -> None:
    submit_told(site, key, server.url, Told.SPAM)
    change_site(site.id, {"hosts": ["news.example"]}, actor=SYSTEM)
    tell_all()
    assert server.asked == []
    assert LateVerdict.objects.get().error == "not_allowed"


def test_a_host_inside_a_private_network_is_called_only_where_the_operator_allows_it(
    site: Site, key: NewKey, server: FakeServer, settings: Settings
) -> None:
    settings.REMOTE_CHECK_ORIGINS = frozenset()
    submit_told(site, key, server.url, Told.SPAM)
    tell_all()
    assert server.asked == []
    assert LateVerdict.objects.get().error == "not_allowed"


def test_a_verdict_is_sent_again_when_the_worker_is_killed_in_between(
    site: Site, key: NewKey, server: FakeServer
) -> None:
    submit_told(site, key, server.url, Told.SPAM)
    (lease,) = jobs.claim(LATE_VERDICT)
    assert lease.subject_id == LateVerdict.objects.get().comment_id
    Job.objects.filter(kind="late_verdict").update(leased_at="2020-01-01T00:00:00Z")  # it sent and was killed
    tell_all()
    assert results(server) == ["false"]
    assert jobs.finish([lease]) == []


def test_a_run_that_lost_its_job_sends_nothing(site: Site, key: NewKey, server: FakeServer) -> None:
    submit_told(site, key, server.url, Told.SPAM)
    (lease,) = jobs.claim(LATE_VERDICT)
    Job.objects.filter(kind="late_verdict").update(lease_token=None, leased_at=None)
    late_verdicts._tell_one(lease)
    assert server.asked == []
    with pytest.raises(jobs.LeaseLost), transaction.atomic():
        late_verdicts._finish(lease, told="true")


def test_a_repeated_submission_stores_nothing_more(site: Site, key: NewKey, server: FakeServer) -> None:
    submit_told(site, key, server.url, Told.HAM)
    with pytest.raises(Duplicate):
        submit_told(site, key, server.url, Told.SPAM)
    assert [late.told for late in LateVerdict.objects.all()] == ["false"]


def test_after_a_fortnight_nobody_is_told_any_more(site: Site, key: NewKey, server: FakeServer) -> None:
    old, young = (submit_told(site, key, server.url, Told.HAM, body) for body in (CLEAN, "Another remark."))
    LateVerdict.objects.filter(comment=old).update(created_at=now() - timedelta(days=15))
    assert purge_step()["late_verdict"] == 1
    assert [late.comment_id for late in LateVerdict.objects.all()] == [young.id]
