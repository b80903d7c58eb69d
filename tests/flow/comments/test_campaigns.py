"""Campaigns over threads and sites: seen as they gather, reopened where no person decided, as counts only."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.db.models import F
from django.db.models.functions import Now
from django.test.utils import CaptureQueriesContext

from moderation.domain.status import Action, Status
from moderation.flow import jobs
from moderation.flow.comments import screen
from moderation.flow.comments.campaigns import reopen_overlooked
from moderation.flow.comments.decide import Choice, decide
from moderation.flow.comments.screen import screen_due
from moderation.flow.jobs import Lease
from moderation.flow.jobs.kinds import SCREEN
from moderation.flow.keeping.purge import purge_step
from moderation.flow.record import SYSTEM
from moderation.flow.site.settings import change_policy
from moderation.models import Author, CampaignKey, Comment, DomainRecord, Job, Screening, Site
from tests.builders import build_moderator, build_site, person, screen_all, submit, submit_screened

pytestmark = pytest.mark.django_db

PITCH = (
    "They doubled my savings in a month, and the lady there explains it all, see https://heron.example/x now"
)
NUMBER = "They doubled my savings in a month, and the lady there explains it all, call +1 555 010 0199 now"
LIKE_IT = ("", " friends", " my friends", " dear friends")
# Texts that have but a link in common.
VOICES = (
    "The mayor promised this in spring, compare {}",
    "I cannot open the pictures on my old phone, only {}",
    "{} has the numbers by district, ours is the worst",
    "My brother says the same happened up north: {}",
    "Where did the reporter get it from, I only find {}",
)


@pytest.fixture
def site() -> Site:
    return lenient(build_site())


def lenient(site: Site) -> Site:
    """Publishes links of strangers, so that there is something to take back."""
    change_policy(
        site.id, actor=SYSTEM, settings={"hold_codes": [], "hold_at": 3.0, "weights": {"model.spam": 0}}
    )
    site.refresh_from_db()
    return site


def post(site: Site, number: int, text: str = PITCH, *, thread: int | None = None, **given: Any) -> Comment:
    page = number if thread is None else thread
    given.setdefault("email", f"reader{number}@reader.example")
    return submit(site, text, url=f"https://{site.hosts[0]}/page-{page}", **given)


def settle(site: Site) -> None:
    """Let the installation be older than what counts as its beginnings."""
    submit_screened(site, "The first of all was https://stork.example it seems.", email="z@reader.example")
    DomainRecord.objects.update(first_seen_at=Now() - timedelta(days=15))


def signals(comment: Comment) -> dict[str, Any]:
    latest = Screening.objects.filter(comment=comment).latest("id")
    return {signal["code"]: signal for signal in latest.signals}


def status(comment: Comment) -> str:
    return Comment.objects.get(id=comment.id).status


def test_a_burst_in_one_batch_is_seen_from_its_first_comment_on(site: Site) -> None:
    burst = [post(site, number, PITCH + LIKE_IT[number]) for number in range(3)]
    screen_all()
    for comment in burst:
        params = signals(comment)["campaign.cluster"]["params"]
        assert (params["authors"], params["threads"], params["sites"]) == (3, 3, 1)
        assert status(comment) != Status.PUBLISHED


def test_sites_add_up_and_see_counts_only(site: Site) -> None:
    other = lenient(build_site("The Other Paper", host="other.example"))
    theirs = [post(other, number) for number in range(2)]
    screen_all()
    ours = post(site, 7, PITCH + " friends")
    screen_all()
    found = signals(ours)["campaign.cluster"]
    assert (found["params"]["authors"], found["params"]["sites"]) == (3, 2)
    assert not [part for part in (other.id, *(c.id for c in theirs)) if str(part) in str(found)]


def test_a_number_is_an_address_too(site: Site) -> None:
    burst = [post(site, number, NUMBER + LIKE_IT[number]) for number in range(3)]
    screen_all()
    assert "campaign.cluster" in signals(burst[0])


def test_earlier_members_that_were_published_are_taken_back_to_the_queue(site: Site) -> None:
    first = submit_screened(site, PITCH, email="a@reader.example", url="https://news.example/a")
    assert first.status == Status.PUBLISHED
    for name in ("b", "c"):
        post(site, 0, PITCH + f" {name}", email=f"{name}@reader.example", thread=ord(name))
    screen_all()
    assert "campaign.cluster" in signals(first)
    assert status(first) in (Status.HELD, Status.SPAM)
    assert not Job.objects.filter(kind="screen").exists(), "campaigns do not call each other for ever"


def test_what_a_person_published_stays(site: Site) -> None:
    first = submit_screened(site, PITCH, email="a@reader.example", url="https://news.example/a")
    actor = person(build_moderator([site]))
    for action in (Action.HOLD, Action.APPROVE):
        decide(Choice(first.id), site_id=site.id, action=action, reason="fine", actor=actor)
    for name in ("b", "c"):
        post(site, 0, PITCH + f" {name}", email=f"{name}@reader.example", thread=ord(name))
    screen_all()
    assert status(first) == Status.PUBLISHED
    assert Screening.objects.filter(comment=first).count() == 1


def test_a_site_that_makes_nothing_of_campaigns_is_not_asked_for_ever(site: Site) -> None:
    settings = {"hold_codes": [], "hold_at": 100.0, "spam_at": 100.0}
    change_policy(site.id, actor=SYSTEM, settings=settings)
    for number in range(4):
        post(site, number)
        screen_all()
    assert screen_due(runner=jobs.SWEEP_RUNNER) == 0
    assert Screening.objects.count() < 12


def test_a_news_link_that_readers_of_one_thread_share_is_no_campaign(site: Site) -> None:
    shared = [
        post(site, n, voice.format("https://wire.example/story"), thread=1) for n, voice in enumerate(VOICES)
    ]
    screen_all()
    assert not [c for c in shared if any(code.startswith("campaign.") for code in signals(c))]


def test_a_known_domain_is_no_campaign_in_unlike_words(site: Site) -> None:
    link = "https://wire.example/story"
    settle(site)
    submit_screened(site, f"First of all, see {link}", email="y@reader.example")
    DomainRecord.objects.update(first_seen_at=F("first_seen_at") - timedelta(days=8))
    shared = [post(site, number, voice.format(link)) for number, voice in enumerate(VOICES)]
    screen_all()
    assert not [c for c in shared if any(code.startswith("campaign.") for code in signals(c))]


def test_a_new_domain_that_strangers_lead_to_everywhere_is_a_hint(site: Site) -> None:
    settle(site)
    shared = [post(site, n, voice.format("https://egret.example/y")) for n, voice in enumerate(VOICES)]
    screen_all()
    assert "campaign.link" in signals(shared[-1])
    assert "campaign.cluster" not in signals(shared[-1])


def test_on_a_young_installation_no_domain_is_new(site: Site) -> None:
    shared = [post(site, n, voice.format("https://egret.example/y")) for n, voice in enumerate(VOICES)]
    screen_all()
    assert "campaign.link" not in signals(shared[-1])


def test_a_domain_that_people_published_is_no_campaign(site: Site) -> None:
    actor = person(build_moderator([site]))
    for number, voice in enumerate(VOICES[:3]):
        comment = post(site, number, voice.format("https://heron.example/story"))
        screen_all()
        for action in (Action.HOLD, Action.APPROVE):
            decide(Choice(comment.id), site_id=site.id, action=action, reason="fine", actor=actor)
    burst = [post(site, number, PITCH + LIKE_IT[number - 10]) for number in range(10, 13)]
    screen_all()
    assert not [c for c in burst if "campaign.cluster" in signals(c)]


def test_one_author_and_authors_with_a_record_are_no_cluster(site: Site) -> None:
    for number in range(4):
        post(site, number, PITCH + LIKE_IT[number], email="one@reader.example")
    screen_all()
    assert not [s for s in Screening.objects.all() if "campaign." in str(s.signals)]
    CampaignKey.objects.all().delete()
    for number in range(3):
        known = post(site, number, PITCH + " yes" * number, email=f"known{number}@reader.example", thread=9)
        Author.objects.filter(id=known.author_id).update(is_proven=True, published_count=3)
    screen_all()
    stranger = post(site, 50)
    screen_all()
    assert "campaign.cluster" not in signals(stranger)


def test_what_an_import_brings_is_not_written_down(site: Site) -> None:
    for number in range(3):
        post(site, number, form_facts={"source": "import"})
    screen_all()
    assert not CampaignKey.objects.exists()


def test_nothing_is_asked_where_nothing_is_named(site: Site) -> None:
    def asked(text: str, email: str) -> int:
        submit(site, text, email=email)
        with CaptureQueriesContext(connection) as captured:
            screen_all()
        return sum("campaign_key" in query["sql"] for query in captured)

    assert asked("Nothing but words here.", "a@reader.example") == 0
    assert asked(PITCH, "b@reader.example") == 3, "counted, written down, counted again after the commit"


def claim(comments: list[Comment]) -> list[Lease]:
    """The leases of `comments` alone."""
    ids = {comment.id for comment in comments}
    Job.objects.exclude(subject_id__in=ids).update(due_at=Now() + timedelta(seconds=30))
    leases = jobs.claim(SCREEN)
    Job.objects.exclude(subject_id__in=ids).update(due_at=Now())
    assert {lease.subject_id for lease in leases} == ids
    return leases


@pytest.mark.parametrize("fate", ["taken over", "deleted"])
def test_a_run_whose_result_does_not_count_writes_nothing_down_and_reopens_nobody(
    site: Site, monkeypatch: pytest.MonkeyPatch, fate: str
) -> None:
    first = submit_screened(site, PITCH, email="a@reader.example", url="https://news.example/a")
    late = claim([post(site, n, PITCH + LIKE_IT[n]) for n in (1, 2)])

    def spoil(point: str, *_: str) -> None:
        if point == "screen.before_finish" and fate == "taken over":
            Job.objects.update(lease_token=uuid4())
        elif point == "screen.before_finish":
            Comment.objects.exclude(id=first.id).update(status=Status.DELETED)

    monkeypatch.setattr(screen, "failpoint", spoil)
    screen.screen_batch(late, jobs.SWEEP_RUNNER)
    assert set(CampaignKey.objects.values_list("comment_id", flat=True)) == {first.id}
    assert not Job.objects.filter(kind="screen", subject_id=first.id).exists()
    assert status(first) == Status.PUBLISHED


def test_what_two_workers_screen_at_the_same_moment_is_seen_after_the_second_commit(site: Site) -> None:
    burst = [post(site, number, PITCH + LIKE_IT[number]) for number in range(4)]
    batches = [claim(burst[:2]), claim(burst[2:])]
    found = [screen._run_engine(leases, jobs.SWEEP_RUNNER)[0] for leases in batches]
    assert not any(screen._is_of_campaign(each) for batch in found for each in batch)
    for batch, leases in zip(found, batches, strict=True):
        written = screen.finish_screenings(batch, leases, runner=jobs.SWEEP_RUNNER)
        reopen_overlooked([each.subject for each in written])
    published = [comment for comment in burst if status(comment) == Status.PUBLISHED]
    assert published == [burst[0], burst[2]]
    asked = set(Job.objects.filter(kind="screen").values_list("subject_id", flat=True))
    assert asked == {comment.id for comment in published}
    screen_all()
    for comment in published:
        assert signals(comment)["campaign.cluster"]["params"]["authors"] == 4
        assert status(comment) != Status.PUBLISHED
    assert not Job.objects.filter(kind="screen").exists()


def test_a_cluster_is_counted_again_only_if_others_have_lately_named_the_same(
    site: Site, django_assert_num_queries: Any
) -> None:
    leases = claim([post(site, number, PITCH + LIKE_IT[number]) for number in range(2)])
    found = screen._run_engine(leases, jobs.SWEEP_RUNNER)[0]
    written = screen.finish_screenings(found, leases, runner=jobs.SWEEP_RUNNER)
    with django_assert_num_queries(1):
        reopen_overlooked([each.subject for each in written])
    stranger = post(site, 2, PITCH + LIKE_IT[2])
    screen_all()
    with django_assert_num_queries(3):  # it has grown, and its members are under way already
        reopen_overlooked([each.subject for each in written[:1]])
    CampaignKey.objects.filter(comment_id=stranger.id).update(created_at=Now() - timedelta(seconds=31))
    with django_assert_num_queries(1):
        reopen_overlooked([each.subject for each in written])


def test_a_second_run_writes_nothing_new_and_the_purge_clears(site: Site) -> None:
    comment = post(site, 1)
    screen_all()
    Comment.objects.filter(id=comment.id).update(status=Status.SCREENING)
    Job.objects.create(kind="screen", site_id=site.id, subject_id=comment.id)
    screen_all()
    assert CampaignKey.objects.count() == 1
    CampaignKey.objects.update(created_at=Now() - timedelta(days=3))
    assert purge_step()["campaign_key"] == 1
