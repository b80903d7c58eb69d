"""ALTCHA's own clients on our challenges: the library of npm, and the widget in a real browser."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page

from tests.foreign.node_clients import NodeClients
from tests.stack import LiveStack
from tests.work_site import WorkSite, serve_work_site

pytestmark = pytest.mark.foreign

WIDGET = "node_modules/altcha/dist/main/altcha.min.js"


@pytest.fixture(scope="module")
def site(live_stack: LiveStack) -> Iterator[WorkSite]:
    with serve_work_site(live_stack) as site:
        yield site


def test_altcha_lib_solves_a_challenge_once(node: NodeClients, site: WorkSite):
    [solved] = node.call("altcha_lib.cjs", {}, [["solve", site.challenge_url]])
    page = site.write("An article.")
    assert site.screened(site.submit(page, solved.good))[0] == "published"
    status, codes = site.screened(site.submit(page, solved.good))
    assert (status, "form.used_work" in codes) == ("held", True)


def test_the_widget_solves_a_challenge_in_a_browser(node: NodeClients, browser_page: Page, site: WorkSite):
    site.files["/altcha.js"] = ("text/javascript", (node.folder / WIDGET).read_bytes(), "")
    widget = f'<altcha-widget name="altcha" auto="onload" challenge="{site.challenge_url}"></altcha-widget>'
    address = site.write(f'<script type="module" src="/altcha.js"></script><form>{widget}</form>')
    browser_page.goto(address)
    done = browser_page.wait_for_function("new FormData(document.forms[0]).get('altcha')", timeout=60_000)
    assert site.screened(site.submit(address, str(done.json_value())))[0] == "published"
