"""The OpenAPI document and the page made from it."""

import html.parser
import json
import re
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from django.test import Client
from playwright.sync_api import Browser, Page

from moderation.api.documentation import load_schema
from moderation.api.guide import build_guide
from tests.stack import LiveStack

SNAPSHOT = Path(__file__).with_name("openapi.json")


def test_the_description_is_the_one_that_was_agreed_on() -> None:
    """After a wanted change: `python manage.py openapi > <the snapshot>`."""
    assert load_schema() == json.loads(SNAPSHOT.read_text())


def test_every_shape_is_used_and_none_is_missing() -> None:
    named = set(re.findall(r"#/components/schemas/(\w+)", json.dumps(load_schema())))
    assert named == set(load_schema()["components"]["schemas"])


def test_the_description_is_served_to_everybody() -> None:
    answer = Client().get("/api/schema/")
    assert (answer.status_code, answer.json()["openapi"]) == (200, "3.1.0")
    assert answer.headers["Access-Control-Allow-Origin"] == "*"


class _Tags(html.parser.HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


def test_the_page_shows_every_operation_without_a_script_and_from_here_only() -> None:
    response = Client().get("/api/docs/")
    assert response.status_code == 200
    assert "'unsafe" not in response.headers["Content-Security-Policy"]
    parser = _Tags()
    parser.feed(response.content.decode())
    ids = {attributes.get("id") for _, attributes in parser.tags}
    for operations in load_schema()["paths"].values():
        assert {operation["operationId"] for operation in operations.values()} <= ids
    links = [a.get("href") or "" for tag, a in parser.tags if tag in ("a", "link")]
    assert all(link.startswith(("#", "/", "data:")) for link in links)
    assert {link[1:] for link in links if link.startswith("#")} <= ids
    assert not [tag for tag, attributes in parser.tags if tag in ("script", "style") or "style" in attributes]


def test_the_examples_name_the_address_that_was_asked() -> None:
    guide = build_guide(load_schema(), base_url="https://comments.example")
    curls = [operation.curl for _, operations in guide.groups for operation in operations]
    assert all("https://comments.example/api/v1/" in curl for curl in curls)


def test_the_page_is_found_without_its_last_slash() -> None:
    assert Client().get("/api/docs").headers["Location"] == "/api/docs/"


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_browser_finds_nothing_to_complain_about(live_stack: LiveStack, browser_page: Page, scheme) -> None:
    said: list[str] = []
    browser_page.on("console", lambda message: said.append(message.text))
    browser_page.on("requestfailed", lambda request: said.append(request.url))
    browser_page.emulate_media(color_scheme=scheme)
    browser_page.set_viewport_size({"width": 320, "height": 700})
    browser_page.goto(f"{live_stack.url}/api/docs/")
    assert browser_page.get_by_role("heading", name="Submit a comment").is_visible()
    assert browser_page.evaluate("document.documentElement.scrollWidth") == 320
    assert said == []


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 320])
def test_everybody_can_read_the_page(live_stack: LiveStack, browser: Browser, scheme, width) -> None:
    # The rules come as a script, which the page's own policy rightly refuses.
    with browser.new_context(bypass_csp=True, color_scheme=scheme) as context:
        page = context.new_page()
        page.set_viewport_size({"width": width, "height": 800})
        page.goto(f"{live_stack.url}/api/docs/")
        results = Axe().run(page)
        assert results.violations_count == 0, results.generate_report()
