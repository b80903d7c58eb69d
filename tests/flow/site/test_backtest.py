"""Backtests: the same matches as in screening, set against what people did, in steps that survive."""

import json
from io import StringIO
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from moderation.domain.errors import ActionNotPossible, NotFound
from moderation.domain.rules import RuleAction, RuleMode
from moderation.domain.status import Action
from moderation.engine.rules.tally import Tally
from moderation.flow import jobs
from moderation.flow.comments.decide import Choice, decide, undo
from moderation.flow.record import SYSTEM, Actor
from moderation.flow.site import backtest
from moderation.flow.site.backtest import (
    BACKTEST,
    backtest_due,
    cancel_backtest,
    run_backtest,
    start_backtest,
)
from moderation.flow.site.rules import change_rule, switch_rule
from moderation.models import AuditEvent, Backtest, Comment, Decision, Job, RuleVersion, Screening, Site
from moderation.queries.decided import decided_page
from tests.builders import build_moderator, build_site, person, submit_screened
from tests.rules import decided, line, make_rule, rule_text

pytestmark = pytest.mark.django_db


@pytest.fixture
def site() -> Site:
    return build_site()


@pytest.fixture
def mo(site: Site) -> Actor:
    return person(build_moderator([site]))


@pytest.fixture
def rule(site: Site) -> RuleVersion:
    return make_rule(site, mode=RuleMode.OFF)


def run_now(rule: RuleVersion, **given: Any) -> Backtest:
    run = start_backtest(rule.rule_id, site_id=rule.site_id, actor=SYSTEM, in_background=False, **given)
    assert run_backtest(run.id)
    return Backtest.objects.get(id=run.id)


def tally_of(run: Backtest) -> Tally:
    return Tally.of(run.counts, run.differences, run.missed)


def fill(site: Site, mo: Actor) -> dict[str, Comment]:
    """Three matches, of which one was approved, and two others, of which one was removed."""
    bodies = {
        "spam": ("The council sells pills.", Action.SPAM),
        "rude": ("The council are idiots.", Action.REJECT),
        "fine": ("The council did well.", Action.APPROVE),
        "other": ("A calm remark.", Action.APPROVE),
        "missed": ("Something that nobody wants.", Action.REJECT),
    }
    return {name: decided(site, body, action, mo) for name, (body, action) in bodies.items()}


def test_a_rule_is_set_against_what_people_did(site: Site, mo: Actor, rule: RuleVersion):
    comments = fill(site, mo)
    run = run_now(rule)
    tally = tally_of(run)
    assert (run.state, run.total, run.done) == ("done", 5, 5)
    assert run.finished_at is not None
    assert tally.matched == {"spam": 1, "reject": 1, "approve": 1}
    assert tally.decided == {"spam": 1, "reject": 2, "approve": 2}
    assert tally.differences == [str(comments["fine"].id)]
    assert tally.missed == [str(comments["missed"].id)]
    assert tally.precision == pytest.approx(2 / 3)
    assert tally.recall == pytest.approx(2 / 3)
    assert run.seconds > 0


def test_only_decisions_of_people_that_stand_count(site: Site, mo: Actor, rule: RuleVersion):
    submit_screened(site, "The council, decided by the checks alone.")
    undone = decided(site, "The council, undone.", Action.SPAM, mo)
    undo(Decision.objects.filter(comment=undone).latest("comment_version").id, site_id=site.id, actor=mo)
    back = decided(site, "The council, back in the queue.", Action.SPAM, mo)
    decide(Choice(back.id), site_id=site.id, action=Action.HOLD, reason="second_look", actor=mo)
    gone = decided(site, "The council, deleted.", Action.SPAM, mo)
    decide(Choice(gone.id), site_id=site.id, action=Action.DELETE, reason="rules", actor=mo)
    changed = decided(site, "The council, spam at first.", Action.SPAM, mo)
    decide(Choice(changed.id), site_id=site.id, action=Action.APPROVE, reason="second_look", actor=mo)
    tally = tally_of(run_now(rule))
    assert tally.decided == {"approve": 1}
    assert tally.differences == [str(changed.id)]


def test_the_latest_are_looked_at_and_no_more(site: Site, mo: Actor, rule: RuleVersion):
    for number in range(4):
        decided(site, f"The council, number {number}.", Action.APPROVE, mo)
    run = run_now(rule, last=2)
    assert (run.total, run.done) == (2, 2)
    newest = list(Comment.objects.order_by("-id").values_list("id", flat=True)[:2])
    assert run.differences == list(map(str, newest))


def test_what_the_verdict_did_already_is_told(site: Site, mo: Actor, rule: RuleVersion):
    decided(site, "The council at https://shop.example/ now", Action.REJECT, mo, email="bo@reader.example")
    decided(site, "The council as such.", Action.REJECT, mo)
    assert tally_of(run_now(rule)).already == 1
    strict = make_rule(site, rule_text(action="reject", name="Strict"), mode=RuleMode.OFF)
    assert tally_of(run_now(strict)).already == 0


def test_another_sites_comments_are_not_looked_at(site: Site, mo: Actor, rule: RuleVersion):
    other = build_site("The Morning Post", host="post.example")
    stranger = person(build_moderator([other], "stranger"))
    decided(other, "The council did well.", Action.APPROVE, stranger, url="https://post.example/1")
    run = run_now(rule)
    assert (run.state, run.total, run.done) == ("done", 0, 0)
    assert tally_of(run).precision is None
    assert tally_of(run).recall is None


def test_an_authors_record_is_the_one_of_then(site: Site, mo: Actor):
    first = decided(site, "The first one.", Action.APPROVE, mo)
    decided(site, "The second one.", Action.APPROVE, mo)
    decided(site, "By somebody else.", Action.REJECT, mo, email="bo@reader.example")
    text = rule_text(line("published", "at_most", 0), line("rejected", "at_most", 0))
    tally = tally_of(run_now(make_rule(site, text, mode=RuleMode.OFF)))
    assert tally.matched == {"approve": 1, "reject": 1}
    assert tally.differences == [str(first.id)]


def test_stored_signals_and_scores_are_looked_at(site: Site, mo: Actor):
    linked = decided(site, "Look at https://shop.example/ now", Action.APPROVE, mo)
    decided(site, "Nothing in it.", Action.APPROVE, mo)
    for condition in (line("signal", "one_of", "links.*"), line("score_spam", "at_least", 0.5)):
        rule = make_rule(site, rule_text(condition), mode=RuleMode.OFF)
        assert tally_of(run_now(rule)).differences == [str(linked.id)]
    Screening.objects.all().delete()
    assert tally_of(run_now(make_rule(site, rule_text(condition), mode=RuleMode.OFF))).differences == []


@pytest.mark.parametrize(
    "condition",
    [
        line("body", "contains", "c\u0430sino"),
        line("body", "matches", r"cas\w+o"),
        line("name", "word", "seo"),
        line("website", "contains", "seo.example"),
        line("thread_url", "contains", "/sport"),
        line("link_host", "equals", "casino.example"),
        line("email_domain", "equals", "mail.example"),
        line("is_reply", "equals", True),
        line("links", "at_least", 1),
        line("length", "at_most", 20),
        line("signal", "one_of", "links.*", "language.*"),
        line("score_spam", "at_least", 1),
        line("language", "equals", "de"),
        line("published", "at_least", 1),
    ],
)
def test_a_backtest_matches_what_screening_matched(site: Site, mo: Actor, condition: dict[str, Any]):
    text = rule_text(condition)
    rule = make_rule(site, text, mode=RuleMode.SHADOW)
    parent = submit_screened(site, "The parent of a reply.")
    given: list[tuple[str, dict[str, Any]]] = [
        ("Visit the c.a.s.i.n.o at https://casino.example/now please.", {}),
        ("CASINO", {"name": "Best SEO Expert", "website": "https://seo.example/"}),
        ("On another page.", {"url": "https://news.example/sport/1", "email": "bo@mail.example"}),
        ("An answer to that.", {"parent_id": parent.id}),
        ("Ich habe den Artikel zweimal gelesen und frage mich noch immer, warum das so ist.", {}),
    ]
    for body, fields in given:
        decided(site, body, Action.REJECT, mo, **fields)
    matched = {
        str(screening.comment_id)
        for screening in Screening.objects.exclude(comment=parent)
        if "rules.shadow" in [signal["code"] for signal in screening.signals]
    }
    run = run_now(rule)
    assert len(matched) == sum(run.counts["matched"].values()) > 0
    assert set(run.missed) == {str(c.id) for c in Comment.objects.exclude(id=parent.id)} - matched


def test_it_runs_as_a_job_with_progress(
    site: Site, mo: Actor, rule: RuleVersion, monkeypatch: pytest.MonkeyPatch
):
    fill(site, mo)
    monkeypatch.setattr(backtest, "STEP", 2)
    run = start_backtest(rule.rule_id, site_id=site.id, actor=mo)
    assert Job.objects.filter(kind="backtest", subject_id=run.id).count() == 1
    seen: list[tuple[str, int, int | None]] = []
    real = decided_page

    def watch(*given: Any, **named: Any) -> Any:
        seen.append(Backtest.objects.values_list("state", "done", "total").get(id=run.id))
        return real(*given, **named)

    monkeypatch.setattr(backtest, "decided_page", watch)
    assert backtest_due(runner=jobs.SWEEP_RUNNER) == 1
    assert seen == [("waiting", 0, None), ("running", 2, 5), ("running", 4, 5)]
    run.refresh_from_db()
    assert (run.state, run.done) == ("done", 5)
    assert not Job.objects.filter(kind="backtest").exists()


def test_what_is_not_done_in_time_goes_on_later(
    site: Site, mo: Actor, rule: RuleVersion, monkeypatch: pytest.MonkeyPatch
):
    fill(site, mo)
    monkeypatch.setattr(backtest, "STEP", 2)
    monkeypatch.setattr(backtest, "BUDGET_S", 1e-9)
    run = start_backtest(rule.rule_id, site_id=site.id, actor=mo)
    runs = backtest_due(runner=jobs.SWEEP_RUNNER)
    assert runs > 1
    whole = run_now(make_rule(site, mode=RuleMode.OFF))
    run.refresh_from_db()
    assert run.state == "done"
    assert (run.counts, run.differences, run.missed) == (whole.counts, whole.differences, whole.missed)


def test_a_cancelled_run_writes_nothing_more(
    site: Site, mo: Actor, rule: RuleVersion, monkeypatch: pytest.MonkeyPatch
):
    fill(site, mo)
    monkeypatch.setattr(backtest, "STEP", 2)
    run = start_backtest(rule.rule_id, site_id=site.id, actor=mo)

    def cancel(shown: Backtest) -> None:
        cancel_backtest(run.id, site_id=site.id, actor=mo)

    assert run_backtest(run.id, on_progress=cancel)
    run.refresh_from_db()
    assert (run.state, run.done) == ("cancelled", 2)
    assert backtest_due(runner=jobs.SWEEP_RUNNER) == 1  # finds nothing to do
    assert not Job.objects.filter(kind="backtest").exists()
    with pytest.raises(NotFound):
        cancel_backtest(run.id, site_id=site.id, actor=mo)


def test_a_run_that_was_taken_over_writes_nothing(site: Site, mo: Actor, rule: RuleVersion):
    fill(site, mo)
    run = start_backtest(rule.rule_id, site_id=site.id, actor=mo)
    assert run_backtest(run.id, may_go_on=lambda: False)
    run.refresh_from_db()
    assert (run.state, run.done) == ("waiting", 0)


def test_a_run_that_fails_again_and_again_is_given_up(
    site: Site, mo: Actor, rule: RuleVersion, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(backtest, "decided_page", lambda *given, **named: 1 / 0)
    run = start_backtest(rule.rule_id, site_id=site.id, actor=mo)
    for _ in range(BACKTEST.max_attempts + 1):
        Job.objects.filter(kind="backtest").update(due_at="2020-01-01T00:00:00Z")
        backtest_due(runner=jobs.SWEEP_RUNNER)
    run.refresh_from_db()
    assert run.state == "failed"
    assert Job.objects.get(kind="backtest").state == "dead"


def test_one_at_a_time_and_a_few_are_kept(
    site: Site, mo: Actor, rule: RuleVersion, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(backtest, "_MOST_KEPT", 2)
    runs = [run_now(rule).id for _ in range(3)]
    assert set(Backtest.objects.values_list("id", flat=True)) == set(runs[1:])
    start_backtest(rule.rule_id, site_id=site.id, actor=mo)
    with pytest.raises(ActionNotPossible, match="under way"):
        start_backtest(rule.rule_id, site_id=site.id, actor=mo)
    assert AuditEvent.objects.filter(kind="backtest.started").count() == 4


def test_only_the_sites_own_rules_and_runs(site: Site, mo: Actor, rule: RuleVersion):
    other = build_site("The Morning Post", host="post.example")
    with pytest.raises(NotFound):
        start_backtest(rule.rule_id, site_id=other.id, actor=SYSTEM)
    run = start_backtest(rule.rule_id, site_id=site.id, actor=mo)
    with pytest.raises(NotFound):
        cancel_backtest(run.id, site_id=other.id, actor=SYSTEM)
    assert run_backtest(uuid4())  # there is nothing to do


def test_a_backtest_lets_the_rule_act(site: Site, mo: Actor, rule: RuleVersion):
    run = run_now(rule)

    def switch_on(seen: int, backtest_id: UUID) -> RuleVersion:
        return switch_rule(
            rule.rule_id,
            RuleMode.ON,
            site_id=site.id,
            actor=mo,
            seen_version=seen,
            backtest_id=backtest_id,
        )

    changed = change_rule(rule.rule_id, rule_text(action="spam"), site_id=site.id, actor=mo, seen_version=1)
    with pytest.raises(ActionNotPossible):  # it says something else by now
        switch_on(changed.version, run.id)
    back = change_rule(rule.rule_id, rule_text(name="Renamed"), site_id=site.id, actor=mo, seen_version=2)
    assert switch_on(back.version, run.id).mode == RuleMode.ON


def test_a_step_costs_one_query_whatever_its_size(site: Site, mo: Actor):
    needs = frozenset({"author", "signals", "scores"})

    def count() -> int:
        with CaptureQueriesContext(connection) as captured:
            decided_page(site, before=None, limit=100, needs=needs)
        return len(captured)

    decided(site, "The council, one.", Action.APPROVE, mo)
    one = count()
    decided(site, "The council, two.", Action.APPROVE, mo)
    assert count() == one == 1


def test_differences_are_bounded():
    tally = Tally()
    for number in range(300):
        tally.add(str(number), "approve", "publish", RuleAction.HOLD, is_match=True)
        tally.add(str(number), "spam", "", RuleAction.HOLD, is_match=False)
    assert (len(tally.differences), len(tally.missed)) == (200, 200)
    assert (tally.all_matched, tally.wrongly_matched, tally.already) == (300, 300, 0)
    assert (tally.precision, tally.recall) == (0.0, 0.0)


class TestCommand:
    def run(self, *arguments: str) -> tuple[str, str]:
        out, err = StringIO(), StringIO()
        call_command("backtest", *arguments, stdout=out, stderr=err)
        return out.getvalue(), err.getvalue()

    def test_it_tells_people_and_machines_the_same(self, site: Site, mo: Actor, rule: RuleVersion):
        comments = fill(site, mo)
        out, err = self.run("Councils")
        assert "5 of 5 comments" in err
        assert "Rule “Councils” (version 1): Hold if the body contains the word “council”." in out
        assert "Precision 66.7 %, recall 66.7 %." in out
        assert f"Matched, but approved: {comments['fine'].id}" in out
        report = json.loads(self.run(str(rule.rule_id), "--json", "--last", "9")[0])
        assert report["matched_by_decision"] == {"spam": 1, "reject": 1, "approve": 1}
        assert (report["state"], report["comments"], report["matched"]) == ("done", 5, 3)
        assert report["differences"] == [str(comments["fine"].id)]
        assert (
            "Precision -, recall -" in self.run(str(make_rule(build_site("B", host="b.example")).rule_id))[0]
        )

    def test_a_name_that_several_sites_use_needs_a_site(self, site: Site, rule: RuleVersion):
        other = build_site("The Morning Post", host="post.example")
        make_rule(other)
        with pytest.raises(CommandError, match="Several rules"):
            self.run("Councils")
        assert "done: 0 comments" in self.run("Councils", "--site", other.slug)[0]
        with pytest.raises(CommandError, match="no such rule"):
            self.run("Nothing")

    def test_it_waits_for_no_other_run(self, site: Site, rule: RuleVersion):
        start_backtest(rule.rule_id, site_id=site.id, actor=SYSTEM)
        with pytest.raises(CommandError, match="under way"):
            self.run("Councils")

    def test_an_interrupted_run_is_cancelled(
        self, site: Site, rule: RuleVersion, monkeypatch: pytest.MonkeyPatch
    ):
        def interrupt(*given: Any, **named: Any) -> None:
            raise KeyboardInterrupt

        monkeypatch.setattr(backtest, "decided_page", interrupt)
        assert "cancelled: 0 comments" in self.run("Councils")[0]
