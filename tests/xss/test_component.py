"""Hostile texts in the web component, on a page of another origin under a strict policy."""

import json
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
from playwright.sync_api import Browser, Dialog, Page, Route, expect

from tests.component.foreign import ForeignHost, serve_foreign
from tests.xss.hostile import Hostile
from tests.xss.vectors import VECTORS
from tests.xss.watching import TRIPWIRE

pytestmark = pytest.mark.browser

# All elements and attributes in the component that are not its own.
_LOOK = """() => {
  const { shadowRoot } = document.querySelector('comment-thread');
  const own = new Set(('section div p h2 h3 ol ul li article header span bdi a time button label'
    + ' select option form input textarea em strong code pre blockquote s br').split(' '));
  const acts = /^on|^src|^style$|^action|^formaction|^xlink|^ping$/;
  const isAvatars = ({ className }, name) => name === 'style' && className === 'avatar';
  const bad = element => !own.has(element.localName)
    || [...element.attributes].some(({ name }) => acts.test(name) && !isAvatars(element, name))
    || (element.href && !/^(https?)?:$/.test(element.protocol));  // only ":" where it is no address at all
  return [...shadowRoot.querySelectorAll('*')].filter(bad).map(element => element.outerHTML.slice(0, 160));
}"""
_KNOWN = "() => document.querySelector('comment-thread').items.size"


@pytest.fixture
def foreign(hostile: Hostile) -> Iterator[ForeignHost]:
    """A host that shows a thread of the demo."""
    with serve_foreign(hostile.url) as foreign:
        foreign.key = hostile.demo["site_key"]
        yield foreign


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A tab in which nothing of a vector may run, be asked for or be stopped by the policy."""
    caught: list[str] = []

    def refuse(dialog: Dialog) -> None:
        caught.append(dialog.message)
        dialog.dismiss()

    with browser.new_context() as context:
        context.add_init_script(TRIPWIRE)
        page = context.new_page()
        page.set_default_timeout(15_000)
        page.on("console", lambda said: caught.append(said.text) if "tripwire" in said.text else None)
        page.on("dialog", refuse)
        page.on("pageerror", lambda error: caught.append(str(error)))
        page.on("popup", lambda popup: caught.append(popup.url))
        page.on(
            "request", lambda request: caught.append(request.url) if "xss.example" in request.url else None
        )
        yield page
        page.wait_for_timeout(150)
    assert caught == []


def test_published_ones_are_text(page: Page, foreign: ForeignHost, hostile: Hostile) -> None:
    page.goto(foreign.write("/hostile", attributes=f'url="{hostile.url}{hostile.article}"'))
    expect(page.locator("comment-thread form")).to_be_visible()
    older = page.get_by_role("button", name="Show older comments")
    while older.count():
        known = page.evaluate(_KNOWN)
        older.click()
        page.wait_for_function(f"known => ({_KNOWN})() > known", arg=known)
    names = page.evaluate(
        "Object.fromEntries([...document.querySelector('comment-thread').items].map("
        "([id, { li }]) => [id, li.querySelector('.name').textContent]))"
    )
    assert len(hostile.published) >= 100
    for comment_id, vector in hostile.published.items():
        assert names[comment_id] == " ".join((vector.name or "A reader").split())
    assert page.evaluate(_LOOK) == []


def test_even_a_service_that_sanitised_nothing_could_run_nothing(page: Page, foreign: ForeignHost) -> None:
    comments: list[dict[str, Any]] = []
    for number, vector in enumerate(VECTORS):
        hostile = {"id": f"{number}", "at": 1, "hue": vector.text, "name": vector.text, "site": vector.text}
        comments.append(hostile | {"html": vector.text, "more": vector.text})
        comments.append(
            hostile | {"id": f"{number}-reply", "parent": f"{number}", "html": f"<p>{vector.text}</p>"}
        )
    thread = {
        "version": 1,
        "count": len(comments),
        "open": True,
        "email": True,
        "format": "plain",
        "title": "a",
    }
    data = {"v": 1, "thread": thread, "comments": comments, "token": "a", "older": VECTORS[0].text}

    def answer(route: Route) -> None:
        route.fulfill(body=json.dumps(data), headers={"Access-Control-Allow-Origin": "*"})

    page.route("**/thread.json*", answer)
    page.goto(foreign.write("/raw"))
    expect(page.locator("comment-thread form")).to_be_visible()
    assert page.locator("comment-thread li").count() == len(comments)
    assert page.evaluate(_LOOK) == []


def test_what_is_typed_stays_text(page: Page, foreign: ForeignHost, hostile: Hostile) -> None:
    """In the preview, in the draft, and in the reader's own comment while it is checked."""
    page.goto(foreign.write("/typed", attributes=f'url="{hostile.url}{hostile.quiet_article}"'))
    for at, vector in enumerate(VECTORS[::25]):
        page.unroute_all()
        page.route("**/api/v1/comments", partial(accept, f"own-{at}", f"{foreign.service}/none"))
        page.get_by_label("Comment *").fill(f"{vector.text} is what I say")
        page.get_by_label("Name *").fill(" ".join(vector.text.split())[:90] or "Ada")
        page.get_by_label("Email *").fill("ada@reader.example")
        page.get_by_role("button", name="Preview").click()
        expect(page.get_by_role("region", name="Preview")).to_be_visible()
        page.get_by_role("button", name="Post Comment").click()
        expect(page.locator(f"[id='comment-own-{at}']")).to_be_visible()
    assert page.evaluate(_LOOK) == []


def accept(comment_id: str, status_url: str, route: Route) -> None:
    """Answer like the service, which would soon find one reader too fast."""
    told = {"id": comment_id, "status": "awaiting_moderation", "status_url": status_url}
    open_to_all = {"Access-Control-Allow-Origin": "*", "Access-Control-Allow-Headers": "*"}
    route.fulfill(status=202, body=json.dumps(told), headers=open_to_all)
