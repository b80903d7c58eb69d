"""A rule from the first row of its form to the switch, in a real browser, without a script."""

from typing import Any

import pytest
from playwright.sync_api import Browser, Page
from pytest_django.live_server_helper import LiveServer

from moderation.domain.status import Action
from moderation.flow import jobs
from moderation.flow.site.backtest import backtest_due
from moderation.models import RuleVersion
from moderation.models.role import RoleName
from tests.builders import build_moderator, build_site, person
from tests.e2e.test_admin_pages import LOOKS, check
from tests.rules import decided

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PASSWORD = "correct horse battery"


def fill_row(
    page: Page, number: int, *, field: str, operator: str, values: str, group: str = "All of these:"
) -> None:
    row = page.get_by_role("group", name=f"Condition {number}", exact=True)
    row.get_by_label("How it counts").select_option(group)
    row.get_by_label("What to look at").select_option(field)
    row.get_by_label("Compared how").select_option(operator)
    row.get_by_label("With what").fill(values)


def log_in(page: Page, url: str) -> None:
    page.set_default_timeout(10_000)
    page.goto(f"{url}/admin/")
    page.get_by_label("Username").fill("ed")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()


@pytest.mark.parametrize("look", LOOKS)
def test_a_rule_from_its_form_to_the_switch(browser: Browser, live_server: LiveServer, look: str):
    site = build_site()
    editor = build_moderator([site], "ed", role=RoleName.EDITOR)
    for number in range(3):
        decided(site, f"The council did well, {number}.", Action.APPROVE, person(editor))
        decided(site, f"The council sells pills, {number}.", Action.SPAM, person(editor))
    options: dict[str, Any] = LOOKS[look]
    with (
        browser.new_context(**options) as context,
        browser.new_context(java_script_enabled=False, **options) as plain,
    ):
        page = plain.new_page()
        log_in(page, live_server.url)
        page.goto(f"{live_server.url}/admin/sites/{site.id}/rules/add/")
        page.get_by_label("Name").fill("Councils")
        fill_row(page, 1, field="the body", operator="contains the word", values="council")
        fill_row(page, 2, field="the number of links", operator="contains", values="2")
        page.get_by_role("button", name="Save in shadow mode").click()
        page.get_by_text("This does not go with the number of links.").wait_for()
        page.get_by_role("button", name="Add conditions").click()
        fill_row(page, 2, field="the number of links", operator="is at most", values="2")
        page.get_by_role("button", name="Save in shadow mode").click()
        page.get_by_text("Saved as version 1.").wait_for()
        page.get_by_role("button", name="Backtest").click()
        page.get_by_text("Waiting to start.").wait_for()
        backtest_due(runner=jobs.SWEEP_RUNNER)
        page.get_by_role("heading", name="Where the rule and people differ").wait_for()  # it reloads itself
        result = page.url
        page.get_by_role("button", name="Switch the rule on").click()
        page.get_by_text("“Councils” is on.").wait_for()
        assert RuleVersion.objects.latest("version").mode == "on"
        seen = context.new_page()
        log_in(seen, live_server.url)
        for address in (page.url, result, f"{live_server.url}/admin/sites/{site.id}/rules/"):
            seen.goto(address)
            check(seen)
