"""Rules in screening: what they do, what they leave alone, and how they are changed."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from moderation.domain import rules as domain
from moderation.domain.errors import ActionNotPossible, NotFound
from moderation.domain.rules import RuleMode
from moderation.domain.signals import signal_from_json
from moderation.domain.status import Action, Status
from moderation.engine.verdict.judging import judge
from moderation.engine.verdict.policy_io import read_stored
from moderation.flow import jobs
from moderation.flow.comments.decide import Choice, decide
from moderation.flow.jobs.kinds import SCREEN
from moderation.flow.keeping.purge import purge_step
from moderation.flow.record import SYSTEM
from moderation.flow.site import rules as flow_rules
from moderation.flow.site.rules import (
    change_rule,
    create_rule,
    move_rule,
    restore_rule_version,
    switch_rule,
    undo_rule_change,
)
from moderation.lib.clock import now
from moderation.models import (
    AuditEvent,
    Decision,
    PolicyVersion,
    ReviewItem,
    Rule,
    RuleMatch,
    RuleVersion,
    Screening,
    Site,
)
from moderation.queries.contexts import build_contexts
from moderation.queries.rules import access_rule, rules_of
from tests.builders import build_moderator, build_site, person, screen_all, submit, submit_screened
from tests.rules import line, make_rule, rule_text

pytestmark = pytest.mark.django_db

TEXT = "The council has met about the bridge again."


@pytest.fixture
def site() -> Site:
    return build_site()


@pytest.mark.parametrize(
    ("action", "status", "queue"),
    [
        ("hold", Status.HELD, "held"),
        ("route", Status.HELD, "legal"),
        ("spam", Status.SPAM, None),
        ("reject", Status.REJECTED, None),
    ],
)
def test_a_rule_that_is_on_acts_and_is_named(site: Site, action: str, status: Status, queue: str | None):
    rule = make_rule(site, rule_text(action=action, queue="legal"))
    comment = submit_screened(site, TEXT)
    assert comment.status == status
    decision = Decision.objects.get(comment=comment)
    assert (decision.actor_kind, decision.reason) == ("rule", "verdict.rule")
    assert decision.note.startswith("Rule “Councils” (version 1)")
    events = AuditEvent.objects.filter(subject_id=str(comment.id), kind__startswith="comment.")
    assert events.filter(actor_kind="rule").count() == 1
    (reason,) = Screening.objects.get(comment=comment).reasons
    assert reason["params"]["rule_id"] == str(rule.rule_id)
    assert reason["params"]["version"] == 1
    queues = list(ReviewItem.objects.filter(comment=comment).values_list("queue", flat=True))
    assert queues == ([queue] if queue else [])


def test_a_stored_screening_gives_the_same_verdict_again(site: Site):
    make_rule(site, rule_text(action="reject"))
    make_rule(site, rule_text(line("length", "at_least", 1), name="All"), mode=RuleMode.SHADOW)
    comment = submit_screened(site, TEXT)
    stored = Screening.objects.get(comment=comment)
    row = PolicyVersion.objects.get(site=site, version=stored.policy_version)
    signals = [signal_from_json(signal) for signal in stored.signals]
    verdict = judge(signals, read_stored(row.settings, row.version, row.defaults_version))
    assert (verdict.outcome, verdict.explanation) == (stored.outcome, stored.explanation)
    assert dict(verdict.scores) == stored.scores


def test_a_shadow_leaves_its_traces_and_nothing_else(site: Site):
    rule = make_rule(site, rule_text(action="reject"), mode=RuleMode.SHADOW)
    comment = submit_screened(site, TEXT)
    assert comment.status == Status.PUBLISHED
    assert Decision.objects.get(comment=comment).actor_kind == "verdict"
    codes = [signal["code"] for signal in Screening.objects.get(comment=comment).signals]
    assert codes == ["rules.shadow"]
    match = RuleMatch.objects.get()
    assert (match.rule_id, match.comment_id, match.is_shadow) == (rule.rule_id, comment.id, True)
    (standing,) = rules_of(site)
    assert (standing.acted, standing.watched) == (0, 1)


def test_matches_are_kept_for_a_month(site: Site):
    make_rule(site, mode=RuleMode.SHADOW)
    for number, age in enumerate((29, 31)):
        comment = submit_screened(site, f"{TEXT} Number {number}.")
        RuleMatch.objects.filter(comment=comment).update(created_at=now() - timedelta(days=age))
    assert purge_step()["rule_match"] == 1
    assert RuleMatch.objects.count() == 1


def test_off_and_removed_rules_are_not_run(site: Site):
    for mode in (RuleMode.OFF, RuleMode.REMOVED):
        make_rule(site, mode=mode)
    comment = submit_screened(site, TEXT)
    assert comment.status == Status.PUBLISHED
    assert Screening.objects.get(comment=comment).signals == []


def test_a_change_acts_on_the_next_comment(site: Site):
    rule = make_rule(site)
    assert submit_screened(site, TEXT).status == Status.HELD
    switch_rule(rule.rule_id, RuleMode.OFF, site_id=site.id, actor=SYSTEM, seen_version=1)
    assert submit_screened(site, TEXT + " Twice.").status == Status.PUBLISHED
    undo_rule_change(rule.rule_id, site_id=site.id, actor=SYSTEM, seen_version=2)
    assert submit_screened(site, TEXT + " Thrice, and no more.").status == Status.HELD


def test_a_rule_of_another_site_does_nothing_here(site: Site):
    other = build_site("The Morning Post", host="post.example")
    make_rule(other, rule_text(action="reject"))
    assert submit_screened(site, TEXT).status == Status.PUBLISHED
    assert submit_screened(other, TEXT, url="https://post.example/1").status == Status.REJECTED


def test_a_rule_knows_the_page_and_the_author(site: Site):
    make_rule(site, rule_text(line("thread_url", "contains", "/first"), line("published", "at_most", 0)))
    assert submit_screened(site, "One.", url="https://news.example/second").status == Status.PUBLISHED
    assert submit_screened(site, "Two.").status == Status.PUBLISHED  # one is published by now
    assert submit_screened(site, "Three.", email="bo@reader.example").status == Status.HELD


def test_a_rule_never_overturns_a_person(site: Site):
    comment = submit_screened(site, TEXT)
    actor = person(build_moderator([site]))
    decide(Choice(comment.id), site_id=site.id, action=Action.SPAM, reason="spam", actor=actor)
    decide(Choice(comment.id), site_id=site.id, action=Action.APPROVE, reason="second_look", actor=actor)
    make_rule(site, rule_text(action="reject"))
    jobs.enqueue(SCREEN, [(site.id, comment.id)])
    screen_all()
    comment.refresh_from_db()
    assert comment.status == Status.PUBLISHED


def test_rules_cost_one_query_when_they_are_new_and_none_afterwards(site: Site):
    comment = submit(site, TEXT)

    def count() -> int:
        with CaptureQueriesContext(connection) as captured:
            build_contexts([comment.id])
        return len(captured)

    build_contexts([comment.id])
    plain = count()
    make_rule(site)
    assert count() == plain + 1
    assert count() == plain


def test_what_was_stored_under_looser_bounds_holds(site: Site):
    rule = make_rule(site)
    RuleVersion.objects.filter(rule=rule.rule_id).update(conditions=[line("body", "matches", "(")])
    comment = submit_screened(site, "Nothing in particular.")
    assert comment.status == Status.HELD
    (reason,) = Screening.objects.get(comment=comment).reasons
    assert reason["params"]["check"] == "rules"


class TestChanges:
    def test_every_change_is_a_version_and_on_record(self, site: Site):
        editor = build_moderator([site])
        rule = create_rule(site.id, rule_text(), actor=person(editor))
        assert (rule.mode, rule.version, rule.created_by) == (RuleMode.SHADOW, 1, editor)
        changed = change_rule(
            rule.rule_id, rule_text(action="spam"), site_id=site.id, actor=person(editor), seen_version=1
        )
        assert (changed.version, changed.action, changed.mode) == (2, "spam", RuleMode.SHADOW)
        site.refresh_from_db()
        assert site.rules_version == 2
        events = AuditEvent.objects.filter(subject_kind="rule", subject_id=str(rule.rule_id)).order_by("id")
        assert [(event.kind, event.data, event.actor_user_id) for event in events] == [
            ("rule.created", {"version": 1, "mode": "shadow"}, editor.pk),
            ("rule.changed", {"version": 2, "mode": "shadow"}, editor.pk),
        ]

    def test_undo_brings_back_the_state_before_mode_included(self, site: Site):
        rule = make_rule(site)
        change_rule(rule.rule_id, rule_text(action="spam"), site_id=site.id, actor=SYSTEM, seen_version=1)
        undone = undo_rule_change(rule.rule_id, site_id=site.id, actor=SYSTEM, seen_version=2)
        assert (undone.version, undone.action, undone.mode) == (3, "hold", RuleMode.ON)
        again = undo_rule_change(rule.rule_id, site_id=site.id, actor=SYSTEM, seen_version=3)
        assert (again.action, again.mode) == ("spam", RuleMode.SHADOW)

    def test_a_former_version_comes_back_in_shadow(self, site: Site):
        rule = make_rule(site)
        change_rule(rule.rule_id, rule_text(action="spam"), site_id=site.id, actor=SYSTEM, seen_version=1)
        new = restore_rule_version(rule.rule_id, 1, site_id=site.id, actor=SYSTEM, seen_version=2)
        assert (new.version, new.action, new.mode) == (3, "hold", RuleMode.SHADOW)
        with pytest.raises(NotFound):
            restore_rule_version(rule.rule_id, 9, site_id=site.id, actor=SYSTEM, seen_version=3)

    def test_what_somebody_else_changed_meanwhile_is_not_overwritten(self, site: Site):
        rule = make_rule(site)
        switch_rule(rule.rule_id, RuleMode.OFF, site_id=site.id, actor=SYSTEM, seen_version=1)
        with pytest.raises(ActionNotPossible, match="Somebody else"):
            change_rule(rule.rule_id, rule_text(), site_id=site.id, actor=SYSTEM, seen_version=1)
        with pytest.raises(ActionNotPossible, match="off already"):
            switch_rule(rule.rule_id, RuleMode.OFF, site_id=site.id, actor=SYSTEM, seen_version=2)

    def test_nothing_before_the_beginning(self, site: Site):
        rule = make_rule(site)
        with pytest.raises(ActionNotPossible, match="Nothing was changed"):
            undo_rule_change(rule.rule_id, site_id=site.id, actor=SYSTEM, seen_version=1)

    def test_a_rule_acts_only_after_a_backtest_or_a_word(self, site: Site):
        rule = make_rule(site, mode=RuleMode.SHADOW)
        with pytest.raises(ActionNotPossible, match="backtest"):
            switch_rule(rule.rule_id, RuleMode.ON, site_id=site.id, actor=SYSTEM, seen_version=1)
        new = switch_rule(
            rule.rule_id, RuleMode.ON, site_id=site.id, actor=SYSTEM, seen_version=1, is_sure=True
        )
        assert new.mode == RuleMode.ON

    def test_another_sites_rule_is_not_there(self, site: Site):
        other = build_site("The Morning Post", host="post.example")
        rule = make_rule(other)
        given: dict[str, Any] = {"site_id": site.id, "actor": SYSTEM, "seen_version": 1}
        for act in (
            lambda: change_rule(rule.rule_id, rule_text(), **given),
            lambda: switch_rule(rule.rule_id, RuleMode.OFF, **given),
            lambda: undo_rule_change(rule.rule_id, **given),
            lambda: restore_rule_version(rule.rule_id, 1, **given),
            lambda: move_rule(rule.rule_id, site_id=site.id, up=True, actor=SYSTEM),
            lambda: access_rule(site, rule.rule_id),
        ):
            with pytest.raises(NotFound):
                act()
        assert RuleVersion.objects.count() == 1

    def test_the_order_says_which_queue_wins(self, site: Site):
        first = make_rule(site, rule_text(name="First", action="route", queue="one"))
        second = make_rule(site, rule_text(name="Second", action="route", queue="two"))
        move_rule(second.rule_id, site_id=site.id, up=True, actor=SYSTEM)
        assert [each.current.name for each in rules_of(site)] == ["Second", "First"]
        move_rule(second.rule_id, site_id=site.id, up=True, actor=SYSTEM)  # as far up as it goes
        comment = submit_screened(site, TEXT)
        assert ReviewItem.objects.get(comment=comment).queue == "two"
        move_rule(second.rule_id, site_id=site.id, up=False, actor=SYSTEM)
        assert [each.rule.id for each in rules_of(site)] == [first.rule_id, second.rule_id]

    def test_a_site_has_only_so_many_rules(self, site: Site, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setattr(flow_rules, "MOST_RULES", 2)
        assert domain.MOST_RULES == 100
        rule = make_rule(site)
        make_rule(site)
        with pytest.raises(ActionNotPossible, match="Remove one first"):
            make_rule(site)
        switch_rule(rule.rule_id, RuleMode.REMOVED, site_id=site.id, actor=SYSTEM, seen_version=1)
        make_rule(site)
        assert Rule.objects.count() == 3
