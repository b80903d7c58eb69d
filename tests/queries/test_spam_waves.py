"""When a wave of spam runs: by the outcomes of the last ten minutes, each site by itself."""

from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from moderation.domain.status import Status
from moderation.lib.clock import now
from moderation.lib.uuid7 import first_uuid7
from moderation.models import Comment, Revision, Site
from moderation.queries.spam_waves import LEAST_SPAM, WINDOW, find_waves, sites_asking_for_work
from tests.builders import build_site, submit

pytestmark = pytest.mark.django_db


def fill(site: Site, *, spam: int, published: int = 0, at: datetime | None = None) -> None:
    """Comments with these outcomes, as if written at this moment."""
    moment = at or now()
    pattern = submit(site)
    first = int(first_uuid7(moment)) + site.hosts[0].__hash__() % 1000 * 10_000
    for number, status in enumerate([Status.SPAM] * spam + [Status.PUBLISHED] * published):
        pattern.pk = type(pattern.pk)(int=first + number)
        pattern.status, pattern.body_hash, pattern.submitted_at = status.value, number + 10, moment
        text = Revision(site=site, comment_id=pattern.pk, body="A copy.")
        pattern.current_revision_id = text.id
        pattern.published_revision_id = text.id if status == Status.PUBLISHED else None
        pattern._state.adding = True
        pattern.save(force_insert=True)
        text.save(force_insert=True)


@pytest.fixture
def site() -> Site:
    return build_site(proof_of_work="wave")


def waves() -> set[object]:
    return set(find_waves(Site.objects.values_list("id", flat=True)))


def test_much_spam_is_a_wave_of_its_own_site(site: Site) -> None:
    other = build_site("Other", host="other.example")
    fill(site, spam=LEAST_SPAM)
    assert waves() == {site.id}
    assert other.id not in waves()


def test_a_little_spam_or_a_lively_discussion_is_none(site: Site) -> None:
    fill(site, spam=LEAST_SPAM - 1)
    assert waves() == set()


def test_more_honest_comments_than_spam_are_a_lively_discussion(site: Site) -> None:
    fill(site, spam=LEAST_SPAM, published=LEAST_SPAM + 1)
    assert waves() == set()


def test_a_wave_ends_and_an_import_of_old_spam_is_none(site: Site) -> None:
    fill(site, spam=LEAST_SPAM, at=now() - WINDOW - timedelta(seconds=5))
    assert waves() == set()
    Comment.objects.filter(site=site).update(submitted_at=now())
    assert waves() == set()


def test_only_sites_that_ask_in_waves_cost_a_query(site: Site) -> None:
    always = build_site("Always", host="always.example", proof_of_work="always")
    off = build_site("Off", host="off.example")
    fill(site, spam=LEAST_SPAM)
    with CaptureQueriesContext(connection) as queries:
        assert sites_asking_for_work([always, off]) == {always.id}
    assert len(queries) == 0
    assert sites_asking_for_work([always, off, site]) == {always.id, site.id}
