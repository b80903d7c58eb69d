"""A reader's way through the running service, in a real browser, with and without scripts."""

import json
import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from random import sample
from time import monotonic, sleep
from typing import Any
from uuid import uuid4

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Browser, Page, expect
from redis import Redis

from config.local.servers import broker_socket
from tests.stack import LiveStack

pytestmark = pytest.mark.browser

WORDS = [
    *("kettle", "lantern", "pillow", "bicycle", "zip", "teapot", "ladder", "clock"),
    *("drawer", "spanner", "button", "radio", "hinge", "glove", "wheel"),
]
# The pages must hold for everybody: those who see them dark, small, or from right to left, too.
LOOKS: dict[str, dict[str, Any]] = {
    "light": {},
    "dark": {"color_scheme": "dark"},
    "phone": {"viewport": {"width": 320, "height": 640}},
}


@pytest.fixture(scope="module")
def demo(live_stack: LiveStack) -> dict[str, Any]:
    made: dict[str, Any] = json.loads(live_stack.manage("demo", "--json"))
    return made


@pytest.fixture(params=["script", "no script"])
def page(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Page]:
    with browser.new_context(java_script_enabled=request.param == "script") as context:
        page = context.new_page()
        page.set_default_timeout(10_000)
        yield page


@pytest.fixture(autouse=True)
def _as_another_household(live_stack: LiveStack) -> None:
    """Readers of one network share a bucket, and all of these tests come from one address."""
    with Redis(unix_socket_path=str(broker_socket(live_stack.var))) as broker:
        for name in broker.scan_iter("rate:*"):
            broker.delete(name)


def fill(page: Page, text: str, *, email: str = "") -> None:
    page.get_by_label("Comment *").fill(text)
    page.get_by_label("Name *").fill("Robin Reader")
    page.get_by_label("Email *").fill(email or f"robin-{uuid4().hex[:8]}@reader.example")


def remark() -> str:
    """A text unlike any other, so that many of them are no campaign."""
    return f"How we mend a {', a '.join(sample(WORDS, 9))}."


def text_with_link() -> str:
    """Held as a first comment with a link."""
    return f"{remark()} https://{uuid4().hex[:8]}.example/start"


def post(page: Page) -> None:
    page.get_by_role("button", name="Post Comment").click()


def expect_soon(page: Page, text: str, *, within_s: float = 3.0) -> None:
    """`text` is in the page for everybody as soon as it is screened and the pages' copies are fresh."""
    deadline = monotonic() + within_s
    while not page.get_by_text(text).count() and monotonic() < deadline:
        page.wait_for_timeout(100)
        page.reload()
    expect(page.get_by_text(text)).to_be_visible()


def frame_of(demo: dict[str, Any]) -> str:
    return f"{demo['url']}/embed/{demo['site_key']}/thread?url={demo['thread']}&title=The%20toaster"


def test_from_the_front_page_to_a_published_comment(page: Page, demo: dict[str, Any]):
    page.goto(demo["url"])
    page.get_by_role("link", name="The toaster comes home").first.click()
    page.get_by_role("link", name="Previous article").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("How to read a tide table")
    text = remark()
    fill(page, text)
    post(page)
    own = page.locator("li.comment:target")
    expect(own).to_contain_text(text)
    page.goto(page.url.partition("?")[0])
    expect_soon(page, text)


def test_a_reply_stands_under_what_it_answers(page: Page, demo: dict[str, Any]):
    page.goto(demo["thread"])
    page.get_by_role("link", name="Reply to Emre Solano").first.click()
    expect(page.locator("#reply-title")).to_contain_text("Leave a Reply to Emre Solano")
    text = remark()
    fill(page, text)
    post(page)
    expect(page.locator("ol.comment-replies li.comment:target")).to_contain_text(text)


def test_the_reply_form_opens_in_its_place_and_closes_again(page: Page, demo: dict[str, Any]):
    page.goto(demo["thread"])
    page.get_by_role("link", name="Reply to Emre Solano").first.click()
    form = page.locator("li.comment", has=page.get_by_role("link", name="Reply to Emre Solano")).first
    expect(form.locator("#respond")).to_be_in_viewport()
    page.get_by_role("link", name="Cancel reply").click()
    expect(page.locator("li.comment:target")).to_contain_text("Emre Solano")
    expect(page.locator("li #respond")).to_have_count(0)
    page.get_by_role("link", name="Leave a comment").click()
    expect(page.locator("#respond")).to_be_in_viewport()


def test_a_permanent_link_leads_from_a_frame_to_the_comment(page: Page, demo: dict[str, Any]):
    page.goto(frame_of(demo))
    link = page.locator("a.comment-time").first
    expect(link).to_have_attribute("title", re.compile("UTC$"))
    with page.context.expect_page() as opened:
        link.click()
    alone = opened.value
    expect(alone.locator("li.comment:target")).to_be_in_viewport()
    alone.get_by_role("heading", level=1).get_by_role("link").click()
    expect(alone).to_have_url(demo["thread"])


def test_a_long_text_unfolds_by_mouse_and_by_keyboard(page: Page, demo: dict[str, Any]):
    verses = "\n".join(f"Verse {number}: {remark()}" for number in range(40))
    publish(demo, verses)
    fold = page.locator(".comment-fold").last
    deadline = monotonic() + 10  # the page may be up to a second old
    while page.goto(demo["thread"]) and not fold.count():
        assert monotonic() < deadline
    label = fold.get_by_text("Show the whole comment")
    expect(fold).to_contain_text("Verse 39:")
    folded = fold.bounding_box()
    label.click()
    expect(fold.get_by_text("Show less")).to_be_visible()
    unfolded = fold.bounding_box()
    assert folded
    assert unfolded
    assert unfolded["height"] > 1.5 * folded["height"]
    fold.get_by_role("checkbox").press("Space")
    expect(label).to_be_visible()
    page.emulate_media(media="print")
    printed = fold.bounding_box()
    assert printed
    assert printed["height"] > 1.5 * folded["height"]


def publish(demo: dict[str, Any], body: str) -> None:
    """A comment that a moderator lets through."""
    author = {"name": "Long Writer", "email": f"long-{uuid4().hex[:8]}@reader.example"}
    with httpx.Client(base_url=f"{demo['url']}/api/v1/", trust_env=False, timeout=30) as client:
        sent = client.post(
            "comments",
            json={"thread": {"url": demo["thread"]}, **author, "body": body},
            headers={"Authorization": f"Bearer {demo['api_key']}"},
        )
        moderator = {"Authorization": f"Bearer {demo['moderator_key']}"}
        comment = f"comments/{sent.json()['id']}"
        deadline = monotonic() + 30
        while client.get(comment, headers=moderator).json()["status"] == "screening":
            assert monotonic() < deadline
            sleep(0.1)
        if client.get(comment, headers=moderator).json()["status"] != "published":
            act = {"action": "approve", "reason": "fine"}
            decided = client.post(f"{comment}/decisions", json=act, headers=moderator)
            assert decided.status_code == 201, decided.text


def test_a_frame_aligns_with_the_text_around_it(page: Page, demo: dict[str, Any]):
    page.goto(frame_of(demo))
    first = page.locator("#comments-title").bounding_box()
    assert first
    assert (first["x"], first["y"] < 12) == (0, True)


def test_a_held_comment_is_its_authors_alone_and_looks_again_by_itself(
    page: Page, browser: Browser, demo: dict[str, Any]
):
    page.goto(demo["thread"])
    text = text_with_link()
    fill(page, text)
    post(page)
    own = page.locator("li.comment-own")
    expect(own).to_contain_text("Awaiting moderation: only you can see this")
    expect(own).to_contain_text(text)
    expect(own.get_by_role("link")).to_have_count(0)
    expect(page.get_by_role("status")).to_contain_text("Awaiting moderation")
    with browser.new_context() as context:
        others = context.new_page()
        others.goto(demo["thread"])
        expect(others.get_by_text(text)).to_have_count(0)


def test_a_refused_form_keeps_the_text_and_leads_to_the_first_error(page: Page, demo: dict[str, Any]):
    page.goto(demo["thread"])
    fill(page, "Worth keeping.", email="robin at home")
    post(page)
    expect(page).to_have_title(re.compile("^Not posted yet"))
    expect(page.get_by_label("Comment *")).to_have_value("Worth keeping.")
    assert page.url.endswith("#respond")
    expect(page.locator("#respond")).to_be_focused()
    expect(page.locator("#form-problem")).to_be_in_viewport()
    email = page.get_by_label("Email *")
    expect(email).to_have_accessible_description(re.compile("Enter an address like"))
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Email: Enter an address")).to_be_focused()
    page.keyboard.press("Enter")
    expect(email).to_be_focused()
    email.fill(f"robin-{uuid4().hex[:8]}@reader.example")
    page.get_by_label("Comment *").fill(f"Worth keeping: {remark()}")
    post(page)
    expect(page.locator("li.comment:target")).to_contain_text("Worth keeping")


def test_the_browser_remembers_who_agreed(page: Page, demo: dict[str, Any]):
    page.goto(demo["thread"])
    fill(page, remark(), email=f"{uuid4().hex[:8]}@kept.example")
    page.get_by_label("Save my name").check()
    post(page)
    page.goto(demo["thread"])
    expect(page.get_by_label("Name *")).to_have_value("Robin Reader")
    expect(page.get_by_label("Email *")).to_have_value(re.compile("@kept.example$"))


def test_everything_can_be_reached_by_keyboard(browser_page: Page, demo: dict[str, Any]):
    browser_page.goto(demo["thread"])
    browser_page.keyboard.press("Tab")
    expect(browser_page.get_by_role("link", name="Skip to the content")).to_be_focused()
    seen: list[str] = []
    browser_page.get_by_label("Comment *").focus()
    for _ in range(6):
        seen.append(str(browser_page.evaluate("document.activeElement.name")))
        browser_page.keyboard.press("Tab")
    assert seen == ["comment", "author", "email", "url", "wp-comment-cookies-consent", "submit"]


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("which", ["front", "article", "older", "reply", "errors", "held", "frame"])
def test_axe_finds_nothing_and_nothing_overflows(
    browser: Browser, demo: dict[str, Any], which: str, look: str
):
    with browser.new_context(**LOOKS[look]) as context:
        page = context.new_page()
        page.set_default_timeout(10_000)
        open_page(page, demo, which)
        found = Axe().run(page)
        assert found.violations_count == 0, found.generate_report()
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def open_page(page: Page, demo: dict[str, Any], which: str) -> None:
    addresses = {
        "front": demo["url"],
        "older": f"{demo['url']}/articles/the-song-that-would-not-leave/",
        "frame": frame_of(demo),
    }
    page.goto(addresses.get(which, demo["thread"]))
    if which == "older":
        page.get_by_role("link", name="Older comments").click()
    if which == "reply":
        page.get_by_role("link", name="Reply to").first.click()
    if which == "errors":
        page.get_by_label("Comment *").fill("Kept.")
        post(page)
        expect(page.locator("#form-problem")).to_be_visible()
    if which == "held":
        fill(page, text_with_link())
        post(page)
        expect(page.get_by_role("status")).to_contain_text("Awaiting moderation")


def test_right_to_left_nothing_overflows(browser: Browser, demo: dict[str, Any]):
    with browser.new_context(viewport={"width": 320, "height": 640}) as context:
        page = context.new_page()
        page.goto(demo["thread"])
        page.evaluate("document.documentElement.dir = 'rtl'")
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


@pytest.fixture
def foreign_port(demo: dict[str, Any]) -> Iterator[int]:
    """A web server of somebody else's: `/<key>` is a page of theirs with the thread in a frame."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            source = f"{demo['url']}{self.path}/thread?url=http://localhost:{port}/first&amp;title=First"
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            page = f'<!doctype html><title>News</title><iframe width="600" height="800" src="{source}">'
            self.wfile.write(page.encode())

        def log_message(self, *_: object) -> None:
            """Be quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield port
        server.shutdown()
        thread.join()


def test_a_comment_is_posted_from_within_another_sites_page(
    browser_page: Page, live_stack: LiveStack, foreign_port: int
):
    host = f"localhost:{foreign_port}"
    made = live_stack.manage("add_site", f"Evening {uuid4().hex[:6]}", "--host", host)
    key = re.findall(r"cm_pk_[\w-]+", made)[0]
    browser_page.goto(f"http://{host}/embed/{key}")
    frame = browser_page.frame_locator("iframe")
    expect(frame.get_by_label("Comment *")).to_be_visible()
    expect(frame.get_by_label("Save my name")).to_have_count(0)
    frame.get_by_label("Comment *").fill("Said from within a frame.")
    frame.get_by_label("Name *").fill("Robin")
    frame.get_by_label("Email *").fill("robin@reader.example")
    frame.get_by_role("button", name="Post Comment").click()
    expect(frame.locator("li.comment:target")).to_contain_text("Said from within a frame.")


def test_a_page_of_nobody_we_know_is_told_so(browser_page: Page, live_stack: LiveStack, foreign_port: int):
    made = live_stack.manage("add_site", f"Evening {uuid4().hex[:6]}", "--host", f"localhost:{foreign_port}")
    key = re.findall(r"cm_pk_[\w-]+", made)[0]
    browser_page.goto(f"http://127.0.0.1:{foreign_port}/embed/{key}")
    frame = browser_page.frame_locator("iframe")
    expect(frame.get_by_text("are shown on its own pages only")).to_be_visible()
    expect(frame.get_by_label("Comment *")).to_have_count(0)
