"""The component for everybody: seen dark, small, from right to left, by keyboard and by a screen reader."""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Browser, Page, expect

from tests.component.conftest import Server, remark
from tests.component.foreign import ForeignHost
from tests.component.test_reading import ready
from tests.component.test_writing import fill, post, post_held

pytestmark = pytest.mark.browser

LOOKS: dict[str, dict[str, Any]] = {
    "light": {},
    "dark": {"root": 'lang="en" class="dark"'},
    "phone": {"width": 320},
    "themed": {"attributes": 'theme="dark"'},
    "right to left": {"root": 'lang="ar" dir="rtl"', "width": 390},
}
_OVERFLOWS = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
_ACTIVE = """() => {
  const { activeElement } = document.querySelector('comment-thread').shadowRoot;
  const { id, ariaLabel, textContent } = activeElement || {};
  return ariaLabel || id || textContent;
}"""


@pytest.fixture(params=LOOKS)
def look(request: pytest.FixtureRequest, browser: Browser) -> Iterator[tuple[Page, dict[str, Any]]]:
    chosen = dict(LOOKS[request.param])
    with browser.new_context(viewport={"width": chosen.pop("width", 1000), "height": 800}) as context:
        page = context.new_page()
        page.set_default_timeout(10_000)
        yield page, chosen


@pytest.mark.parametrize("which", ["thread", "reply", "errors", "held", "preview"])
def test_axe_finds_nothing_and_nothing_overflows(
    look: tuple[Page, dict[str, Any]], foreign: ForeignHost, server: Server, which: str
):
    page, chosen = look
    url = foreign.write(f"/{uuid4().hex[:8]}", **chosen)
    if which in ("thread", "reply"):
        first = server.publish(url, f"> Quoted\n\nAnd `said`: {remark()}", name="Ada Whitfield-Marsh")
        server.publish(url, name="محمد العربي", parent=first)
    page.goto(url)
    page.locator("comment-thread form").wait_for()
    show(page, which)
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    assert not page.evaluate(_OVERFLOWS)


def show(page: Page, which: str) -> None:
    if which == "reply":
        page.locator("comment-thread .actions button").first.click()
        expect(page.locator("#body")).to_be_focused()
    if which == "errors":
        page.locator("#website").fill("no site")
        page.locator("button.main").click()
        expect(page.get_by_role("alert")).to_be_visible()
    if which == "preview":
        page.locator("#body").fill("A **bold** word and a [link](https://reader.example).")
        page.locator(".buttons .quiet").click()
        expect(page.locator(".preview strong")).to_be_visible()
    if which == "held":
        page.route("**/api/v1/comments/*", lambda route: route.abort())  # nobody decides meanwhile
        page.locator("#body").fill(remark())
        page.locator("#name").fill("Robin")
        page.locator("#email").fill(f"{uuid4().hex[:8]}@reader.example")
        page.locator("button.main").click()
        expect(page.locator("li.own")).to_be_visible()


def test_targets_are_large_on_touch(browser: Browser, foreign: ForeignHost, server: Server):
    url = foreign.write(f"/{uuid4().hex[:8]}")
    first = server.publish(url)
    server.publish(url, parent=first)
    with browser.new_context(
        viewport={"width": 390, "height": 800}, has_touch=True, is_mobile=True
    ) as context:
        page = context.new_page()
        ready(page, url)
        for target in page.locator(
            "comment-thread :is(button, select, input, textarea, .keep):visible"
        ).all():
            box = target.bounding_box()
            assert box
            if target.get_attribute("type") != "checkbox" and target.get_attribute("tabindex") != "-1":
                assert box["height"] >= 44, target.evaluate("element => element.outerHTML")


def test_a_thread_is_read_and_answered_by_keyboard_alone(page: Page, article: str, server: Server):
    first = server.publish(article, name="Emre Solano")
    ready(page, article)
    seen: list[str] = []
    for _ in range(4):
        page.keyboard.press("Tab")
        seen.append(page.evaluate(_ACTIVE))
    assert "Reply to Emre Solano" in seen
    page.locator(f"#comment-{first}").get_by_role("button", name="Reply to").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_label("Comment *")).to_be_focused()
    page.keyboard.type(remark())
    for name in ("name", "email", "website"):
        page.keyboard.press("Tab")
        assert page.evaluate(_ACTIVE) == name
        page.keyboard.type({"name": "Robin", "email": f"{uuid4().hex[:8]}@reader.example"}.get(name, ""))
    page.keyboard.press("Enter")
    expect(page.locator(f"#comment-{first} li")).to_be_focused()


def test_it_follows_the_direction_of_the_page_and_of_each_text(
    page: Page, foreign: ForeignHost, server: Server
):
    url = foreign.write(f"/{uuid4().hex[:8]}", root='lang="ar" dir="rtl"')
    arabic = server.publish(url, "كنت هناك هذا الصباح، وكان الميناء جميلا.", name="محمد العربي")
    page.goto(url)
    text = page.locator(f"#comment-{arabic} .text")
    assert text.evaluate("element => getComputedStyle(element).direction") == "rtl"
    label = page.locator("#title").evaluate("element => getComputedStyle(element).direction")
    texts = page.evaluate("document.querySelector('comment-thread').locale")
    assert label == ("rtl" if texts == "ar" else "ltr")


@pytest.mark.parametrize(
    ("code", "title"),
    [("pt_BR", "Deixe um comentário"), ("he-IL", "כתיבת תגובה"), ("no code", "Leave a Reply")],
)
def test_it_speaks_the_language_of_the_page(page: Page, foreign: ForeignHost, code: str, title: str):
    page.goto(foreign.write(f"/{uuid4().hex[:8]}", root=f'lang="{code}"'))
    expect(page.locator("#title")).to_have_text(title)


def test_what_happens_is_said_to_those_who_do_not_see_it(page: Page, article: str):
    ready(page, article)
    post_held(page)
    expect(page.get_by_role("status")).to_have_text("Awaiting moderation: only you can see this")
    fill(page, "")
    post(page)
    expect(page.get_by_role("alert")).to_contain_text("Some fields need your attention.")
