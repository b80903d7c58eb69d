"""The browser that other tests look through is a real one, and scripts run in it."""

import pytest
from playwright.sync_api import Page

from tests.stack import LiveStack, find_chromium


@pytest.mark.browser
def test_it_opens_a_page_of_the_running_service(live_stack: LiveStack, browser_page: Page):
    said: list[str] = []
    browser_page.on("console", lambda message: said.append(message.text))
    answer = browser_page.goto(f"{live_stack.url}/admin/login/")
    assert answer is not None
    assert answer.status == 200
    assert browser_page.evaluate("1 + 1") == 2
    assert browser_page.get_by_label("Password").is_visible()
    assert [text for text in said if "Content Security Policy" in text] == []


def test_the_variable_wins_over_the_path(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("CHROMIUM", "/opt/own/chrome")
    assert find_chromium() == "/opt/own/chrome"


def test_without_a_browser_nothing_is_found(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("CHROMIUM", raising=False)
    monkeypatch.setattr("shutil.which", lambda name: None)
    assert find_chromium() is None
