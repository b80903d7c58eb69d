"""What a filter that was fitted on enough decisions says of a comment, and what undoing them changes."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import F
from pytest_django import DjangoDbBlocker

from moderation.domain.signals import Axis
from moderation.domain.status import Action, Status
from moderation.flow import jobs
from moderation.flow.comments.decide import undo
from moderation.flow.learning.refit import REFIT, forget_examples, pause_filter
from moderation.flow.record import SYSTEM, Actor
from moderation.flow.site.settings import change_policy
from moderation.models import AuditEvent, Decision, Screening, Site, SiteFilter, StoredExample
from moderation.queries.site_filters import load_filters, read_filter
from tests.builders import build_moderator, person, submit_screened
from tests.flow.learning.deciding import (
    DISLIKED,
    ENOUGH,
    content,
    decide_by_taste,
    example_of,
    learned_ids,
    premoderated,
    rule,
    run_jobs,
    signals_of,
    stored,
    text,
    write,
)
from tests.shared_rows import forget_kept, module_rows

pytestmark = pytest.mark.django_db

CALM = "My aunt remembers how it looked before the war."


@dataclass(frozen=True)
class World:
    """Two sites, one of which has learned from enough decisions to be in use."""

    site: Site
    other: Site
    mo: Actor
    decisions: list[Decision]


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    """Made once: each test takes back what it writes."""
    with module_rows(django_db_blocker):
        site = premoderated()
        mo = person(build_moderator([site]))
        yield World(
            site, premoderated("The Other Paper", host="other.example"), mo, decide_by_taste(site, mo)
        )


@pytest.fixture(autouse=True)
def nothing_is_kept() -> None:
    forget_kept()


@pytest.fixture
def site(world: World) -> Site:
    return world.site


@pytest.fixture
def other(world: World) -> Site:
    return world.other


@pytest.fixture
def mo(world: World) -> Actor:
    return world.mo


def test_a_decision_changes_the_next_comment_within_one_run(site: Site, mo: Actor) -> None:
    disliked, liked = write(site, 301), write(site, 302)
    signal = signals_of(disliked)["site_filter.abuse"]
    assert signal["params"]["lessons"] == ENOUGH
    assert signal["params"]["percent"] > 50
    start, end, _ = signal["spans"][0]
    assert DISLIKED in text(301)[start:end]
    assert "site_filter.abuse" not in signals_of(liked)


def test_undoing_is_never_having_decided(site: Site, mo: Actor) -> None:
    before = content(site)
    extra = decide_by_taste(site, mo, 6, first=200)
    assert content(site) != before
    for decision in extra:
        undo(decision.id, site_id=site.id, actor=mo)
    run_jobs()
    assert content(site) == before


def test_one_sites_examples_never_touch_another(site: Site, other: Site, mo: Actor) -> None:
    theirs = person(build_moderator([other], "bo"))
    assert signals_of(write(other, 301)) == {}
    rule(other, write(other, 303), theirs, Action.APPROVE)
    run_jobs()
    assert stored(other).example_count == 1
    assert stored(site).example_count == ENOUGH
    with pytest.raises(IntegrityError), transaction.atomic():
        put_into(site, of=other)


def put_into(site: Site, *, of: Site) -> None:
    StoredExample.objects.filter(site=of).update(site=site)
    connection.check_constraints()


def test_a_doubled_run_changes_nothing(site: Site, mo: Actor) -> None:
    before, version = content(site), stored(site).version
    jobs.enqueue(REFIT, [(site.id, site.id)])
    run_jobs()
    assert (content(site), stored(site).version) == (before, version)


def test_examples_with_features_of_another_version_are_extracted_again(
    site: Site, mo: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    for place in ("flow.learning.example_changes", "flow.learning.refit", "queries.site_filters"):
        monkeypatch.setattr(f"moderation.{place}.feature_version", lambda: "another")
    assert load_filters([site.id]) == {}
    jobs.enqueue(REFIT, [(site.id, site.id)])
    run_jobs()
    assert set(StoredExample.objects.values_list("feature_version", flat=True)) == {"another"}
    assert stored(site).example_count == ENOUGH
    assert set(load_filters([site.id])) == {site.id}


def test_the_prior_prediction_is_kept(site: Site, mo: Actor, world: World) -> None:
    decisions = world.decisions
    later = rule(site, write(site, 301), mo, Action.REJECT)
    run_jobs()
    shared, facts, words, rank = example_of(decisions[0]).prior_predictions["abuse"]
    assert (facts, words, rank) == (None, None, shared)
    shared, facts, words, rank = example_of(later).prior_predictions["abuse"]
    assert words > 0
    assert rank > shared


def test_a_filter_that_falls_behind_is_switched_off_and_on_again(site: Site, mo: Actor) -> None:
    misled = list(StoredExample.objects.order_by("decision_id"))
    said = {example.decision_id: example.prior_predictions["abuse"] for example in misled}
    for example in misled:
        example.prior_predictions["abuse"] = [0.0, 0.1, 0.1, -float(example.labels["abuse"])]
    StoredExample.objects.bulk_update(misled, ["prior_predictions"])
    decide_by_taste(site, mo, 1, first=200)
    assert AuditEvent.objects.get(kind="filter.rolled_back").data["axis"] == "abuse"
    assert not read_filter(stored(site)).axes[Axis.ABUSE].is_in_use
    assert "site_filter.abuse" not in signals_of(write(site, 301))
    assert stored(site).example_count == ENOUGH + 1  # it is still refitted
    for example in misled:
        example.prior_predictions["abuse"] = said[example.decision_id]
    StoredExample.objects.bulk_update(misled, ["prior_predictions"])
    decide_by_taste(site, mo, 1, first=202)
    assert AuditEvent.objects.filter(kind="filter.in_use_again").count() == 1
    assert "site_filter.abuse" in signals_of(write(site, 303))


@pytest.mark.parametrize(
    "damage", [{"abuse_weights": b"12345"}, {"axes": {"abuse": {"is_fitted": True}}}, {"axes": {"spam": []}}]
)
def test_a_filter_that_cannot_be_read_holds_its_own_sites_comments_until_it_is_refitted(
    site: Site, other: Site, mo: Actor, world: World, damage: dict[str, Any]
) -> None:
    decisions, before = world.decisions, content(site)
    for each in (site, other):
        change_policy(each.id, actor=SYSTEM, settings={"premoderate": False})
    SiteFilter.objects.filter(site=site).update(version=F("version") + 1, **damage)
    held, elsewhere = submit_screened(site, CALM), submit_screened(other, CALM, url="https://other.example/a")
    assert (held.status, elsewhere.status) == (Status.HELD, Status.PUBLISHED)
    assert "site_filter" in str(Screening.objects.get(comment=held).signals)
    undo(rule(site, held, mo, Action.APPROVE).id, site_id=site.id, actor=mo)
    run_jobs()
    assert learned_ids(site) == {each.id for each in decisions}
    assert content(site) == before
    assert submit_screened(site, f"{CALM} So do I.", email="b@reader.example").status == Status.PUBLISHED


def test_a_paused_filter_gives_no_signal_and_is_still_refitted(site: Site, mo: Actor) -> None:
    pause_filter(site.id, is_paused=True, actor=mo)
    pause_filter(site.id, is_paused=True, actor=mo)
    assert signals_of(write(site, 301)) == {}
    decide_by_taste(site, mo, 2, first=200)
    assert stored(site).example_count == ENOUGH + 2
    pause_filter(site.id, is_paused=False, actor=mo)
    assert "site_filter.abuse" in signals_of(write(site, 303))
    kinds = AuditEvent.objects.filter(kind__startswith="filter.").values_list("kind", flat=True)
    assert sorted(kinds) == ["filter.paused", "filter.resumed"]


def test_forgetting_starts_again(site: Site, mo: Actor) -> None:
    forget_examples(site.id, actor=mo)
    assert AuditEvent.objects.get(kind="filter.reset").data == {"examples": ENOUGH}
    assert signals_of(write(site, 301)) == {}
    SiteFilter.objects.update(forgotten_at=F("forgotten_at") + timedelta(milliseconds=1))
    (later,) = decide_by_taste(site, mo, 1, first=200)
    assert learned_ids(site) == {later.id}
    assert Decision.objects.filter(actor_kind="person").count() == ENOUGH + 1


def test_a_new_version_reaches_a_worker_that_has_the_former_one(site: Site, mo: Actor) -> None:
    former = load_filters([site.id])[site.id]
    assert load_filters([site.id])[site.id] is former
    decide_by_taste(site, mo, 1, first=200)
    assert load_filters([site.id])[site.id].version == former.version + 1
