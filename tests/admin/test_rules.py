"""The pages of rules: plain forms, errors beside their rows, a backtest before the switch, and a way back."""

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from moderation.domain.rules import RuleMode
from moderation.domain.status import Action
from moderation.flow import jobs
from moderation.flow.site import backtest
from moderation.flow.site.backtest import backtest_due
from moderation.models import AuditEvent, Backtest, RuleVersion, Site
from moderation.models.role import RoleName
from moderation.queries.decided import decided_page
from tests.admin.people import client_of, person_with
from tests.builders import build_moderator, build_site, person, submit_screened
from tests.rules import decided, line, make_rule, rule_text

pytestmark = pytest.mark.django_db


@pytest.fixture
def site() -> Site:
    return build_site()


@pytest.fixture
def editor(site: Site) -> Client:
    return person_with(RoleName.EDITOR, site, "ed")


def url(name: str, *parts: object) -> str:
    return reverse(f"admin:{name}", args=parts)


def rule_url(rule: RuleVersion, name: str = "site-rule", *more: object) -> str:
    return url(name, rule.site_id, rule.rule_id, *more)


def sent(*rows: tuple[str, str, str, str], **fields: str) -> dict[str, str]:
    """The form as a browser sends it: group, field, operator and values of each row."""
    data = {"name": "Casinos", "action": "hold", "queue": "", "rows": str(len(rows)), "save": "shadow"}
    for number, row in enumerate(rows):
        for part, value in zip(("group", "field", "operator", "values"), row, strict=True):
            data[f"c{number}-{part}"] = value
    return data | fields


CASINO = ("all", "body", "word", "casino")
BLANK = ("all", "", "contains", "")


def current(rule: RuleVersion) -> RuleVersion:
    return RuleVersion.objects.filter(rule_id=rule.rule_id).latest("version")


class TestEditing:
    def test_a_new_rule_begins_in_shadow(self, site: Site, editor: Client):
        page = editor.get(url("site-rule-add", site.id)).content.decode()
        assert page.count("<fieldset") == 3
        rows = (CASINO, BLANK, ("all", "published", "at_most", "1"))
        answer = editor.post(url("site-rule-add", site.id), sent(*rows))
        rule = RuleVersion.objects.get()
        assert answer["Location"] == rule_url(rule)
        assert (rule.name, rule.mode, rule.action) == ("Casinos", "shadow", "hold")
        assert rule.conditions == [line("body", "word", "casino"), line("published", "at_most", 1.0)]
        page = editor.get(rule_url(rule)).content.decode()
        assert "Saved as version 1." in page
        assert (
            "Hold if the body contains the word “casino” and the author has at most 1 published comment."
            in page
        )
        assert AuditEvent.objects.filter(kind="rule.created", actor_user__username="ed").exists()

    def test_several_values_stand_on_lines(self, site: Site, editor: Client):
        rows = [
            ("any", "body", "contains", "red\r\n  blue \r\n\r\n"),
            ("none", "is_reply", "equals", "yes"),
            ("all", "signal", "one_of", "links.*\nwordlist.mild"),
        ]
        editor.post(url("site-rule-add", site.id), sent(*rows, action="route", queue="legal"))
        rule = RuleVersion.objects.get()
        assert rule.queue == "legal"
        assert [each["values"] for each in rule.conditions] == [
            ["red", "blue"],
            [True],
            ["links.*", "wordlist.mild"],
        ]
        page = editor.get(rule_url(rule)).content.decode()
        assert "red\nblue" in page
        assert re.search(r'name="c1-values"[^>]*>\s*yes</textarea>', page)

    @pytest.mark.parametrize(
        ("changes", "field", "words"),
        [
            (
                {"c0-values": "(casino", "c0-operator": "matches"},
                "c0-values",
                "is never closed (character 1)",
            ),
            ({"c0-values": ""}, "c0-values", "Give a value"),
            ({"c0-field": "links"}, "c0-operator", "does not go with the number of links"),
            ({"c0-field": "nonsense"}, "c0-field", "Select a valid choice"),
            ({"c0-group": "nonsense"}, "c0-group", "Select a valid choice"),
            ({"name": ""}, "name", "This field is required"),
            ({"name": "a@reader.example"}, "name", "must not hold an address"),
            ({"action": "route"}, "queue", "Name the queue"),
            ({"action": "burn"}, "action", "Select a valid choice"),
        ],
    )
    def test_a_mistake_is_told_beside_its_field_and_nothing_is_lost(
        self, site: Site, editor: Client, changes: dict[str, str], field: str, words: str
    ):
        data = sent(CASINO, ("none", "name", "contains", "Ada Kept"), **changes)
        answer = editor.post(url("site-rule-add", site.id), data)
        page = answer.content.decode()
        assert answer.status_code == 422
        assert words in page
        assert re.search(rf'name="{field}"[^>]*aria-invalid="true"', page)
        assert "Ada Kept" in page
        assert not RuleVersion.objects.exists()

    def test_a_rule_without_a_condition_is_told_so_and_its_name_stays(self, site: Site, editor: Client):
        answer = editor.post(url("site-rule-add", site.id), sent(BLANK, name="Nothing yet"))
        page = answer.content.decode()
        assert answer.status_code == 422
        assert "Give at least one condition" in page
        assert 'value="Nothing yet"' in page
        assert not RuleVersion.objects.exists()

    def test_more_rows_are_given_without_a_script(self, site: Site, editor: Client):
        data = sent(CASINO, BLANK, name="", more="1")
        answer = editor.post(url("site-rule-add", site.id), data)
        page = answer.content.decode()
        assert answer.status_code == 200
        assert page.count("<fieldset") == 5
        assert "casino</textarea>" in page
        assert not RuleVersion.objects.exists()
        for rows, shown in (("999", 20), ("999999999999", 6), ("-1", 6)):
            many = editor.post(url("site-rule-add", site.id), sent(CASINO, more="1") | {"rows": rows})
            assert many.content.count(b"<fieldset") == shown

    def test_a_change_of_a_rule_that_is_on_puts_it_into_shadow(self, site: Site, editor: Client):
        rule = make_rule(site)
        assert "This rule is on." in editor.get(rule_url(rule)).content.decode()
        editor.post(rule_url(rule), sent(CASINO, seen_version="1"))
        assert (current(rule).version, current(rule).mode) == (2, "shadow")
        editor.post(rule_url(rule), sent(CASINO, seen_version="2", save="off"))
        assert (current(rule).version, current(rule).mode) == (3, "off")

    def test_what_somebody_else_changed_is_not_overwritten(self, site: Site, editor: Client):
        rule = make_rule(site)
        editor.post(rule_url(rule), sent(CASINO, seen_version="1"))
        answer = editor.post(rule_url(rule), sent(CASINO, name="Mine", seen_version="1"))
        assert answer.status_code == 422
        page = answer.content.decode()
        assert "Somebody else changed this rule" in page
        assert "Mine" in page
        assert current(rule).version == 2

    def test_what_was_typed_is_shown_as_text(self, site: Site, editor: Client):
        attack = '"><script>alert(1)</script>'
        row = ("all", "body", "contains", attack)
        editor.post(url("site-rule-add", site.id), sent(row, name="<script>alert(1)</script>"))
        rule = RuleVersion.objects.get()
        for page in (editor.get(rule_url(rule)), editor.get(url("site-rules", site.id))):
            assert b"<script>alert(1)" not in page.content
            assert b"&lt;script&gt;alert(1)" in page.content


class TestModes:
    def switch(self, client: Client, rule: RuleVersion, mode: str, **fields: Any) -> str:
        data = {"mode": mode, "seen_version": str(current(rule).version)} | fields
        answer = client.post(rule_url(rule, "site-rule-mode"), data, follow=True)
        assert answer.status_code == 200
        return answer.content.decode()

    def test_off_and_shadow_and_removed(self, site: Site, editor: Client):
        rule = make_rule(site)
        for mode, words in (("off", "is off"), ("shadow", "is in shadow mode"), ("removed", "is removed")):
            assert words in self.switch(editor, rule, mode)
            assert current(rule).mode == mode
        page = editor.get(url("site-rules", site.id)).content.decode()
        assert "1 removed" in page
        answer = editor.post(rule_url(rule, "site-rule-undo"), {"seen_version": "4"}, follow=True)
        assert "Undone" in answer.content.decode()
        assert current(rule).mode == "shadow"

    def test_on_needs_a_word_or_a_backtest(self, site: Site, editor: Client):
        rule = make_rule(site, mode=RuleMode.SHADOW)
        assert "Look at a backtest" in self.switch(editor, rule, "on")
        assert "Look at a backtest" in self.switch(editor, rule, "on", backtest="nonsense")
        assert current(rule).mode == "shadow"
        assert "is on" in self.switch(editor, rule, "on", is_sure="on")
        assert current(rule).mode == "on"

    def test_a_stale_page_changes_nothing(self, site: Site, editor: Client):
        rule = make_rule(site)
        for seen in ("0", "", "x", "9"):
            assert "Somebody else" in self.switch(editor, rule, "off", seen_version=seen)
        assert current(rule).mode == "on"

    def test_a_former_version_can_be_used_again(self, site: Site, editor: Client):
        rule = make_rule(site)
        editor.post(rule_url(rule), sent(CASINO, seen_version="1"))
        editor.post(rule_url(rule, "site-rule-restore", 1), {"seen_version": "2"})
        assert (current(rule).name, current(rule).mode) == ("Councils", "shadow")
        assert editor.post(rule_url(rule, "site-rule-restore", 77), {"seen_version": "3"}).status_code == 404

    def test_no_such_mode(self, site: Site, editor: Client):
        rule = make_rule(site)
        answer = editor.post(rule_url(rule, "site-rule-mode"), {"mode": "burn", "seen_version": "1"})
        assert answer.status_code == 404


class TestList:
    def test_it_tells_mode_order_and_matches_of_late(self, site: Site, editor: Client):
        make_rule(site, rule_text(name="Acting"))
        second = make_rule(site, rule_text(name="Watching"), mode=RuleMode.SHADOW)
        submit_screened(site, "The council again.")
        page = editor.get(url("site-rules", site.id)).content.decode()
        assert page.index("Acting") < page.index("Watching")
        assert "1 in shadow" in page
        assert "shadow mode" in page
        editor.post(rule_url(second, "site-rule-move"), {"way": "up"})
        page = editor.get(url("site-rules", site.id)).content.decode()
        assert page.index("Acting") > page.index("Watching")

    def test_a_rule_shows_what_it_matched(self, site: Site, editor: Client):
        rule = make_rule(site, mode=RuleMode.SHADOW)
        comment = submit_screened(site, "The council again.")
        page = editor.get(rule_url(rule)).content.decode()
        assert "The council again." in page
        assert url("queue_item", comment.id) in page

    def test_it_costs_the_same_for_one_rule_and_for_many(self, site: Site, editor: Client):
        def count() -> int:
            with CaptureQueriesContext(connection) as captured:
                editor.get(url("site-rules", site.id))
            return len(captured)

        make_rule(site)
        one = count()
        for _ in range(5):
            make_rule(site, mode=RuleMode.SHADOW)
        submit_screened(site, "The council again.")
        assert count() == one


class TestBacktests:
    @pytest.fixture
    def rule(self, site: Site) -> RuleVersion:
        mo = person(build_moderator([site], "mo"))
        decided(site, "The council did well.", Action.APPROVE, mo)
        decided(site, "The council are idiots.", Action.REJECT, mo)
        decided(site, "Nobody wants this.", Action.SPAM, mo)
        return make_rule(site, mode=RuleMode.SHADOW)

    def start(self, client: Client, rule: RuleVersion, **fields: str) -> str:
        answer = client.post(rule_url(rule, "site-backtests"), {"last": "100"} | fields)
        assert answer.status_code == 302
        return answer["Location"]

    def test_from_the_button_to_the_switch(self, site: Site, editor: Client, rule: RuleVersion):
        path = self.start(editor, rule)
        answer = editor.get(path)
        assert answer["Refresh"] == "2"
        assert "Waiting to start." in answer.content.decode()
        backtest_due(runner=jobs.SWEEP_RUNNER)
        answer = editor.get(path)
        assert "Refresh" not in answer
        page = answer.content.decode()
        assert "The rule matches <strong>2</strong> of" in page
        assert "people approved <strong>1</strong> of these matches" in page
        assert "People removed 50.0 % of the comments it matches" in page
        assert "The rule matches 50.0 % of the comments people removed" in page
        assert "The council did well." in page
        assert "Nobody wants this." not in page
        assert "Nobody wants this." in editor.get(f"{path}?list=missed").content.decode()
        fields = dict(re.findall(r'name="(seen_version|backtest)" value="([^"]+)"', page))
        editor.post(rule_url(rule, "site-rule-mode"), {"mode": "on", **fields})
        assert current(rule).mode == "on"
        assert "The rule is on." in editor.get(path).content.decode()

    def test_progress_and_cancelling(
        self, site: Site, editor: Client, rule: RuleVersion, monkeypatch: pytest.MonkeyPatch
    ):
        path = self.start(editor, rule, last="2")
        run = Backtest.objects.get()
        Backtest.objects.filter(id=run.id).update(state="running", total=2, done=1)
        page = editor.get(path).content.decode()
        assert '<progress id="progress" max="2" value="1">' in page
        editor.post(f"{path}cancel/")
        assert "Cancelled after 1 of 2 comments." in editor.get(path).content.decode()
        again = editor.post(f"{path}cancel/", follow=True)
        assert "already finished" in again.content.decode()

    def test_a_backtest_of_what_it_said_before_does_not_switch_it_on(
        self, site: Site, editor: Client, rule: RuleVersion
    ):
        path = self.start(editor, rule)
        backtest_due(runner=jobs.SWEEP_RUNNER)
        editor.post(rule_url(rule), sent(CASINO, seen_version="1"))
        page = editor.get(path).content.decode()
        assert "The rule has changed since this backtest." in page
        assert "Switch the rule on" not in page

    def test_one_at_a_time(self, site: Site, editor: Client, rule: RuleVersion):
        self.start(editor, rule)
        answer = editor.post(rule_url(rule, "site-backtests"), {"last": "nonsense"}, follow=True)
        assert "under way" in answer.content.decode()

    @pytest.mark.parametrize(("last", "wanted"), [("0", 1), ("x", 10_000), ("99999999", 50_000), ("7", 7)])
    def test_how_many(self, site: Site, editor: Client, rule: RuleVersion, last: str, wanted: int):
        self.start(editor, rule, last=last)
        assert Backtest.objects.get().wanted == wanted

    def test_differences_come_in_pages(self, site: Site, editor: Client, rule: RuleVersion):
        path = self.start(editor, rule)
        backtest_due(runner=jobs.SWEEP_RUNNER)
        run = Backtest.objects.get()
        (ours,) = run.differences
        Backtest.objects.update(differences=[ours] * 26)
        page = editor.get(path).content.decode()
        assert "page=2" in page
        page = editor.get(f"{path}?page=2").content.decode()
        assert "page=1" in page
        assert page.count("The council did well.") == 1
        assert editor.get(f"{path}?page=x").status_code == 200
        assert editor.get(f"{path}?page=9").status_code == 200
        assert editor.get(f"{path}?list=all").status_code == 404

    def test_failed_and_empty_runs_say_what_to_do(self, site: Site, editor: Client):
        rule = make_rule(site, rule_text(name="Empty"), mode=RuleMode.OFF)
        path = self.start(editor, rule)
        backtest_due(runner=jobs.SWEEP_RUNNER)
        assert "nothing to compare with" in editor.get(path).content.decode()
        Backtest.objects.update(state="failed")
        assert "could not be finished" in editor.get(path).content.decode()

    def test_texts_of_other_sites_are_not_shown(self, site: Site, editor: Client, rule: RuleVersion):
        other = build_site("The Morning Post", host="post.example")
        secret = submit_screened(other, "A secret of the other site.", url="https://post.example/1")
        path = self.start(editor, rule)
        backtest_due(runner=jobs.SWEEP_RUNNER)
        Backtest.objects.update(differences=[str(secret.id)])
        assert b"A secret" not in editor.get(path).content
        stranger = client_of(build_moderator([other], "stranger", role=RoleName.OWNER))
        assert stranger.get(path).status_code == 404
        run, own = Backtest.objects.get(), make_rule(other)
        assert stranger.get(rule_url(own, "site-backtest", run.id)).status_code == 404
        assert stranger.post(rule_url(own, "site-backtest-cancel", run.id)).status_code == 404
        assert (
            stranger.post(url("site-rule-mode", other.id, rule.rule_id), {"mode": "off"}).status_code == 404
        )
        assert stranger.post(url("site-rule-move", other.id, rule.rule_id), {"way": "up"}).status_code == 404
        assert stranger.post(url("site-backtests", other.id, rule.rule_id)).status_code == 404

    def test_progress_is_what_the_run_wrote(
        self, site: Site, editor: Client, rule: RuleVersion, monkeypatch: pytest.MonkeyPatch
    ):
        monkeypatch.setattr(backtest, "STEP", 2)
        path = self.start(editor, rule)
        seen = []
        real = decided_page

        def look(*given: Any, **named: Any) -> Any:
            seen.append(editor.get(path).content.decode())
            return real(*given, **named)

        monkeypatch.setattr(backtest, "decided_page", look)
        backtest_due(runner=jobs.SWEEP_RUNNER)
        assert "Waiting to start." in seen[0]
        assert '<progress id="progress" max="3" value="2">' in seen[1]
