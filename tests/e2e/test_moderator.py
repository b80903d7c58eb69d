"""A moderator's way through the running service, in a real browser, with and without scripts."""

import json
from collections.abc import Iterator
from random import sample
from typing import Any
from urllib.request import Request, urlopen
from uuid import uuid4

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Browser, Locator, Page, expect

from tests.stack import LiveStack

pytestmark = pytest.mark.browser

WORDS = [
    "harbour",
    "velvet",
    "copper",
    "meadow",
    "lattice",
    "thimble",
    "orchard",
    "saddle",
    "walnut",
    "pepper",
    "ribbon",
    "anchor",
]
LOOKS: dict[str, dict[str, Any]] = {
    "light": {},
    "dark": {"color_scheme": "dark"},
    "phone": {"viewport": {"width": 320, "height": 640}},
}


@pytest.fixture(scope="module")
def demo(live_stack: LiveStack) -> dict[str, Any]:
    live_stack.manage("demo", "--json")
    made: dict[str, Any] = json.loads((live_stack.var / "demo.json").read_text())
    return made


@pytest.fixture(params=["script", "no script"])
def page(request: pytest.FixtureRequest, browser: Browser, demo: dict[str, Any]) -> Iterator[Page]:
    with browser.new_context(java_script_enabled=request.param == "script") as context:
        page = context.new_page()
        page.set_default_timeout(10_000)
        log_in(page, demo)
        yield page


def log_in(page: Page, demo: dict[str, Any], who: str = "moderator") -> None:
    page.goto(f"{demo['url']}/admin/queue/")
    page.get_by_label("Username").fill(demo[who]["username"])
    page.get_by_label("Password").fill(demo[who]["password"])
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Queue")


def submit(demo: dict[str, Any], text: str, name: str) -> None:
    """A reader's comment, by the site's own server."""
    body = {"thread": {"url": demo["thread"]}, "name": name, "body": text}
    body["email"] = f"{uuid4().hex[:10]}@reader.example"
    request = Request(
        f"{demo['url']}/api/v1/comments",
        data=json.dumps(body).encode(),
        headers={"Authorization": f"Bearer {demo['api_key']}", "Content-Type": "application/json"},
    )
    with urlopen(request, timeout=10) as answer:
        assert answer.status == 202


def hold(demo: dict[str, Any], *, link: str = "first") -> tuple[str, str]:
    """A comment that is held as a first one with a link; returns its text and its author's name."""
    name = f"Robin {uuid4().hex[:8]}"
    text = f"We painted a {', a '.join(sample(WORDS, 7))}: https://{uuid4().hex[:8]}.example/{link}"
    submit(demo, text, name)
    return text, name


def card_of(page: Page, demo: dict[str, Any], name: str) -> Locator:
    """The card of a comment by `name`, on whichever page of the queue it stands."""
    for _ in range(100):
        page.goto(f"{demo['url']}/admin/queue/")
        while True:
            card = page.get_by_role("article").filter(has_text=name)
            if card.count():
                return card
            further = page.get_by_role("link", name="Next page")
            if not further.count():
                break
            further.click()
            page.wait_for_load_state()
        page.wait_for_timeout(100)
    raise AssertionError(f"{name} is not in the queue")


def expect_readers(page: Page, demo: dict[str, Any], text: str, *, see_it: bool) -> None:
    """Readers are shown a change within moments: their pages come from memory."""
    with page.context.browser.new_context() as context:  # type: ignore[union-attr]
        reader = context.new_page()
        for _ in range(20):
            reader.goto(demo["thread"])
            if (text.partition(":")[0] in str(reader.text_content("body"))) == see_it:
                return
            reader.wait_for_timeout(100)
    raise AssertionError(f"Readers {'do not see' if see_it else 'still see'} it.")


def test_a_held_comment_is_approved_with_its_reasons_in_view_and_taken_back(
    page: Page, demo: dict[str, Any]
) -> None:
    text, name = hold(demo)
    card = card_of(page, demo, name)
    expect(card).to_contain_text("Why it was held")
    expect(card).to_contain_text("from an author without a record")
    expect(card.locator("mark").first).to_contain_text("https://")
    assert "@reader.example" in str(card.text_content())
    expect_readers(page, demo, text, see_it=False)
    card.get_by_role("button", name="Approve").click()
    bar = page.get_by_role("status")
    expect(bar).to_contain_text("1 comment approved (Fine as it is).")
    expect(bar).to_be_focused()
    expect(page.get_by_role("article").filter(has_text=name)).to_have_count(0)
    expect_readers(page, demo, text, see_it=True)
    bar.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("status")).to_contain_text("back where it was")
    expect(card_of(page, demo, name)).to_be_visible()
    expect_readers(page, demo, text, see_it=False)


def test_several_are_marked_as_spam_at_once_and_taken_back(page: Page, demo: dict[str, Any]) -> None:
    names = [hold(demo)[1] for _ in range(3)]
    for name in names:
        card_of(page, demo, name)
    picked = [name for name in names if page.get_by_role("article").filter(has_text=name).count()]
    for name in picked:
        page.get_by_label(f"Select the comment by {name}").check()
    page.get_by_role("form", name="All selected comments").get_by_role("button", name="Spam").click()
    many = "1 comment" if len(picked) == 1 else f"{len(picked)} comments"
    expect(page.get_by_role("status")).to_contain_text(f"{many} marked as spam")
    page.get_by_role("link", name="Spam", exact=True).click()
    for name in picked:
        expect(page.get_by_role("article").filter(has_text=name)).to_be_visible()
    page.get_by_role("status").get_by_role("button", name="Undo").click()
    expect(page.get_by_role("status")).to_contain_text("back where")
    for name in picked:
        expect(page.get_by_role("article").filter(has_text=name)).to_have_count(0)


def test_a_decision_on_what_a_colleague_changed_is_refused_and_keeps_the_note(
    page: Page, browser: Browser, demo: dict[str, Any]
) -> None:
    _, name = hold(demo)
    card = card_of(page, demo, name)
    with browser.new_context() as context:
        colleague = context.new_page()
        log_in(colleague, demo, "admin")
        card_of(colleague, demo, name).get_by_role("button", name="Spam").click()
        expect(colleague.get_by_role("status")).to_contain_text("marked as spam")
    card.get_by_text("Choose another reason or add a note").click()
    card.get_by_label("Note for the record").fill("I know this writer.")
    card.get_by_role("button", name="Approve").click()
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("Somebody else changed this comment")
    expect(alert).to_contain_text("marked as spam by admin")
    expect(page.get_by_label("Note for the record")).to_have_value("I know this writer.")
    page.get_by_role("button", name="Approve").click()
    expect(page.get_by_role("status")).to_contain_text("1 comment approved")


def test_another_reason_and_a_note_without_leaving_the_card(page: Page, demo: dict[str, Any]) -> None:
    _, name = hold(demo)
    card = card_of(page, demo, name)
    card.get_by_text("Choose another reason or add a note").click()
    card.get_by_label("Reason").select_option("Somebody's private details")
    card.get_by_label("Note for the record").fill("Tells where somebody lives.")
    card.get_by_role("button", name="Reject").click()
    expect(page.get_by_role("status")).to_contain_text("rejected (Somebody's private details)")
    page.get_by_role("link", name="Show it").click()
    expect(page.locator(".pasts li").first).to_contain_text("Tells where somebody lives.")
    page.get_by_role("button", name="Undo this").click()
    expect(page.get_by_role("status")).to_contain_text("Undone")


def test_a_name_or_text_is_never_markup(page: Page, demo: dict[str, Any]) -> None:
    mark = uuid4().hex[:8]
    text = f"<img src=x onerror=alert(1)> {', '.join(sample(WORDS, 6))} https://{mark}.example/<b>x</b>"
    submit(demo, text, f"<b>{mark}</b>")
    card = card_of(page, demo, f"<b>{mark}</b>")
    expect(card.locator("img, b")).to_have_count(0)
    expect(card).to_contain_text("<img src=x onerror=alert(1)>")


def test_the_desk_breaks_no_rule_of_the_content_policy(browser_page: Page, demo: dict[str, Any]) -> None:
    complaints: list[str] = []
    browser_page.on(
        "console", lambda message: complaints.append(message.text) if "Policy" in message.text else None
    )
    log_in(browser_page, demo)
    for query in ("", "?tab=published", "?tab=spam"):
        browser_page.goto(f"{demo['url']}/admin/queue/{query}")
    browser_page.get_by_role("link", name="details of the comment").first.click()
    assert complaints == []


@pytest.mark.parametrize("look", LOOKS)
def test_axe_finds_nothing_and_nothing_overflows(
    browser: Browser, demo: dict[str, Any], live_stack: LiveStack, look: str
) -> None:
    # With a second site comes the choice between sites, as wide as their names.
    live_stack.manage("add_site", f"A publication with a long name, {look}", "--host", f"{look}.example")
    with browser.new_context(**LOOKS[look]) as context:
        page = context.new_page()
        page.set_default_timeout(10_000)
        log_in(page, demo, "admin")
        assert_legible(page)
        for query in ("?tab=published", "?tab=spam", ""):
            page.goto(f"{demo['url']}/admin/queue/{query}")
            assert_legible(page)
        page.get_by_role("link", name="details of the comment").first.click()
        assert_legible(page)


def assert_legible(page: Page) -> None:
    page.wait_for_load_state()
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
