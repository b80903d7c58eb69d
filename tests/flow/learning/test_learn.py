"""A site learns from its people's decisions within one run, and unlearns what was undone."""

from collections.abc import Sequence
from datetime import timedelta
from random import Random
from typing import Any
from uuid import UUID

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import F
from django.test.utils import CaptureQueriesContext

from moderation.domain.signals import Axis
from moderation.domain.status import Action, Status
from moderation.flow import jobs
from moderation.flow.comments.decide import Choice, decide, decide_many, undo
from moderation.flow.learning import learn
from moderation.flow.learning.learn import forget_lessons, learn_due, pause_filter
from moderation.flow.learning.lessons import find_changes
from moderation.flow.record import SYSTEM, Actor
from moderation.flow.site.settings import change_policy, create_key
from moderation.models import AuditEvent, Comment, Decision, Job, Lesson, Screening, Site, SiteFilter
from moderation.models.key import KeyKind
from moderation.privacy import vault
from moderation.queries import lessons as lesson_queries
from moderation.queries.site_filters import load_filters, read_filter
from tests.builders import build_moderator, build_site, key_actor, person, submit_screened

pytestmark = pytest.mark.django_db

DISLIKED = "bicycle"
CALM = "My aunt remembers how it looked before the war."
# With so many decisions it speaks, and its probabilities are the site's own.
ENOUGH = 90
_WORDS = [
    "council", "bridge", "river", "tenants", "market", "school", "library",
    "garden", "winter", "ferry", "harbour", "station", "museum", "theatre",
    "orchard", "valley", "summer", "bakery", "tunnel", "tower", "village",
    "castle", "meadow", "island", "forest",
]  # fmt: skip


@pytest.fixture
def site() -> Site:
    return premoderated()


@pytest.fixture
def other() -> Site:
    return premoderated("The Other Paper", host="other.example")


def premoderated(*named: str, **fields: Any) -> Site:
    """A site at which every comment waits for a person, who may then decide on it."""
    site = build_site(*named, **fields)
    change_policy(site.id, actor=SYSTEM, settings={"premoderate": True})
    return site


@pytest.fixture
def mo(site: Site) -> Actor:
    return person(build_moderator([site]))


def text(number: int) -> str:
    """A text unlike the others, every second one with the disliked word."""
    words = Random(number).sample(_WORDS, 8)
    return f"The {' '.join(words)} of {number} {DISLIKED if number % 2 else ''}".strip()


def write(site: Site, number: int, **changes: Any) -> Comment:
    url = f"https://{site.hosts[0]}/page"
    return submit_screened(site, text(number), email=f"reader{number}@reader.example", url=url, **changes)


def run_jobs() -> None:
    Job.objects.filter(kind="learn").update(due_at="2020-01-01T00:00:00Z")
    learn_due(runner="run_jobs")


def rule(site: Site, comment: Comment, actor: Actor, action: Action, reason: str = "rules") -> Decision:
    return decide(Choice(comment.id), site_id=site.id, action=action, reason=reason, actor=actor)


def teach(site: Site, actor: Actor, count: int = ENOUGH, *, first: int = 0) -> list[Decision]:
    """Decisions of somebody who rejects whatever mentions bicycles; each ten are learned in one go."""
    made = []
    for number in range(first, first + count):
        action = Action.REJECT if number % 2 else Action.APPROVE
        made.append(rule(site, write(site, number), actor, action))
        if len(made) % 10 == 0 or len(made) == count:
            run_jobs()
    return made


def signals_of(comment: Comment) -> dict[str, dict[str, Any]]:
    found = Screening.objects.filter(comment=comment).latest("created_at").signals
    return {each["code"]: each for each in found if each["code"].startswith("site_filter.")}


def stored(site: Site) -> SiteFilter:
    return SiteFilter.objects.get(site=site)


def lesson_of(decision: Decision) -> Lesson:
    return Lesson.objects.get(decision_id=decision.id)


def learned_ids(site: Site) -> set[UUID]:
    return set(Lesson.objects.filter(site=site).values_list("decision_id", flat=True))


def content(site: Site) -> Sequence[object]:
    row = stored(site)
    axes = {axis: {**said, "running": None} for axis, said in row.axes.items()}
    return (row.lessons, axes, bytes(row.abuse_weights), bytes(row.spam_weights))


def test_a_decision_changes_the_next_comment_within_one_run(site: Site, mo: Actor) -> None:
    teach(site, mo)
    disliked, liked = write(site, 301), write(site, 302)
    signal = signals_of(disliked)["site_filter.abuse"]
    assert signal["params"]["lessons"] == ENOUGH
    assert signal["params"]["percent"] > 50
    start, end, _ = signal["spans"][0]
    assert DISLIKED in text(301)[start:end]
    assert "site_filter.abuse" not in signals_of(liked)


def test_a_decision_asks_for_a_run_and_computes_nothing_itself(site: Site, mo: Actor) -> None:
    comment = write(site, 1)
    with CaptureQueriesContext(connection) as captured:
        rule(site, comment, mo, Action.APPROVE)
    asking = [query["sql"] for query in captured if "'learn'" in query["sql"]]
    assert len(asking) == 1
    assert not Lesson.objects.exists()
    run_jobs()
    assert Lesson.objects.count() == 1


@pytest.mark.parametrize(
    ("action", "reason", "answers"),
    [
        (Action.APPROVE, "fine", {"abuse": 0, "spam": 0}),
        (Action.SPAM, "spam", {"spam": 1}),
        (Action.REJECT, "insult", {"abuse": 1}),
        (Action.REJECT, "off_topic", {"spam": 1}),
    ],
)
def test_a_decision_speaks_of_the_axes_that_it_is_about(
    site: Site, mo: Actor, action: Action, reason: str, answers: dict[str, int]
) -> None:
    decision = rule(site, write(site, 1), mo, action, reason)
    run_jobs()
    assert lesson_of(decision).answers == answers
    assert set(lesson_of(decision).before) == {"abuse", "spam"}


@pytest.mark.parametrize(("action", "reason"), [(Action.REJECT, "duplicate"), (Action.DELETE, "rules")])
def test_what_does_not_speak_of_the_text_teaches_nothing(
    site: Site, mo: Actor, action: Action, reason: str
) -> None:
    rule(site, write(site, 1), mo, action, reason)
    run_jobs()
    assert not Lesson.objects.exists()
    assert not Job.objects.filter(kind="learn").exists()


def test_machines_teach_nothing(site: Site) -> None:
    change_policy(site.id, actor=SYSTEM, settings={"premoderate": False})
    assert write(site, 2).status == Status.PUBLISHED
    assert not Job.objects.filter(kind="learn").exists()
    jobs.enqueue(jobs.LEARN, [(site.id, site.id)])
    run_jobs()
    assert not Lesson.objects.exists()


def test_a_key_of_the_site_teaches_as_its_people_do(site: Site) -> None:
    key = create_key(site.id, KeyKind.SECRET, actor=SYSTEM).key
    decision = rule(site, write(site, 1), key_actor(key.id), Action.APPROVE)
    run_jobs()
    assert lesson_of(decision).shift.startswith(str(key.id))


def test_undoing_is_never_having_decided(site: Site, mo: Actor) -> None:
    teach(site, mo)
    before = content(site)
    extra = teach(site, mo, 6, first=200)
    assert content(site) != before
    for decision in extra:
        undo(decision.id, site_id=site.id, actor=mo)
    run_jobs()
    assert content(site) == before


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


def test_a_deleted_comment_takes_its_lesson_along(site: Site, mo: Actor) -> None:
    comment = write(site, 1)
    decision = rule(site, comment, mo, Action.APPROVE)
    run_jobs()
    assert learned_ids(site) == {decision.id}
    rule(site, comment, mo, Action.DELETE)
    run_jobs()
    assert learned_ids(site) == set()
    assert stored(site).lessons == 0


def test_one_sites_lessons_never_touch_another(site: Site, other: Site, mo: Actor) -> None:
    theirs = person(build_moderator([other], "bo"))
    teach(site, mo)
    assert signals_of(write(other, 301)) == {}
    rule(other, write(other, 303), theirs, Action.APPROVE)
    run_jobs()
    assert stored(other).lessons == 1
    assert stored(site).lessons == ENOUGH
    with pytest.raises(IntegrityError), transaction.atomic():
        put_into(site, of=other)


def put_into(site: Site, *, of: Site) -> None:
    Lesson.objects.filter(site=of).update(site=site)
    connection.check_constraints()


def test_a_doubled_run_changes_nothing(site: Site, mo: Actor) -> None:
    teach(site, mo)
    before, version = content(site), stored(site).version
    jobs.enqueue(jobs.LEARN, [(site.id, site.id)])
    run_jobs()
    assert (content(site), stored(site).version) == (before, version)


def test_a_late_run_writes_nothing(site: Site, mo: Actor) -> None:
    rule(site, write(site, 1), mo, Action.APPROVE)
    Job.objects.filter(kind="learn").update(due_at="2020-01-01T00:00:00Z")
    (late,) = jobs.claim(jobs.LEARN)
    found = SiteFilter(site_id=site.id)
    changes = find_changes(found)
    Job.objects.filter(kind="learn").update(leased_at="2020-01-01T00:00:00Z")
    run_jobs()
    assert stored(site).version == 1
    with pytest.raises(learn._Overtaken):
        learn._finish(late, found, changes)
    learn._learn_site(late)
    assert (stored(site).version, Lesson.objects.count()) == (1, 1)


def test_a_reset_while_it_runs_wins(site: Site, mo: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    rule(site, write(site, 1), mo, Action.APPROVE)

    def find_and_be_reset(row: SiteFilter) -> object:
        changes = find_changes(row)
        if not SiteFilter.objects.filter(forgotten_at__isnull=False).exists():
            forget_lessons(site.id, actor=mo)
        return changes

    monkeypatch.setattr(learn, "find_changes", find_and_be_reset)
    run_jobs()
    assert not Lesson.objects.exists()
    assert not Job.objects.filter(kind="learn").exists()


def test_a_failed_run_is_tried_again(site: Site, mo: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    rule(site, write(site, 1), mo, Action.APPROVE)
    with monkeypatch.context() as patch:
        patch.setattr(learn, "find_changes", lambda row: 1 / 0)
        run_jobs()
    assert Job.objects.get(kind="learn").last_error == "ZeroDivisionError"
    run_jobs()
    assert Lesson.objects.count() == 1


def test_more_than_one_run_can_take_is_learned_in_several(
    site: Site, mo: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("moderation.flow.learning.lessons.MOST_AT_ONCE", 3)
    comments = [write(site, number) for number in range(8)]
    decide_many(
        [Choice(comment.id) for comment in comments],
        site_id=site.id, action=Action.SPAM, reason="spam", actor=mo,
    )  # fmt: skip
    run_jobs()
    assert Lesson.objects.count() == 8
    assert stored(site).version == 3


def test_only_the_latest_count_and_of_one_person_and_hour_only_some(
    site: Site, mo: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lesson_queries, "_MOST_AN_HOUR", 4)
    bo = person(build_moderator([site], "bo"))
    kept = [rule(site, write(site, number), bo, Action.APPROVE) for number in range(3)]
    flood = [rule(site, write(site, number), mo, Action.APPROVE) for number in range(10, 18)]
    run_jobs()
    assert learned_ids(site) == {each.id for each in [*kept, *flood[-4:]]}
    monkeypatch.setattr(lesson_queries, "MOST_LESSONS", 2)
    jobs.enqueue(jobs.LEARN, [(site.id, site.id)])
    run_jobs()
    assert learned_ids(site) == {each.id for each in flood[-2:]}


def test_lessons_that_another_model_read_are_read_anew(
    site: Site, mo: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    teach(site, mo)
    for place in ("flow.learning.lessons", "flow.learning.learn", "queries.site_filters"):
        monkeypatch.setattr(f"moderation.{place}.reading_version", lambda: "another")
    assert load_filters([site.id]) == {}
    jobs.enqueue(jobs.LEARN, [(site.id, site.id)])
    run_jobs()
    assert set(Lesson.objects.values_list("read_by", flat=True)) == {"another"}
    assert stored(site).lessons == ENOUGH
    assert set(load_filters([site.id])) == {site.id}


def test_what_it_said_before_it_learned_is_kept(site: Site, mo: Actor) -> None:
    decisions = teach(site, mo)
    later = rule(site, write(site, 301), mo, Action.REJECT)
    run_jobs()
    shared, facts, words, rank = lesson_of(decisions[0]).before["abuse"]
    assert (facts, words, rank) == (None, None, shared)
    shared, facts, words, rank = lesson_of(later).before["abuse"]
    assert words > 0
    assert rank > shared


def test_a_filter_that_falls_behind_rolls_itself_back_and_returns(site: Site, mo: Actor) -> None:
    teach(site, mo)
    misled = list(Lesson.objects.order_by("decision_id"))
    said = {lesson.decision_id: lesson.before["abuse"] for lesson in misled}
    for lesson in misled:
        lesson.before["abuse"] = [0.0, 0.1, 0.1, -float(lesson.answers["abuse"])]
    Lesson.objects.bulk_update(misled, ["before"])
    teach(site, mo, 1, first=200)
    assert AuditEvent.objects.get(kind="filter.rolled_back").data["axis"] == "abuse"
    assert not read_filter(stored(site)).axes[Axis.ABUSE].is_in_use
    assert "site_filter.abuse" not in signals_of(write(site, 301))
    assert stored(site).lessons == ENOUGH + 1  # it learns on, unheard
    for lesson in misled:
        lesson.before["abuse"] = said[lesson.decision_id]
    Lesson.objects.bulk_update(misled, ["before"])
    teach(site, mo, 1, first=202)
    assert AuditEvent.objects.filter(kind="filter.in_use_again").count() == 1
    assert "site_filter.abuse" in signals_of(write(site, 303))


@pytest.mark.parametrize(
    "damage", [{"abuse_weights": b"12345"}, {"axes": {"abuse": {"speaks": True}}}, {"axes": {"spam": []}}]
)
def test_a_filter_that_cannot_be_read_holds_its_own_sites_comments_and_is_made_anew(
    site: Site, other: Site, mo: Actor, damage: dict[str, Any]
) -> None:
    decisions, before = teach(site, mo), content(site)
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


def test_a_paused_filter_is_silent_and_learns_on(site: Site, mo: Actor) -> None:
    teach(site, mo)
    pause_filter(site.id, is_paused=True, actor=mo)
    pause_filter(site.id, is_paused=True, actor=mo)
    assert signals_of(write(site, 301)) == {}
    teach(site, mo, 2, first=200)
    assert stored(site).lessons == ENOUGH + 2
    pause_filter(site.id, is_paused=False, actor=mo)
    assert "site_filter.abuse" in signals_of(write(site, 303))
    kinds = AuditEvent.objects.filter(kind__startswith="filter.").values_list("kind", flat=True)
    assert sorted(kinds) == ["filter.paused", "filter.resumed"]


def test_forgetting_begins_anew(site: Site, mo: Actor) -> None:
    teach(site, mo)
    forget_lessons(site.id, actor=mo)
    assert AuditEvent.objects.get(kind="filter.reset").data == {"lessons": ENOUGH}
    assert signals_of(write(site, 301)) == {}
    SiteFilter.objects.update(forgotten_at=F("forgotten_at") + timedelta(milliseconds=1))
    (later,) = teach(site, mo, 1, first=200)
    assert learned_ids(site) == {later.id}
    assert Decision.objects.filter(actor_kind="person").count() == ENOUGH + 1


def test_a_sample_stands_for_those_that_were_not_drawn(
    site: Site, mo: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    change_policy(site.id, actor=SYSTEM, settings={"premoderate": False, "sample_percent": 5})
    monkeypatch.setattr(vault, "draw_number", lambda *_, **__: 0.0)
    drawn = rule(site, write(site, 2), mo, Action.APPROVE, "fine")
    run_jobs()
    assert lesson_of(drawn).stands_for == 20.0
    change_policy(site.id, actor=SYSTEM, settings={"premoderate": True})
    held = rule(site, write(site, 4), mo, Action.APPROVE, "fine")
    run_jobs()
    assert lesson_of(held).stands_for == 1.0


def test_a_new_version_reaches_a_worker_that_has_the_former_one(site: Site, mo: Actor) -> None:
    teach(site, mo)
    former = load_filters([site.id])[site.id]
    assert load_filters([site.id])[site.id] is former
    teach(site, mo, 1, first=200)
    assert load_filters([site.id])[site.id].version == former.version + 1


def test_a_worker_of_many_sites_keeps_only_some(
    site: Site, other: Site, mo: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("moderation.queries.site_filters.MOST_KEPT", 1)
    teach(site, mo, 2)
    rule(other, write(other, 1), person(build_moderator([other], "bo")), Action.APPROVE)
    run_jobs()
    assert set(load_filters([site.id])) == {site.id}
    assert set(load_filters([site.id, other.id])) == {site.id, other.id}
