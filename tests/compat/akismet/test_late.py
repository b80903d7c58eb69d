"""A late verdict end to end: asked for by a check, decided by the worker or a person, heard by the site."""

from collections.abc import Iterator

import pytest
from pytest_django.fixtures import Settings

from moderation.domain.status import Action
from moderation.flow.comments.decide import Choice, decide
from moderation.flow.jobs import SWEEP_RUNNER
from moderation.flow.late_verdicts import tell_due
from moderation.models import Comment, LateVerdict, Site, SiteKey
from tests.builders import build_moderator, person, screen_all
from tests.compat.akismet.calls import CLEAN, KEY, LINKED, check, report, stored
from tests.fake_services import FakeServer, says, serve

pytestmark = pytest.mark.django_db


@pytest.fixture
def blog(site: Site, key: SiteKey, settings: Settings) -> Iterator[FakeServer]:
    """The site's own server: registered, and allowed by the operator, as it is on this machine."""
    with serve(says("{}")) as fake:
        settings.REMOTE_CHECK_ORIGINS |= {fake.url}
        site.hosts = ["news.example", fake.url.removeprefix("http://")]
        site.save()
        yield fake


def heard(blog: FakeServer) -> list[tuple[str, str]]:
    tell_due(runner=SWEEP_RUNNER)
    told = [asked.json for asked in blog.asked]
    assert all(each["key"] == KEY for each in told)
    return [(each["comments"][0]["guid"], each["comments"][0]["result"]) for each in told]


def test_a_moderator_decides_and_the_site_hears_of_it(site: Site, blog: FakeServer) -> None:
    answer = check(LINKED, callback=f"{blog.url}/hook?rest_route=x", comment_post_ID="42")
    assert answer.headers["x-akismet-recheck-after"] == "120"
    screen_all()
    assert heard(blog) == []
    actor = person(build_moderator([site]))
    decide(Choice(stored(answer).id), site_id=site.id, action=Action.SPAM, reason="spam", actor=actor)
    assert heard(blog) == [(answer.headers["x-akismet-guid"], "true")]
    assert blog.asked[0].path == "/hook?rest_route=x"
    assert blog.asked[0].json["comments"][0]["comment_post_ID"] == "42"


def test_the_worker_knows_more_than_the_local_checks_and_the_site_hears_of_it(blog: FakeServer) -> None:
    """Copies by other authors are seen only in the database: what was ham at once is held or spam later."""
    first = check(CLEAN, callback=f"{blog.url}/hook")
    screen_all()
    assert heard(blog) == []
    Comment.objects.filter(id=stored(first).id).update(status="spam")
    answer = check(
        CLEAN, callback=f"{blog.url}/hook", comment_author="Bo", comment_author_email="bo@other.example"
    )
    assert answer.raw == b"false"
    screen_all()
    status = stored(answer).status
    expected = [(answer.headers["x-akismet-guid"], "true")] if status == "spam" else []
    assert status != "published"
    assert heard(blog) == expected


def test_a_report_of_the_site_ends_its_waiting(site: Site, blog: FakeServer) -> None:
    answer = check(LINKED, callback=f"{blog.url}/hook")
    screen_all()
    report("spam", LINKED, guid=answer.headers["x-akismet-guid"])
    assert heard(blog) == []
    assert LateVerdict.objects.get().told == "pending"
