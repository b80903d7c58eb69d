"""Two moderators at the same comment, and readers who try to write into the desk, in a real browser."""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from random import sample
from typing import Any
from urllib.request import Request, urlopen
from uuid import uuid4

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.stack import LiveStack

pytestmark = pytest.mark.browser

WORDS = ["harbour", "velvet", "copper", "meadow", "lattice", "thimble", "orchard", "saddle", "walnut"]


@pytest.fixture(scope="module")
def demo(live_stack: LiveStack) -> dict[str, Any]:
    live_stack.manage("demo")
    made: dict[str, Any] = json.loads((live_stack.var / "demo.json").read_text())
    return made


@pytest.fixture
def desks(browser: Browser, demo: dict[str, Any]) -> Iterator[tuple[Page, Page]]:
    """The desk as the moderator and as the administrator see it."""
    with ExitStack() as contexts:
        pages = []
        for who in ("moderator", "admin"):
            page = contexts.enter_context(browser.new_context()).new_page()
            page.set_default_timeout(10_000)
            log_in(page, demo, who)
            pages.append(page)
        yield pages[0], pages[1]


def log_in(page: Page, demo: dict[str, Any], who: str) -> None:
    page.goto(f"{demo['url']}/admin/queue/")
    page.get_by_label("Username").fill(demo[who]["username"])
    page.get_by_label("Password").fill(demo[who]["password"])
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Queue")


def submit_held(demo: dict[str, Any], name: str, *, prefix: str = "We painted") -> None:
    """A first comment with a link, by the site's own server."""
    body = {
        "thread": {"url": demo["thread"]},
        "name": name,
        "email": f"{uuid4().hex[:10]}@reader.example",
        "body": f"{prefix} a {', a '.join(sample(WORDS, 7))}: https://{uuid4().hex[:8]}.example/",
    }
    request = Request(
        f"{demo['url']}/api/v1/comments",
        data=json.dumps(body).encode(),
        headers={"Authorization": f"Bearer {demo['api_key']}", "Content-Type": "application/json"},
    )
    with urlopen(request, timeout=10) as answer:
        assert answer.status == 202


def find_card(page: Page, demo: dict[str, Any], name: str) -> Locator:
    """The card of the comment by `name`, on whichever page of the queue; it is given time to be screened."""
    for _ in range(20):
        page.goto(f"{demo['url']}/admin/queue/")
        while True:
            card = page.locator("article.card").filter(has_text=name)
            if card.count():
                return card
            following = page.get_by_role("link", name="Next page")
            if not following.count():
                break
            following.click()
        page.wait_for_timeout(250)
    raise AssertionError(f"{name} is not in the queue.")


def test_who_comes_second_is_told_who_came_first_and_loses_nothing(
    desks: tuple[Page, Page], demo: dict[str, Any]
):
    moderator, administrator = desks
    name = f"Robin {uuid4().hex[:8]}"
    submit_held(demo, name)
    card = find_card(moderator, demo, name)
    find_card(administrator, demo, name).get_by_role("button", name="Spam").click()
    expect(administrator.get_by_role("status")).to_contain_text("1 comment marked as spam")
    card.get_by_text("Another reason, or a note").click()
    card.get_by_label("Note for the record").fill("I know this writer.")
    card.get_by_role("button", name="Approve").click()
    alert = moderator.get_by_role("alert")
    expect(alert).to_contain_text("Somebody else changed this comment")
    expect(alert).to_contain_text(f"marked as spam by {demo['admin']['username']}")
    expect(moderator.get_by_label("Note for the record")).to_have_value("I know this writer.")
    moderator.get_by_role("button", name="Approve").click()
    expect(moderator.get_by_role("status")).to_contain_text("1 comment approved")


def test_nothing_a_reader_writes_runs_or_breaks_the_desks_own_policy(
    desks: tuple[Page, Page], demo: dict[str, Any]
):
    page = desks[1]
    noticed: list[str] = []
    page.on("console", lambda message: noticed.append(message.text) if message.type == "error" else None)
    page.on("dialog", lambda dialog: noticed.append(dialog.message))
    name = f"<b>{uuid4().hex[:8]}</b>"
    submit_held(demo, name, prefix="<img src=x onerror=alert(1)><script>alert(2)</script> We painted")
    card = find_card(page, demo, name)
    expect(card.locator("img, script")).to_have_count(0)
    expect(card).to_contain_text("<img src=x onerror=alert(1)>")
    expect(card).to_contain_text(name)
    card.locator(".at a").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(name)
    assert noticed == []
