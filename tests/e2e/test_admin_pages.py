"""The admin's own pages in a real browser: legible for everybody, under a strict content policy."""

import base64
import json
import re
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from django.contrib.auth.models import User
from django_otp.oath import totp
from playwright.sync_api import Browser, Page
from pytest_django.fixtures import Settings
from pytest_django.live_server_helper import LiveServer

from tests.admin.pages import site_pages
from tests.stack import LiveStack

pytestmark = pytest.mark.browser

LOOKS: dict[str, dict[str, Any]] = {
    "light": {},
    "dark": {"color_scheme": "dark"},
    "phone": {"viewport": {"width": 320, "height": 640}},
}
PAGES = ("", "sites/", "sites/add/", "records/", "moderation/comment/", "moderation/auditevent/", "nowhere/")
SITE_PAGES = (*site_pages(), "remote/akismet/", "remote/policy_model/")


@pytest.fixture(scope="module")
def demo(live_stack: LiveStack) -> dict[str, Any]:
    made: dict[str, Any] = json.loads(live_stack.manage("demo", "--json"))
    return made


def log_in(page: Page, url: str, username: str, password: str) -> None:
    page.goto(f"{url}/admin/")
    check(page)
    page.get_by_label("Username").fill(username)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Log in").click()
    page.wait_for_load_state()


def check(page: Page) -> None:
    """No fault that axe finds, and nothing that needs scrolling sideways."""
    found = Axe().run(page)
    assert found.violations_count == 0, f"{page.url}\n{found.generate_report()}"
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), (
        page.url
    )


@pytest.mark.parametrize("look", LOOKS)
def test_every_page_is_legible_for_everybody(browser: Browser, demo: dict[str, Any], look: str):
    with browser.new_context(**LOOKS[look]) as context:
        page = context.new_page()
        page.set_default_timeout(10_000)
        log_in(page, demo["url"], **demo["admin"])
        for path in PAGES:
            page.goto(f"{demo['url']}/admin/{path}")
            check(page)
        page.goto(f"{demo['url']}/admin/sites/")
        site = page.locator("ul.rows a").first.get_attribute("href")
        for path in SITE_PAGES:
            page.goto(f"{demo['url']}{site}{path}")
            check(page)


def test_a_page_breaks_no_rule_of_the_content_policy(browser_page: Page, demo: dict[str, Any]):
    said: list[str] = []
    browser_page.on("console", lambda message: said.append(message.text))
    browser_page.goto(f"{demo['url']}/admin/")
    browser_page.get_by_label("Username").fill(demo["admin"]["username"])
    browser_page.get_by_label("Password").fill(demo["admin"]["password"])
    browser_page.get_by_role("button", name="Log in").click()
    browser_page.wait_for_url(re.compile("/admin/$"))
    for path in (*PAGES[:-1], "auth/user/", "auth/user/add/", "password_change/"):
        browser_page.goto(f"{demo['url']}/admin/{path}")
    assert [text for text in said if "Content Security Policy" in text] == []


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("look", LOOKS)
def test_a_second_factor_is_set_up_and_asked_for(
    browser: Browser, live_server: LiveServer, settings: Settings, look: str
):
    settings.REQUIRE_SECOND_FACTOR = True
    User.objects.create_superuser("boss", password="correct horse battery")
    with browser.new_context(**LOOKS[look]) as context:
        page = context.new_page()
        page.set_default_timeout(10_000)
        log_in(page, live_server.url, "boss", "correct horse battery")
        check(page)
        key = base64.b32decode((page.locator(".key").text_content() or "").replace(" ", ""))
        page.get_by_label("Code").fill(f"{totp(key):06d}")
        page.get_by_role("button", name="Confirm").click()
        page.get_by_role("heading", name="Your backup codes").wait_for()
        check(page)
        backup = page.locator("ul.codes code").first.text_content() or ""
        page.get_by_role("link", name="I have saved them").click()
        page.get_by_role("button", name="Log out").click()
        log_in(page, live_server.url, "boss", "correct horse battery")
        check(page)
        page.get_by_label("Code").fill(backup)
        page.get_by_role("button", name="Continue").click()
        page.get_by_role("link", name="Second factor").click()
        assert "9 backup codes left" in (page.locator("#content").text_content() or "")
        check(page)
