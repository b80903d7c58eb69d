"""A moderator's way through the running service, in a real browser, with and without scripts."""

import json
from collections.abc import Iterator
from random import sample
from typing import Any
from uuid import uuid4

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Browser, Page, expect

from tests.stack import LiveStack

pytestmark = pytest.mark.browser

WORDS = ["kettle", "lantern", "pillow", "bicycle", "teapot", "ladder", "clock", "drawer", "spanner", "radio"]
LOOKS: dict[str, dict[str, Any]] = {
    "light": {},
    "dark": {"color_scheme": "dark"},
    "phone": {"viewport": {"width": 320, "height": 640}},
}


@pytest.fixture(scope="module")
def demo(live_stack: LiveStack) -> dict[str, Any]:
    made: dict[str, Any] = json.loads(live_stack.manage("demo", "--json"))
    return made


@pytest.fixture(scope="module")
def session(browser: Browser, demo: dict[str, Any]) -> Any:
    """The cookies of the admin: logged in once, as the lock-out and the hasher ask for."""
    with browser.new_context() as context:
        page = context.new_page()
        page.goto(f"{demo['url']}/admin/queue/")
        page.get_by_label("Username").fill(demo["admin"]["username"])
        page.get_by_label("Password").fill(demo["admin"]["password"])
        page.get_by_role("button", name="Log in").click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("Queue")
        return context.storage_state()


@pytest.fixture(params=["script", "no script"])
def page(request: pytest.FixtureRequest, browser: Browser, session: Any) -> Iterator[Page]:
    has_script = request.param == "script"
    with browser.new_context(java_script_enabled=has_script, storage_state=session) as context:
        page = context.new_page()
        page.set_default_timeout(10_000)
        yield page


def post_held(browser: Browser, demo: dict[str, Any]) -> str:
    """Post a comment with a link as a reader; give its text."""
    text = f"We mend a {', a '.join(sample(WORDS, 6))}: https://{uuid4().hex[:8]}.example/start"
    with browser.new_context() as context:
        page = context.new_page()
        page.goto(demo["thread"])
        page.get_by_label("Comment *").fill(text)
        page.get_by_label("Name *").fill("Robin Reader")
        page.get_by_label("Email *").fill(f"robin-{uuid4().hex[:8]}@reader.example")
        page.get_by_role("button", name="Post Comment").click()
        expect(page.locator(".comment-own")).to_be_visible()
    return text


def find_card(page: Page, demo: dict[str, Any], text: str) -> Any:
    """The card of a comment, wherever in the queue it waits; its page is given time to be screened."""
    for _ in range(20):
        page.goto(f"{demo['url']}/admin/queue/")
        while True:
            card = page.locator("article.card").filter(has_text=text.partition(":")[0])
            if card.count():
                return card
            following = page.get_by_role("link", name="Next page")
            if not following.count():
                break
            following.click()
        page.wait_for_timeout(250)
    raise AssertionError("The comment is not in the queue.")


def test_from_the_queue_into_the_thread_and_back(page: Page, browser: Browser, demo: dict[str, Any]):
    text = post_held(browser, demo)
    card = find_card(page, demo, text)
    expect(card).to_contain_text("from an author without a record")
    expect(card).to_contain_text("r…@reader.example")
    place = page.url
    card.get_by_role("button", name="Approve").click()
    bar = page.get_by_role("status")
    expect(bar).to_contain_text("1 comment approved (Fine as it is).")
    expect(bar).to_be_focused()
    assert page.url.partition("#")[0] == place.partition("#")[0]
    reader = page.context.new_page()
    reader.goto(demo["thread"])
    expect(reader.locator("body")).to_contain_text(text.partition(":")[0])
    bar.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("status")).to_contain_text("Undone: 1 comment back where it was.")
    expect(find_card(page, demo, text)).to_be_visible()
    reader.goto(demo["thread"])
    expect(reader.locator("body")).not_to_contain_text(text.partition(":")[0])


def test_several_are_marked_as_spam_at_once_and_come_back(page: Page, demo: dict[str, Any]):
    page.goto(f"{demo['url']}/admin/queue/")
    picked = page.locator("article.card")
    names = [picked.nth(index).locator("h2").inner_text() for index in range(2)]
    for index in range(2):
        picked.nth(index).get_by_role("checkbox").check()
    page.locator("#bulk").get_by_role("button", name="Spam").click()
    expect(page.get_by_role("status")).to_contain_text("2 comments marked as spam")
    page.get_by_role("link", name="Spam", exact=True).click()
    for name in names:
        expect(page.locator("article.card").filter(has_text=name).first).to_be_visible()
    page.get_by_role("status").get_by_role("button", name="Undo").click()
    expect(page.get_by_role("status")).to_contain_text("2 comments back where they were")


def test_another_reason_and_a_note_without_leaving_the_card(
    page: Page, browser: Browser, demo: dict[str, Any]
):
    text = post_held(browser, demo)
    card = find_card(page, demo, text)
    card.get_by_text("Another reason, or a note").click()
    card.get_by_label("Reason").select_option("Somebody's private details")
    card.get_by_label("Note for the record").fill("Tells where somebody lives.")
    card.get_by_role("button", name="Reject").click()
    expect(page.get_by_role("status")).to_contain_text("rejected (Somebody's private details)")
    page.get_by_role("link", name="Show it").click()
    expect(page.locator(".pasts li").first).to_contain_text("Tells where somebody lives.")
    page.get_by_role("button", name="Undo this").click()
    expect(page.get_by_role("status")).to_contain_text("Undone")


@pytest.mark.parametrize("look", LOOKS)
def test_axe_finds_nothing(browser: Browser, session: Any, demo: dict[str, Any], look: str):
    with browser.new_context(storage_state=session, **LOOKS[look]) as context:
        page = context.new_page()
        for tab in ("", "?tab=published", "?tab=spam"):
            page.goto(f"{demo['url']}/admin/queue/{tab}")
            assert_accessible(page)
            # Two pixels of grace: fractions of a pixel round up.
            assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 2
        page.goto(f"{demo['url']}/admin/queue/")
        page.locator(".card .at a").first.click()
        assert_accessible(page)
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 2


def assert_accessible(page: Page) -> None:
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
