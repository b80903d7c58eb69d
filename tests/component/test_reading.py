"""What a reader sees of a thread, and what it costs."""

import re
from uuid import uuid4

import pytest
from playwright.sync_api import Browser, Page, Request, expect

from tests.component.conftest import Server
from tests.component.foreign import ForeignHost
from tests.stack import LiveStack

pytestmark = pytest.mark.browser

# The sum of all shifts that the reader did not cause, as browsers tell it.
_SHIFTS = """() => new Promise(tell => {
  let sum = 0;
  const add = each => { if (!each.hadRecentInput) sum += each.value; };
  const observer = new PerformanceObserver(list => list.getEntries().forEach(add));
  observer.observe({ type: 'layout-shift', buffered: true });
  requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(() => tell(sum), 100)));
})"""
MOST_SHIFT = 0.02


def ready(page: Page, url: str) -> None:
    """Open the page and wait for its comments."""
    page.goto(url)
    expect(page.get_by_role("heading", name=re.compile(r"\d comments?$"))).to_be_visible()


def test_two_requests_bring_thread_and_form(page: Page, live_stack: LiveStack, article: str, server: Server):
    server.publish(article, "The first remark of many.")
    asked: list[Request] = []
    page.on(
        "request", lambda request: asked.append(request) if request.url.startswith(live_stack.url) else None
    )
    ready(page, article)
    expect(page.get_by_label("Comment *")).to_be_visible()
    assert [request.url.partition("?")[0].rpartition("/")[2] for request in asked] == [
        "embed.js",
        "thread.json",
    ]
    assert asked[0].sizes()["responseBodySize"] <= 8 * 1024


@pytest.mark.parametrize(("length", "attributes"), [(8, ""), (1, 'class="tall"')], ids=["long", "short"])
def test_nothing_on_the_page_moves(
    page: Page, foreign: ForeignHost, server: Server, length: int, attributes: str
):
    """Where an article is shorter than the window, the site's style keeps room for the thread."""
    url = foreign.write(f"/{uuid4().hex[:8]}", length=length, attributes=attributes)
    for _ in range(3):
        server.publish(url)
    ready(page, url)
    assert page.evaluate(_SHIFTS) <= MOST_SHIFT


@pytest.fixture(scope="module")
def tree(foreign: ForeignHost, server: Server) -> tuple[str, list[str]]:
    """A conversation five deep, and the ids of its comments from the outside in."""
    url = foreign.write(f"/{uuid4().hex[:8]}")
    ids: list[str] = []
    for name in ("Emre", "Ada", "محمد", "Jo", "李"):
        ids.append(server.publish(url, name=name, parent=ids[-1] if ids else None))
    return url, ids


def test_replies_are_indented_twice_and_then_flattened(page: Page, tree: tuple[str, list[str]]):
    url, ids = tree
    ready(page, url)
    depth = "element => { let n = 0; for (; element = element.parentElement?.closest('li'); n++); return n; }"
    depths = [page.locator(f"#comment-{each}").evaluate(depth) for each in ids]
    assert depths == [0, 1, 2, 2, 2]
    expect(page.locator(f"#comment-{ids[3]} .meta")).to_contain_text("in reply to")
    page.locator(f"#comment-{ids[3]}").get_by_role("link", name="in reply to").click()
    expect(page.locator(f"#comment-{ids[2]}")).to_be_focused()


def test_a_branch_is_hidden_and_shown(page: Page, tree: tuple[str, list[str]]):
    url, ids = tree
    ready(page, url)
    toggle = page.get_by_role("button", name="Hide 4 replies")
    expect(toggle).to_have_attribute("aria-expanded", "true")
    toggle.click()
    expect(page.locator(f"#comment-{ids[1]}")).to_be_hidden()
    page.get_by_role("button", name="Show 4 replies").click()
    expect(page.locator(f"#comment-{ids[1]}")).to_be_visible()


def test_times_are_relative_with_the_date_at_hand(page: Page, tree: tuple[str, list[str]]):
    url, ids = tree
    page.clock.install()
    ready(page, url)
    time = page.locator(f"#comment-{ids[0]} time").first
    assert re.search(r"\b20\d\d\b", time.get_attribute("title") or "")
    page.clock.fast_forward("02:00:00")
    expect(time).to_have_text("2 hours ago")


@pytest.fixture(scope="module")
def long_thread(foreign: ForeignHost, server: Server) -> tuple[str, list[str]]:
    """More comments than fit on one page, the oldest first."""
    url = foreign.write(f"/{uuid4().hex[:8]}")
    ids = [server.post(url, name=f"Reader {number}") for number in range(56)]
    for each in ids:
        server.await_screening(each)
        if server.status(each) != "published":
            server.decide(each, "approve", "fine")
    return url, ids


def names(page: Page) -> list[str]:
    return page.locator(".list > li .name").all_inner_texts()


def test_the_latest_come_first_and_older_ones_on_demand(page: Page, long_thread: tuple[str, list[str]]):
    url, ids = long_thread
    ready(page, url)
    assert names(page) == [f"Reader {number}" for number in range(6, 56)]
    page.get_by_role("button", name="Show older comments").click()
    expect(page.locator(f"#comment-{ids[0]}")).to_be_focused()
    assert names(page) == [f"Reader {number}" for number in range(56)]
    expect(page.get_by_role("button", name="Show older comments")).to_have_count(0)


def test_another_order_is_chosen(page: Page, long_thread: tuple[str, list[str]]):
    url, ids = long_thread
    ready(page, url)
    page.get_by_label("Sort").select_option("Newest first")
    expect(page.locator(".list > li .name").first).to_have_text("Reader 55")
    assert (
        page.locator(".respond").evaluate("form => form.nextElementSibling?.nextElementSibling?.className")
        == "list"
    )
    page.get_by_role("button", name="Show older comments").click()
    expect(page.locator(f"#comment-{ids[5]}")).to_be_focused()
    assert names(page)[-1] == "Reader 0"
    page.get_by_label("Sort").select_option("Oldest first")
    expect(page.locator(".list > li .name").first).to_have_text("Reader 0")


def test_an_address_leads_to_a_comment_on_another_page(page: Page, long_thread: tuple[str, list[str]]):
    url, ids = long_thread
    page.goto(f"{url}#comment-{ids[1]}")
    expect(page.locator(f"#comment-{ids[1]}")).to_be_focused()
    expect(page.locator(f"#comment-{ids[1]}")).to_be_in_viewport()
    page.evaluate(f"location.hash = 'comment-{ids[55]}'")
    expect(page.locator(f"#comment-{ids[55]}")).to_be_focused()


def test_new_comments_are_offered_and_removed_ones_go(page: Page, article: str, server: Server):
    first = server.publish(article, "Soon gone, alas.")
    page.clock.install()
    ready(page, article)
    page.clock.fast_forward("00:15")
    added = server.publish(article, name="Newcomer")
    server.decide(first, "delete", "off_topic")
    page.wait_for_timeout(1100)  # copies in the service's memory may be a second old
    page.clock.fast_forward("00:31")
    button = page.get_by_role("button", name="1 new comment")
    expect(button).to_be_visible()
    assert names(page) == ["Ada"]
    button.click()
    expect(page.locator(f"#comment-{added}")).to_be_focused()
    expect(button).to_be_hidden()


def test_counts_of_a_list_are_one_request(page: Page, foreign: ForeignHost, server: Server):
    talked, silent = foreign.write(f"/{uuid4().hex[:8]}"), foreign.write(f"/{uuid4().hex[:8]}")
    server.publish(talked)
    spans = (
        f'<a data-comments-count href="{talked}"></a> <span data-comments-count="{silent}">-</span>'
        f' <b data-comments-count="{talked}#comments"></b>'
    )
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "counts.json" in request.url else None)
    page.goto(foreign.write(f"/{uuid4().hex[:8]}", before=f'<p id="counts">{spans}</p>'))
    expect(page.locator("#counts")).to_have_text("1 0 1")
    assert len(asked) == 1


def test_a_page_of_nobody_we_know_is_told_so(page: Page, foreign: ForeignHost):
    page.goto(foreign.write(f"/{uuid4().hex[:8]}", attributes='url="https://elsewhere.example/"'))
    expect(page.get_by_role("status")).to_contain_text("This page is not one of Evening")


def test_without_scripts_the_same_thread_stands_in_a_frame(
    browser: Browser, foreign: ForeignHost, server: Server, live_stack: LiveStack
):
    path = f"/{uuid4().hex[:8]}"
    url = foreign.write(path)
    server.publish(url, name="Ada in a frame")
    source = f"{live_stack.url}/embed/{foreign.key}/thread"
    frame = f'<iframe src="{source}" referrerpolicy="no-referrer-when-downgrade"></iframe>'
    foreign.pages[path] = foreign.pages[path].replace(
        "></comment-thread>", f"><noscript>{frame}</noscript></comment-thread>"
    )
    with browser.new_context(java_script_enabled=False, bypass_csp=True) as context:
        page = context.new_page()
        page.goto(url)
        expect(page.frame_locator("iframe").get_by_text("Ada in a frame", exact=True)).to_be_visible()
