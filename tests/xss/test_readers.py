"""What readers see of hostile texts: the page, the frame, the form that comes back, their own comment."""

from urllib.parse import quote

import pytest
from playwright.sync_api import Page

from moderation.embed.frame import clean_title
from tests.xss.hostile import Hostile
from tests.xss.vectors import VECTORS
from tests.xss.watching import Watch

pytestmark = pytest.mark.browser

# What the form's fields would not take (`maxlength`, an address's shape) is typed all the same.
_TYPE = """text => {
  for (const name of ['comment', 'author', 'email', 'url']) {
    const field = document.getElementById(name);
    field.removeAttribute('maxlength');
    field.setAttribute('type', 'text');
    field.value = text;
  }
  HTMLFormElement.prototype.submit.call(document.getElementById('commentform'));
}"""
_VALUES = """() => [document.getElementById('comment').value,
  ...['author', 'email', 'url'].map(name => document.getElementById(name).getAttribute('value'))]"""
_NAMES = """() => [...document.querySelectorAll('li.comment')]
  .map(row => [row.id, row.querySelector('.comment-name').textContent])"""
# A page for each of them shows fifty comments besides: every eighth will do for one more place of a name.
_SOME = 8


def test_published_ones_are_text_in_the_article(watch: Watch, hostile: Hostile) -> None:
    shown = walk_thread(watch, hostile.article)
    assert hostile.published.keys() <= shown.keys()
    for comment_id, vector in hostile.published.items():
        assert shown[comment_id] == (vector.name or "A reader")


def test_published_ones_are_text_in_a_frame(watch: Watch, hostile: Hostile) -> None:
    page = f"{hostile.url}{hostile.article}"
    shown = walk_thread(watch, f"/embed/{hostile.demo['site_key']}/thread?url={quote(page, safe='')}")
    assert hostile.published.keys() <= shown.keys()


@pytest.mark.parametrize("what", ["page", "fragment"])
def test_published_ones_are_text_on_a_page_of_its_own_and_in_a_fragment(
    watch: Watch, hostile: Hostile, what: str
) -> None:
    url = quote(f"{hostile.url}{hostile.article}", safe="")
    shown = walk_thread(watch, f"/embed/{hostile.demo['site_key']}/{what}?url={url}")
    assert hostile.published.keys() <= shown.keys()
    for comment_id, vector in hostile.published.items():
        assert shown[comment_id] == (vector.name or "A reader")


def walk_thread(watch: Watch, path: str) -> dict[str, str]:
    """The names on all pages of a thread, by the comment's id."""
    shown: dict[str, str] = {}
    watch.visit(path)
    while True:
        for row, name in watch.page.evaluate(_NAMES):
            shown[row.removeprefix("comment-")] = name
        older = watch.page.get_by_role("link", name="Older comments")
        if not older.count():
            return shown
        older.click()
        watch.page.wait_for_load_state()
        watch.inspect()


def test_a_real_page_may_frame_them(watch: Watch, hostile: Hostile) -> None:
    source = f"/embed/{hostile.demo['site_key']}/thread?url={quote(hostile.url + hostile.article, safe='')}"
    html = f'<!doctype html><title>Host</title><iframe id="framed" name="framed" src="{source}"></iframe>'
    watch.page.route("**/host", lambda route: route.fulfill(body=html, content_type="text/html"))
    watch.visit("/host")
    frame = watch.page.frame("framed")
    assert frame is not None
    assert frame.locator("li.comment").count() > 20
    watch.inspect()


def test_the_form_that_comes_back_holds_what_was_typed(watch: Watch, hostile: Hostile) -> None:
    for vector in VECTORS:
        watch.visit(hostile.quiet_article, inspect=False)
        with watch.page.expect_navigation():
            watch.page.evaluate(_TYPE, vector.text)
        watch.inspect()
        assert_kept(watch.page, vector.text)


def assert_kept(page: Page, text: str) -> None:
    """All four fields hold the text; NUL is what no browser sends on."""
    lines = text.replace("\r\n", "\n")
    comment, *fields = page.evaluate(_VALUES)
    assert page.locator("#form-problem").count() == 1, page.url
    assert comment.replace("\ufffd", "\x00") == lines.replace("\ufffd", "\x00")
    one_line = lines.replace("\n", "")
    assert {field.replace("\ufffd", "\x00") for field in fields} == {one_line}


def test_a_reply_names_whom_it_answers(watch: Watch, hostile: Hostile) -> None:
    for comment_id, vector in list(hostile.published.items())[::_SOME]:
        watch.visit(f"{hostile.article}?replyto={comment_id}&after={comment_id}")
        if vector.name:
            assert vector.name in (watch.page.locator("#reply-title").text_content() or "")


def test_a_frames_title_and_theme_are_text(watch: Watch, hostile: Hostile) -> None:
    page = quote(f"{hostile.url}/never-commented", safe="")
    for vector in VECTORS:
        typed = quote(vector.text, safe="")
        watch.visit(f"/embed/{hostile.demo['site_key']}/thread?url={page}&title={typed}&theme={typed}")
        named = clean_title(vector.text) or f"{hostile.url}/never-commented"
        assert watch.page.locator("h1").text_content() == f"Comments on {named}"
