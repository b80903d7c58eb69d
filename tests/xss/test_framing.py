"""Which pages a real browser shows in whose frames: none of ours, but a site's threads in its own pages."""

import json
import re
import threading
from collections.abc import Iterator
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import quote, unquote, urlsplit

import httpx
import pytest
from playwright.sync_api import Browser, Frame, Page, expect

from tests.stack import LiveStack
from tests.xss.hostile import Hostile

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
    made: dict[str, Any] = json.loads((hostile_stack.var / "demo.json").read_text())
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


class _HostPage(BaseHTTPRequestHandler):
    """`/host?url` frames an address, `/silent?url` does so without a `Referer`; `/copy?url` is that page
    again, without its headers.
    """

    def do_GET(self) -> None:
        asked = unquote(urlsplit(self.path).query)
        body = f'<!doctype html><title>Host</title><iframe name="framed" src="{escape(asked)}"></iframe>'
        if self.path.startswith("/copy"):
            body = httpx.get(asked, trust_env=False, timeout=30).text
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        if self.path.startswith("/silent"):
            self.send_header("Referrer-Policy", "no-referrer")
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *_: Any) -> None:
        """Nothing."""


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    """A server of other people's pages, under two names: a site's own and a stranger's."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _HostPage) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server.server_address[1]
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def thread(hostile_stack: LiveStack, demo: dict[str, Any], port: int) -> str:
    """The address of a thread on a site whose pages stand under the server's first name."""
    with Hostile(demo["url"], demo).person() as person:
        name = {"name": f"Framed {port}", "hosts": f"127.0.0.1:{port}", "languages": "en", "owner": ""}
        added = person.post("/admin/sites/add/", name, expected=200).text
    key = re.search(r"cm_pk_[\w-]+", added)
    assert key
    page = quote(f"http://127.0.0.1:{port}/host", safe="")
    return f"{demo['url']}/embed/{key[0]}/thread?url={page}"


def is_shown(page: Page, host: str, framed: str) -> bool:
    """Whether a page of `host` can show the address `framed` in a frame."""
    page.goto(f"{host}/host?{quote(framed, safe='')}")
    frame = page.frame("framed")
    if frame is None or frame.url.startswith("chrome-error:"):
        return False
    return bool(frame.evaluate("document.body.innerText").strip()) and frame.url == framed


def test_a_sites_own_pages_frame_its_threads_and_nobody_else(page: Page, thread: str, port: int) -> None:
    assert is_shown(page, f"http://127.0.0.1:{port}", thread)
    assert frame_of(page).locator("#comments").count() == 1
    # Other pages are told so, in a page that holds nothing of the thread.
    assert is_shown(page, f"http://localhost:{port}", thread)
    assert frame_of(page).locator("#comments, form, li").count() == 0
    assert f"localhost:{port}" in frame_of(page).locator("main").inner_text()


def test_a_page_that_does_not_tell_its_address_frames_nothing(page: Page, thread: str, port: int) -> None:
    silent = f"http://localhost:{port}/silent?{quote(thread, safe='')}"
    page.goto(silent)
    frame = page.frame("framed")  # the browser's own page may have lost the name
    assert frame is None or frame.url.startswith("chrome-error:")
    page.goto(silent.replace("localhost", "127.0.0.1"))
    expect(page.frame_locator("iframe").locator("#comments")).to_have_count(1)


def frame_of(page: Page) -> Frame:
    frame = page.frame("framed")
    assert frame is not None
    return frame


@pytest.mark.parametrize("path", [*OUR_PAGES, *OTHERS])
def test_no_other_page_is_framed_by_anybody(page: Page, demo: dict[str, Any], port: int, path: str) -> None:
    for name in ("127.0.0.1", "localhost"):
        assert not is_shown(page, f"http://{name}:{port}", f"{demo['url']}{path}"), name


@pytest.mark.parametrize("path", OUR_PAGES[:3])
def test_without_its_headers_it_would_be(page: Page, demo: dict[str, Any], port: int, path: str) -> None:
    """The control: it is the headers that keep a page out of the frame."""
    copy = f"http://127.0.0.1:{port}/copy?{quote(demo['url'] + path, safe='')}"
    assert is_shown(page, f"http://localhost:{port}", copy)
