"""The component on a site that asks for a proof of work."""

import json

import pytest
from playwright.sync_api import Page, expect

from tests.component.conftest import remark
from tests.component.foreign import POLICY
from tests.component.test_writing import fill, post
from tests.stack import LiveStack
from tests.work_site import serve_work_site

pytestmark = pytest.mark.browser


def test_a_reader_does_it_without_noticing(page: Page, live_stack: LiveStack):
    with serve_work_site(live_stack) as site:
        script = f'<script type="module" src="{live_stack.url}/embed.js" data-key="{site.key}"></script>'
        policy = POLICY.format(service=live_stack.url)
        page.goto(site.write(f"{script}<comment-thread></comment-thread>", policy=policy))
        with page.expect_response("**/challenge.json"):  # while one types
            fill(page, remark())
        with page.expect_response(lambda response: response.request.method == "POST", timeout=60_000) as sent:
            post(page)
        assert sent.value.status == 202
        assert json.loads(sent.value.request.post_data or "")["work"]
        expect(page.get_by_role("article", name="Robin Reader")).to_be_visible()
        _, codes = site.screened(sent.value.json()["id"])
        assert not [code for code in codes if "work" in code]


def test_without_a_challenge_the_comment_is_sent_all_the_same(page: Page, live_stack: LiveStack):
    with serve_work_site(live_stack) as site:
        script = f'<script type="module" src="{live_stack.url}/embed.js" data-key="{site.key}"></script>'
        page.route("**/challenge.json", lambda route: route.abort())
        page.goto(site.write(f"{script}<comment-thread></comment-thread>"))
        fill(page, remark())
        with page.expect_response(lambda response: response.request.method == "POST") as sent:
            post(page)
        assert sent.value.status == 202
        assert "work" not in json.loads(sent.value.request.post_data or "")
        status, codes = site.screened(sent.value.json()["id"])
        assert status == "held"
        assert "form.no_work" in codes
