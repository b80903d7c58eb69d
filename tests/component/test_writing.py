"""A reader's comment from the first word to its place in the thread, with all that can go wrong."""

import json
import re
from typing import Any
from uuid import uuid4

import pytest
from playwright.sync_api import BrowserContext, Page, Request, Route, expect

from moderation.domain import fields
from moderation.domain.errors import InvalidFields
from tests.component.conftest import Server, remark, text_with_link
from tests.component.foreign import ForeignHost
from tests.component.test_reading import ready

pytestmark = pytest.mark.browser
KEPT = "() => JSON.stringify(localStorage)"


def fill(page: Page, text: str, *, name: str = "Robin Reader", email: str = "") -> str:
    """Type a comment; the address."""
    email = email or f"robin-{uuid4().hex[:8]}@reader.example"
    page.get_by_label("Comment *").fill(text)
    page.get_by_label("Name *").fill(name)
    page.get_by_label("Email *").fill(email)
    return email


def post(page: Page) -> None:
    page.get_by_role("button", name="Post Comment").click()


def post_held(page: Page) -> tuple[str, str]:
    """Post what waits for a person; its id and its text."""
    text = text_with_link()
    page.wait_for_timeout(3000)  # a link within a second of the form would be a robot's
    fill(page, text)
    with page.expect_response(lambda response: response.request.method == "POST") as sent:
        post(page)
    return str(sent.value.json()["id"]), text


def test_a_comment_is_published_without_reload(page: Page, article: str, server: Server):
    heard: list[str] = []
    page.expose_function("hear", lambda name: heard.append(name))  # noqa: PLW0108 - it is given attributes
    page.add_init_script(
        "for (const name of ['comments-ready', 'comment-accepted', 'comment-published'])"
        " addEventListener(name, event => hear(`${name} ${event.target.localName}`));"
    )
    ready(page, article)
    page.wait_for_timeout(3000)  # within a second of the form it would be a robot's
    fill(page, "So *well* said. I was there with my sister, and we stayed until the lamps were lit.")
    post(page)
    own = page.get_by_role("article", name="Robin Reader")
    expect(own).to_contain_text("So well said")
    expect(own.get_by_role("button", name="Reply to")).to_be_visible()
    expect(own.locator("em")).to_have_text("well")
    expect(page.get_by_role("heading", name="1 comment")).to_be_visible()
    expect(page.get_by_role("status")).to_have_text("Your comment is published.")
    expect(page.get_by_label("Comment *")).to_have_value("")
    assert "So *well*" not in page.evaluate(KEPT)
    assert heard == [
        f"{name} comment-thread" for name in ("comments-ready", "comment-accepted", "comment-published")
    ]


def test_a_reply_stands_under_what_it_answers(page: Page, article: str, server: Server):
    first = server.publish(article, name="Emre Solano")
    server.publish(article, name="Somebody Else")
    ready(page, article)
    page.get_by_role("button", name="Reply to Emre Solano").click()
    expect(page.get_by_role("heading", name="Leave a Reply to Emre Solano")).to_be_visible()
    expect(page.get_by_label("Comment *")).to_be_focused()
    assert page.locator(".respond").evaluate("form => form.closest('li').id") == f"comment-{first}"
    fill(page, remark())
    post(page)
    reply = page.locator(f"#comment-{first} li")
    expect(reply).to_contain_text("Robin Reader")
    expect(reply).to_be_focused()
    expect(page.get_by_role("heading", name="Leave a Reply", exact=True)).to_be_visible()


def test_a_cancelled_reply_keeps_its_text(page: Page, article: str, server: Server):
    server.publish(article, name="Emre Solano")
    ready(page, article)
    page.get_by_role("button", name="Reply to Emre Solano").click()
    page.get_by_label("Comment *").fill("Worth keeping.")
    page.get_by_role("button", name="Cancel reply").click()
    expect(page.get_by_role("button", name="Reply to Emre Solano")).to_be_focused()
    expect(page.get_by_label("Comment *")).to_have_value("Worth keeping.")
    expect(page.get_by_role("heading", name="Leave a Reply", exact=True)).to_be_visible()


def test_a_held_comment_is_its_authors_alone_and_is_there_after_a_reload(
    page: Page, article: str, server: Server, context: BrowserContext
):
    ready(page, article)
    _, text = post_held(page)
    own = page.locator("li.own")
    expect(own).to_contain_text("Your comment is being checked")
    expect(own).to_contain_text("Awaiting moderation: only you can see this")
    expect(own).to_contain_text(text)
    expect(own.get_by_role("link", name="https://")).to_have_attribute(
        "rel", "nofollow ugc noopener noreferrer"
    )
    ready(page, article)
    expect(own).to_contain_text("Awaiting moderation: only you can see this")
    expect(page.get_by_text("No comments yet")).to_be_hidden()
    with context.browser.new_context() as others:  # type: ignore[union-attr]  # it has one
        other = others.new_page()
        ready(other, article)
        expect(other.get_by_text(text)).to_have_count(0)


def test_a_persons_decision_arrives_while_one_reads(page: Page, article: str, server: Server):
    ready(page, article)
    comment_id, _ = post_held(page)
    expect(page.locator("li.own")).to_contain_text("Awaiting moderation")
    server.decide(comment_id, "approve", "fine")
    expect(page.locator(f"#comment-{comment_id}:not(.own)")).to_be_visible(timeout=30_000)
    ready(page, article)
    expect(page.locator("li.own")).to_have_count(0)


def test_a_refused_comment_is_told_to_its_author(page: Page, article: str, server: Server):
    ready(page, article)
    comment_id, _ = post_held(page)
    server.await_screening(comment_id)
    server.decide(comment_id, "reject", "off_topic")
    expect(page.locator("li.own")).to_contain_text("Your comment was not published", timeout=30_000)


def test_what_is_wrong_is_said_beside_the_field_and_above_the_form(page: Page, article: str):
    ready(page, article)
    fill(page, "", name="", email="robin at home")
    page.get_by_label("Website", exact=True).fill("no site")
    post(page)
    expect(page.get_by_label("Comment *")).to_be_focused()
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("Some fields need your attention.")
    for label, message in {
        "Comment *": "Write your comment.",
        "Name *": "Enter your name.",
        "Email *": fields.ADDRESS_LIKE,
        "Website": fields.WEBSITE_LIKE,
    }.items():
        field = page.get_by_label(label, exact=True)
        expect(field).to_have_accessible_description(re.compile(re.escape(message)))
        expect(field).to_have_attribute("aria-invalid", "true")
    alert.get_by_role("link", name="Email: ").click()
    expect(page.get_by_label("Email *")).to_be_focused()
    page.get_by_label("Email *").fill("robin@reader.example")
    expect(page.get_by_label("Email *")).not_to_have_attribute("aria-invalid", "true")


# What people type, and whether it can be posted: both sides have to agree.
TYPED = [
    *(("body", text) for text in ("", "  \n ", "\u200b", "a", "😀" * 10_000, "a" * 10_001)),
    *(("name", text) for text in ("", "Ada", "李", "\u00ad", "n" * 100, "n" * 101)),
    *(
        ("email", text)
        for text in ("", "a@example.org", "a@b", "a b@example.org", "a@example..org", "@a.org")
    ),
    *(("email", text) for text in ("a@münchen.example", "a.b+c@sub.example.org", "a@example.org.")),
    *(("website", text) for text in ("", "example.org", "http://example.org/a?b#c", "javascript:alert(1)")),
    *(("website", text) for text in ("ftp://example.org", "https://example.org:8080/", "two words", "a")),
]

_CHECK = """async ([typed, source]) => {
  const { check } = await import(source.replace('.js', '-send.js'));
  const { MESSAGES } = await import(source);
  const tell = ([key, values]) =>
    key ? MESSAGES[key].replace(/{(\\w+)}/g, (_, name) => values[name].toLocaleString('en')) : '';
  return typed.map(([field, text]) => tell(check(field, text, field !== 'website')));
}"""


def test_the_form_and_the_service_agree(page: Page, article: str):
    ready(page, article)
    told = page.evaluate(_CHECK, [TYPED, page.locator("script[data-key]").get_attribute("src")])
    for (field, text), message in zip(TYPED, told, strict=True):
        assert message == refusal_of(field, text), (field, text[:40])


def refusal_of(field: str, text: str) -> str:
    try:
        fields.clean_submission_fields({"body": "a", "name": "a", "email": "a@example.org", field: text})
    except InvalidFields as invalid:
        return invalid.errors[0].message
    return ""


def test_what_only_the_service_sees_is_said_in_its_words(page: Page, article: str):
    ready(page, article)
    text = remark()
    email = fill(page, text)
    post(page)
    expect(page.get_by_role("article", name="Robin Reader")).to_be_visible()
    fill(page, text, email=email)
    post(page)
    expect(page.get_by_role("alert")).to_contain_text("Duplicate comment detected")
    expect(page.get_by_label("Comment *")).to_have_value(text)
    fill(page, f"{remark()} a" + "\u0301" * 60)
    post(page)
    expect(page.get_by_label("Comment *")).to_be_focused()
    description = re.compile("Remove the marks that are stacked on one letter.")
    expect(page.get_by_label("Comment *")).to_have_accessible_description(description)


def test_a_reply_to_what_is_gone_can_be_posted_by_itself(page: Page, article: str, server: Server):
    gone = server.publish(article, name="Emre Solano")
    ready(page, article)
    page.get_by_role("button", name="Reply to Emre Solano").click()
    fill(page, remark())
    server.decide(gone, "delete", "off_topic")
    post(page)
    expect(page.get_by_role("alert")).to_contain_text("no longer there")
    post(page)
    expect(page.get_by_role("article", name="Robin Reader")).to_be_visible()


def test_a_draft_outlives_the_page_and_never_holds_the_address(page: Page, article: str):
    ready(page, article)
    email = fill(page, "Half a thought")
    assert email not in page.evaluate(KEPT)
    ready(page, article)
    expect(page.get_by_label("Comment *")).to_have_value("Half a thought")
    expect(page.get_by_label("Name *")).to_have_value("Robin Reader")
    expect(page.get_by_label("Email *")).to_have_value("")


def test_the_address_is_kept_only_for_who_asks(page: Page, article: str):
    ready(page, article)
    email = fill(page, remark())
    page.get_by_label("Save my name").check()
    post(page)
    expect(page.get_by_role("article", name="Robin Reader")).to_be_visible()
    ready(page, article)
    expect(page.get_by_label("Email *")).to_have_value(email)
    page.get_by_label("Save my name").uncheck()
    page.get_by_label("Comment *").fill(remark())
    post(page)
    expect(page.get_by_role("article", name="Robin Reader")).to_have_count(2)
    assert email not in page.evaluate(KEPT)


def test_the_preview_is_what_will_be_published(page: Page, article: str):
    ready(page, article)
    page.get_by_label("Comment *").fill("A **bold** <b>word</b>")
    page.get_by_role("button", name="Preview").click()
    preview = page.get_by_role("region", name="Preview")
    expect(preview).to_have_text("A bold <b>word</b>")
    expect(preview.locator("strong")).to_have_text("bold")
    expect(preview).to_be_focused()


def test_the_room_left_is_told_near_the_limit(page: Page, article: str):
    ready(page, article)
    body = page.get_by_label("Comment *")
    body.fill("a" * 9_000)
    expect(body).to_have_accessible_description(re.compile("You can use"))
    body.fill("a" * 9_999)
    expect(body).to_have_accessible_description(re.compile("1 character left"))
    body.fill("a" * 10_020)
    post(page)
    description = re.compile("Keep it to 10,000 characters; it has 10,020 now.")
    expect(body).to_have_accessible_description(description)


def test_without_a_connection_the_comment_waits(page: Page, article: str, context: BrowserContext):
    ready(page, article)
    fill(page, remark())
    expect(page.get_by_label("Comment *")).to_have_accessible_description(re.compile("You can use"))
    context.set_offline(True)
    post(page)
    expect(page.get_by_role("alert")).to_contain_text("You are offline. Your text is kept")
    context.set_offline(False)
    expect(page.get_by_role("article", name="Robin Reader")).to_be_visible()


def submissions(page: Page) -> list[Request]:
    seen: list[Request] = []
    page.on("request", lambda request: seen.append(request) if request.url.endswith("/comments") else None)
    return seen


def test_a_lost_answer_does_not_make_two_comments(page: Page, article: str, server: Server):
    ready(page, article)
    text = remark()
    fill(page, text)
    lost: list[Any] = []

    def lose(route: Route) -> None:
        """The first one is stored, but its answer never arrives."""
        if route.request.method == "POST" and not lost:
            lost.append(route.fetch())
            route.abort()
        else:
            route.continue_()

    page.route("**/api/v1/comments", lose)
    sent = submissions(page)
    post(page)
    expect(page.get_by_role("article", name="Robin Reader")).to_be_visible()
    posts = [request for request in sent if request.method == "POST"]
    assert len(posts) == 2
    assert len({request.headers["idempotency-key"] for request in posts}) == 1
    assert len({request.post_data for request in posts}) == 1
    assert lost[0].status == 202
    ready(page, article)
    expect(page.get_by_role("article", name="Robin Reader")).to_have_count(1)


def test_a_service_that_is_away_loses_no_text(page: Page, article: str):
    ready(page, article)
    text = remark()
    fill(page, text)
    problem = {"code": "unavailable", "detail": "The service cannot take this right now."}
    away = {
        "status": 503,
        "body": json.dumps(problem),
        "headers": {"Access-Control-Allow-Origin": "*", "Content-Type": "application/problem+json"},
    }
    page.route("**/api/v1/comments", lambda route: route.fulfill(**away))
    post(page)
    expect(page.get_by_role("alert")).to_contain_text(
        "The service cannot take this right now.", timeout=15_000
    )
    expect(page.get_by_label("Comment *")).to_have_value(text)
    page.unroute("**/api/v1/comments")
    post(page)
    expect(page.get_by_role("article", name="Robin Reader")).to_be_visible()


def test_comments_that_cannot_be_loaded_are_loaded_later(page: Page, article: str, foreign: ForeignHost):
    page.route("**/thread.json*", lambda route: route.abort())
    page.goto(article)
    expect(page.get_by_text("The comments could not be loaded.")).to_be_visible()
    page.unroute("**/thread.json*")
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_label("Comment *")).to_be_visible()
