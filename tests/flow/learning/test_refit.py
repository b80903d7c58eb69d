"""One run fits a site's filter on the standing decisions of its people."""

import pytest
from django.db import connection
from django.db.models.functions import Now
from django.test.utils import CaptureQueriesContext

from moderation.domain.status import Action, Status
from moderation.flow import jobs
from moderation.flow.comments.decide import Choice, decide_many, undo
from moderation.flow.learning import refit
from moderation.flow.learning.example_changes import find_changes
from moderation.flow.learning.refit import REFIT, forget_examples
from moderation.flow.record import SYSTEM, Actor
from moderation.flow.site.settings import change_policy, create_key
from moderation.models import Job, Site, SiteFilter, StoredExample
from moderation.models.key import KeyKind
from moderation.privacy import vault
from moderation.queries import training_examples as example_queries
from moderation.queries.site_filters import load_filters
from tests.builders import build_moderator, key_actor, person
from tests.flow.learning.deciding import (
    decide_by_taste,
    example_of,
    learned_ids,
    premoderated,
    rule,
    run_jobs,
    stored,
    write,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def site() -> Site:
    return premoderated()


@pytest.fixture
def other() -> Site:
    return premoderated("The Other Paper", host="other.example")


@pytest.fixture
def mo(site: Site) -> Actor:
    return person(build_moderator([site]))


def test_a_decision_asks_for_a_run_and_computes_nothing_itself(site: Site, mo: Actor) -> None:
    comment = write(site, 1)
    with CaptureQueriesContext(connection) as captured:
        rule(site, comment, mo, Action.APPROVE)
    asking = [query["sql"] for query in captured if "'learn'" in query["sql"]]
    assert len(asking) == 1
    assert not StoredExample.objects.exists()
    run_jobs()
    assert StoredExample.objects.count() == 1


@pytest.mark.parametrize(
    ("action", "reason", "labels"),
    [
        (Action.APPROVE, "fine", {"abuse": 0, "spam": 0}),
        (Action.SPAM, "spam", {"spam": 1}),
        (Action.REJECT, "insult", {"abuse": 1}),
        (Action.REJECT, "off_topic", {"spam": 1}),
    ],
)
def test_a_decision_gives_labels_on_the_axes_that_it_is_about(
    site: Site, mo: Actor, action: Action, reason: str, labels: dict[str, int]
) -> None:
    decision = rule(site, write(site, 1), mo, action, reason)
    run_jobs()
    assert example_of(decision).labels == labels
    assert set(example_of(decision).prior_predictions) == {"abuse", "spam"}


@pytest.mark.parametrize(("action", "reason"), [(Action.REJECT, "duplicate"), (Action.DELETE, "rules")])
def test_a_decision_that_is_not_about_the_text_gives_no_example(
    site: Site, mo: Actor, action: Action, reason: str
) -> None:
    rule(site, write(site, 1), mo, action, reason)
    run_jobs()
    assert not StoredExample.objects.exists()
    assert not Job.objects.filter(kind="learn").exists()


def test_decisions_of_machines_give_no_examples(site: Site) -> None:
    change_policy(site.id, actor=SYSTEM, settings={"premoderate": False})
    assert write(site, 2).status == Status.PUBLISHED
    assert not Job.objects.filter(kind="learn").exists()
    jobs.enqueue(REFIT, [(site.id, site.id)])
    run_jobs()
    assert not StoredExample.objects.exists()


def test_decisions_by_a_key_of_the_site_give_examples_too(site: Site) -> None:
    key = create_key(site.id, KeyKind.SECRET, actor=SYSTEM).key
    decision = rule(site, write(site, 1), key_actor(key.id), Action.APPROVE)
    run_jobs()
    assert example_of(decision).moderator_hour.startswith(str(key.id))


def test_a_later_decision_replaces_the_earlier_one_and_its_undoing_brings_that_back(
    site: Site, mo: Actor
) -> None:
    comment = write(site, 1)
    first = rule(site, comment, mo, Action.REJECT)
    run_jobs()
    second = rule(site, comment, mo, Action.APPROVE)
    run_jobs()
    assert learned_ids(site) == {second.id}
    undo(second.id, site_id=site.id, actor=mo)
    run_jobs()
    assert learned_ids(site) == {first.id}
    rule(site, comment, mo, Action.HOLD, "second_look")
    run_jobs()
    assert learned_ids(site) == set()


def test_a_deleted_comment_takes_its_example_along(site: Site, mo: Actor) -> None:
    comment = write(site, 1)
    decision = rule(site, comment, mo, Action.APPROVE)
    run_jobs()
    assert learned_ids(site) == {decision.id}
    rule(site, comment, mo, Action.DELETE)
    run_jobs()
    assert learned_ids(site) == set()
    assert stored(site).example_count == 0


def test_a_late_run_writes_nothing(site: Site, mo: Actor) -> None:
    rule(site, write(site, 1), mo, Action.APPROVE)
    Job.objects.filter(kind="learn").update(due_at="2020-01-01T00:00:00Z")
    (late,) = jobs.claim(REFIT)
    found = SiteFilter(site_id=site.id)
    changes = find_changes(found)
    Job.objects.filter(kind="learn").update(leased_at="2020-01-01T00:00:00Z")
    run_jobs()
    assert stored(site).version == 1
    with pytest.raises(refit._StaleRun):
        refit._finish(late, found, changes)
    refit._refit_site(late)
    assert (stored(site).version, StoredExample.objects.count()) == (1, 1)


def test_a_reset_while_it_runs_wins(site: Site, mo: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    rule(site, write(site, 1), mo, Action.APPROVE)

    def find_and_be_reset(row: SiteFilter) -> object:
        changes = find_changes(row)
        if not SiteFilter.objects.filter(forgotten_at__isnull=False).exists():
            forget_examples(site.id, actor=mo)
        return changes

    monkeypatch.setattr(refit, "find_changes", find_and_be_reset)
    run_jobs()
    assert not StoredExample.objects.exists()
    assert not Job.objects.filter(kind="learn").exists()


def test_a_failed_run_is_tried_again(site: Site, mo: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    rule(site, write(site, 1), mo, Action.APPROVE)
    with monkeypatch.context() as patch:
        patch.setattr(refit, "find_changes", lambda row: 1 / 0)
        run_jobs()
    assert Job.objects.get(kind="learn").last_error == "ZeroDivisionError"
    run_jobs()
    assert StoredExample.objects.count() == 1


def test_more_than_one_run_can_take_is_learned_in_several(
    site: Site, mo: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("moderation.flow.learning.example_changes.MOST_AT_ONCE", 3)
    comments = [write(site, number) for number in range(8)]
    decide_many(
        [Choice(comment.id) for comment in comments],
        site_id=site.id, action=Action.SPAM, reason="spam", actor=mo,
    )  # fmt: skip
    run_jobs()
    assert StoredExample.objects.count() == 8
    assert stored(site).version == 3


def test_only_the_latest_count_and_of_one_person_and_hour_only_some(
    site: Site, mo: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(example_queries, "_MOST_AN_HOUR", 4)
    bo = person(build_moderator([site], "bo"))
    kept = [rule(site, write(site, number), bo, Action.APPROVE) for number in range(3)]
    flood = [rule(site, write(site, number), mo, Action.APPROVE) for number in range(10, 18)]
    run_jobs()
    assert learned_ids(site) == {each.id for each in [*kept, *flood[-4:]]}
    monkeypatch.setattr(example_queries, "MOST_EXAMPLES", 2)
    jobs.enqueue(REFIT, [(site.id, site.id)])
    run_jobs()
    assert learned_ids(site) == {each.id for each in flood[-2:]}


def test_a_sampled_comment_weighs_as_much_as_those_that_were_not_drawn(
    site: Site, mo: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    change_policy(site.id, actor=SYSTEM, settings={"premoderate": False, "sample_percent": 5})
    monkeypatch.setattr(vault, "draw_number", lambda *_, **__: 0.0)
    drawn = rule(site, write(site, 2), mo, Action.APPROVE, "fine")
    run_jobs()
    assert example_of(drawn).sample_weight == 20.0
    change_policy(site.id, actor=SYSTEM, settings={"premoderate": True})
    held = rule(site, write(site, 4), mo, Action.APPROVE, "fine")
    run_jobs()
    assert example_of(held).sample_weight == 1.0


def test_a_worker_of_many_sites_keeps_only_some(
    site: Site, other: Site, mo: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("moderation.queries.site_filters.MOST_KEPT", 1)
    decide_by_taste(site, mo, 2)
    rule(other, write(other, 1), person(build_moderator([other], "bo")), Action.APPROVE)
    run_jobs()
    assert set(load_filters([site.id])) == {site.id}
    assert set(load_filters([site.id, other.id])) == {site.id, other.id}


def test_a_site_is_refitted_at_most_once_in_a_few_seconds(site: Site, mo: Actor) -> None:
    def wait_s() -> float:
        job = Job.objects.annotate(moment=Now()).get(kind="learn")
        assert job.leased_at is None
        return (job.due_at - job.moment).total_seconds()

    first = [rule(site, write(site, number), mo, Action.APPROVE) for number in range(3)]
    assert 2 < wait_s() <= refit.REFIT_INTERVAL_S
    Job.objects.filter(kind="learn").update(due_at=Now())
    (lease,) = jobs.claim(REFIT)
    while_it_runs = rule(site, write(site, 7), mo, Action.APPROVE)
    refit._refit_site(lease)
    assert learned_ids(site) >= {each.id for each in first}
    assert 2 < wait_s() <= refit.REFIT_INTERVAL_S, "what was decided meanwhile waits its turn"
    run_jobs()
    assert while_it_runs.id in learned_ids(site)
    assert not Job.objects.filter(kind="learn").exists()
