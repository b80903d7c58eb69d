"""The proof of work in a real browser: from a page of another origin, and in the server-rendered form."""

import gzip
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote
from uuid import uuid4

import pytest
from playwright.sync_api import Browser, Page, expect
from redis import Redis

from config.local.servers import broker_socket
from tests.stack import LiveStack
from tests.work_site import WorkSite, serve_work_site

pytestmark = pytest.mark.browser

SCRIPTS = Path(__file__).parents[2] / "moderation" / "static" / "embed"
MOST_BYTES = 2048
# All that a host with the strictest policy has to permit is the service itself: no worker, no blob, no eval.
STRICT = "default-src 'none'; script-src {service}; connect-src {service}; trusted-types 'none'"
# Solves while a chain of tasks counts how often the page gets its turn.
SOLVE = """async ([script, challenge]) => {
  const { solve } = await import(script);
  let turns = 0, isDone = false;
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => { turns += 1; if (!isDone) setTimeout(() => port2.postMessage(0)); };
  port2.postMessage(0);
  const solution = await solve(challenge);
  isDone = true;
  return { solution, turns };
}"""


@pytest.fixture(scope="module")
def site(live_stack: LiveStack) -> Iterator[WorkSite]:
    with serve_work_site(live_stack) as site:
        yield site


@pytest.fixture(autouse=True)
def _as_another_household(live_stack: LiveStack) -> None:
    """Readers of one network share a bucket, and all of these tests come from one address."""
    with Redis(unix_socket_path=str(broker_socket(live_stack.var))) as broker:
        for name in broker.scan_iter("rate:*"):
            broker.delete(name)


def test_the_script_is_small() -> None:
    assert len(gzip.compress((SCRIPTS / "embed-work.js").read_bytes())) <= MOST_BYTES


def test_a_page_of_another_origin_solves_a_challenge_under_a_strict_policy(
    browser_page: Page, site: WorkSite
) -> None:
    browser_page.set_default_timeout(60_000)
    address = site.write("<p>An article.</p>", policy=STRICT.format(service=site.service))
    browser_page.goto(address)
    script = f"{site.service}/static/embed/embed-work.js"
    done = browser_page.evaluate(SOLVE, [script, site.challenge_url])
    # The keys are computed elsewhere: between two of them the page does whatever else it has to do.
    assert done["turns"] > 50
    assert site.screened(site.submit(address, done["solution"]))[0] == "published"
    status, codes = site.screened(site.submit(address, done["solution"]))
    assert (status, "form.used_work" in codes) == ("held", True)


def test_a_page_that_cannot_solve_is_told(browser_page: Page, site: WorkSite) -> None:
    browser_page.goto(site.write("<p>An article.</p>"))
    script = f"{site.service}/static/embed/embed-work.js"
    failed = """async ([script, challenge]) =>
        (await import(script)).solve(challenge).then(() => 'solved', (error) => error.message)"""
    unknown = site.challenge_url.replace(site.key, "cm_pk_nobody")
    assert browser_page.evaluate(failed, [script, unknown]) == "no challenge: 404"


@pytest.mark.parametrize("has_script", [True, False], ids=["script", "no script"])
def test_the_form_in_a_frame_is_solved_while_its_reader_types(
    browser: Browser, site: WorkSite, has_script: bool
) -> None:
    article = quote(site.url("/bridge"), safe="")
    source = f"{site.service}/embed/{site.key}/thread?url={article}"
    address = site.write(f'<iframe width=600 height=900 src="{source}"></iframe>')
    text = f"Nobody noticed how the {uuid4().hex[:6]} bridge was painted."
    with browser.new_context(java_script_enabled=has_script) as context:
        page = context.new_page()
        page.set_default_timeout(30_000)
        stopped: list[str] = []
        page.on("console", lambda said: stopped.append(said.text) if "Policy" in said.text else None)
        page.goto(address)
        frame = page.frame_locator("iframe")
        frame.locator("#comment").fill(text)
        frame.locator("#author").fill("Robin Reader")
        frame.locator("#email").fill(f"robin-{uuid4().hex[:8]}@reader.example")
        frame.locator("#submit").click()
        expect(frame.get_by_text(text)).to_be_visible()
        expect(frame.locator("body")).to_contain_text(re.compile("await|check|held", re.IGNORECASE))
        sent = next(each for each in page.frames if "unapproved=" in each.url)
        comment_id = re.findall(r"unapproved=([\w-]+)", sent.url)[0]
    status, codes = site.screened(comment_id)
    assert status == ("published" if has_script else "held")
    assert ("form.no_work" in codes) == (not has_script)
    assert stopped == []
