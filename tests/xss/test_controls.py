"""The search itself: what is rendered raw on a real page is found, by every means there is."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Error, Page, Route

from tests.xss.hostile import Hostile
from tests.xss.vectors import VECTORS
from tests.xss.watching import Watch

pytestmark = pytest.mark.browser

RAW = '<img src=x onerror=__x()><script>__x()</script><a href="javascript:__x()">a</a>'
# Of all vectors, those that a page without any escaping would bring to life by themselves.
LEAST_ALIVE = 60


@pytest.fixture
def careless(browser: Browser, hostile: Hostile) -> Iterator[Watch]:
    """A tab whose catch is looked at by the test."""
    with browser.new_context() as context:
        yield Watch(context, hostile.url)


def serve_raw(watch: Watch, text: str, *, keep_policy: bool) -> None:
    """Let the quiet article hold `text` unescaped, with the policy that the service sends or without one."""

    def answer(route: Route) -> None:
        real = route.fetch()
        headers = {name: value for name, value in real.headers.items() if name != "content-encoding"}
        if not keep_policy:
            headers.pop("content-security-policy")
        body = real.text().replace('<section class="comments"', f'{text}<section class="comments"')
        route.fulfill(status=real.status, headers=headers, body=body)

    watch.page.route("**/articles/*/", answer)


def go_on(page: Page, url: str) -> None:
    """Open `url`, even where what the vector before began to load ends only now and interrupts us."""
    try:
        page.goto(url, wait_until="commit")
    except Error as error:
        if "interrupted by another navigation" not in error.message:
            raise
        page.goto(url, wait_until="commit")


def test_the_policy_would_stop_a_raw_vector_and_we_would_hear_of_it(
    careless: Watch, hostile: Hostile
) -> None:
    serve_raw(careless, RAW, keep_policy=True)
    careless.visit(hostile.quiet_article)
    careless.settle()
    caught = "\n".join(careless.caught)
    assert "tripwire: the policy stopped script-src" in caught
    assert "tripwire: a vector ran" not in caught
    for found in ("script: <script>", "onerror: <img", 'scheme: <a href="javascript:', "request for "):
        assert found in caught, found


def test_without_the_policy_it_would_run_and_we_would_hear_of_it(careless: Watch, hostile: Hostile) -> None:
    serve_raw(careless, RAW, keep_policy=False)
    careless.visit(hostile.quiet_article)
    careless.settle()
    assert "tripwire: a vector ran" in "\n".join(careless.caught)


def test_a_dialog_is_noticed(careless: Watch, hostile: Hostile) -> None:
    serve_raw(careless, "<script>alert(1)</script>", keep_policy=False)
    with careless.page.expect_event("dialog"):
        careless.page.goto(f"{hostile.url}{hostile.quiet_article}", wait_until="commit")
    assert "dialog: 1" in careless.caught


def test_most_vectors_live_when_nothing_escapes_them(careless: Watch, hostile: Hostile) -> None:
    """A list of texts that could do nothing anywhere would prove nothing."""
    current = {"text": ""}
    careless.page.route("**/raw", lambda route: route.fulfill(body=current["text"], content_type="text/html"))
    alive = 0
    for vector in VECTORS:
        current["text"] = f"<!doctype html><meta charset=utf-8><title>raw</title><body><p>{vector.text}</p>"
        careless.caught.clear()
        go_on(careless.page, f"{hostile.url}/raw")
        careless.page.wait_for_timeout(20)
        alive += any("a vector ran" in caught for caught in careless.caught)
    print(f"{alive} of {len(VECTORS)} vectors run by themselves when rendered raw.")
    assert alive >= LEAST_ALIVE
