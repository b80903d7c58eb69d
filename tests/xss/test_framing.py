"""Which pages a real browser shows in whose frames: none of ours, but a site's threads in its own pages."""

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, urlsplit

import pytest
from playwright.sync_api import Browser, Page

from tests.stack import LiveStack

pytestmark = pytest.mark.browser

OUR_PAGES = (
    "/",
    "/articles/the-ferry-that-waits/",
    "/admin/login/",
    "/admin/",
    "/admin/queue/",
    "/api/docs/",
)
OTHERS = ("/nowhere", "/livez", "/api/v1/reasons", "/static/embed/comments.css", "/admin/sites/add/")


@pytest.fixture(scope="module")
def demo(hostile_stack: LiveStack) -> dict[str, Any]:
    made: dict[str, Any] = json.loads(hostile_stack.manage("demo", "--json"))
    return made


@pytest.fixture
def page(browser: Browser, demo: dict[str, Any]) -> Iterator[Page]:
    """A superuser who is logged in and visits other people's pages."""
    with browser.new_context() as context:
        page = context.new_page()
        page.set_default_timeout(15_000)
        page.goto(f"{demo['url']}/admin/")
        page.get_by_label("Username").fill(demo["admin"]["username"])
        page.get_by_label("Password").fill(demo["admin"]["password"])
        page.get_by_role("button", name="Log in").click()
        page.wait_for_load_state()
        yield page


def is_shown(page: Page, host: str, framed: str) -> bool:
    """Whether a page of `host` can show the address `framed` in a frame."""
    html = f'<!doctype html><title>Host</title><iframe name="framed" src="{framed}"></iframe>'
    page.unroute_all()
    page.route(f"{host}/host", lambda route: route.fulfill(body=html, content_type="text/html"))
    page.goto(f"{host}/host")
    frame = page.frame("framed")
    if frame is None or frame.url.startswith("chrome-error:"):
        return False
    return bool(frame.evaluate("document.body.innerText").strip()) and frame.url == framed


def hosts_of(url: str) -> tuple[str, str, str]:
    """The service's own address, another name of it that the demo site has, and a stranger's."""
    port = urlsplit(url).port
    return url, f"http://localhost:{port}", f"http://stranger.localhost:{port}"


def thread_of(demo: dict[str, Any]) -> str:
    return f"{demo['url']}/embed/{demo['site_key']}/thread?url={quote(demo['thread'], safe='')}"


def test_a_sites_own_pages_frame_its_threads_and_nobody_else(page: Page, demo: dict[str, Any]) -> None:
    own, same, stranger = hosts_of(demo["url"])
    assert is_shown(page, own, thread_of(demo))
    assert is_shown(page, same, thread_of(demo))
    assert not is_shown(page, stranger, thread_of(demo))


@pytest.mark.parametrize("path", [*OUR_PAGES, *OTHERS])
def test_no_other_page_is_framed_by_anybody(page: Page, demo: dict[str, Any], path: str) -> None:
    for host in hosts_of(demo["url"]):
        assert not is_shown(page, host, f"{demo['url']}{path}"), host


def test_a_page_without_the_headers_would_be_shown(page: Page, demo: dict[str, Any]) -> None:
    """The control: it is the headers that keep the page out of the frame."""
    _, _, stranger = hosts_of(demo["url"])
    framed = f"{demo['url']}/plain"
    page.context.route(framed, lambda route: route.fulfill(body="<p>shown", content_type="text/html"))
    assert is_shown(page, stranger, framed)
