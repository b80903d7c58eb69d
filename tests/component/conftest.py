"""A running service, a site of its own for these tests, and a foreign page with its thread."""

import logging
import re
from collections.abc import Iterator
from random import sample
from time import monotonic
from uuid import uuid4

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page
from redis import Redis

from config.local.servers import broker_socket
from tests.component.foreign import ForeignHost, serve_foreign
from tests.stack import LiveStack

WORDS = [
    *("kettle", "lantern", "pillow", "bicycle", "zip", "teapot", "ladder", "clock", "anchor", "gull"),
    *("drawer", "spanner", "button", "radio", "hinge", "glove", "wheel", "crane", "rope", "barrel"),
]


def remark() -> str:
    """A text unlike any other, so that many of them are no campaign."""
    return f"How we mend a {', a '.join(sample(WORDS, 9))}."


# Unlike each other, or the third of them would pass for a part of a campaign.
_WITH_LINK = iter(
    [
        "My brother keeps a diary of the works on the quay, with pictures of every single crane: {}",
        "The council's own minutes from last spring say something else about who paid for it, see {}",
        "Anybody who still has photographs of the old fish market may want to bring them here: {}",
        "I disagree with the second paragraph; the harbour master explained the tide gates at {}",
        "There is a choir rehearsing in the customs house on Thursdays, and it looks for basses: {}",
        "For those who missed the opening, somebody recorded the whole speech of the mayor, at {}",
    ]
)


def text_with_link() -> str:
    """Held as a first comment with a link."""
    return next(_WITH_LINK).format(f"https://{uuid4().hex[:8]}.example/start")


@pytest.fixture(scope="module")
def foreign(live_stack: LiveStack) -> Iterator[ForeignHost]:
    """A host of a site of its own; its server's keys are in `server`."""
    with serve_foreign(live_stack.url) as foreign:
        made = live_stack.manage("add_site", f"Evening {uuid4().hex[:6]}", "--host", foreign.host)
        foreign.key = re.findall(r"cm_pk_[\w-]+", made)[0]
        foreign.secret = re.findall(r"cm_sk_[\w-]+", made)[0]
        yield foreign


class Server:
    """The site's own server as a client of the API."""

    def __init__(self, url: str, key: str) -> None:
        logging.getLogger("httpx").setLevel(logging.WARNING)  # a line for each of hundreds of requests
        self.client = httpx.Client(
            base_url=f"{url}/api/v1/",
            headers={"Authorization": f"Bearer {key}"},
            timeout=30,
            trust_env=False,
        )

    def post(self, page: str, body: str = "", *, name: str = "Ada", parent: str | None = None) -> str:
        """Submit a comment; its id."""
        sent = {
            "thread": {"url": page, "title": "The harbour reopens"},
            "name": name,
            "email": f"{uuid4().hex[:12]}@reader.example",
            "body": body or remark(),
            **({"parent": parent} if parent else {}),
        }
        answer = self.client.post("comments", json=sent)
        assert answer.status_code == 202, answer.text
        return str(answer.json()["id"])

    def decide(self, comment_id: str, action: str, reason: str) -> None:
        """A person's decision."""
        answer = self.client.post(
            f"comments/{comment_id}/decisions", json={"action": action, "reason": reason}
        )
        assert answer.status_code == 201, answer.text

    def status(self, comment_id: str) -> str:
        """What has become of it."""
        return str(self.client.get(f"comments/{comment_id}").json()["status"])

    def publish(self, page: str, body: str = "", *, name: str = "Ada", parent: str | None = None) -> str:
        """Submit a comment and wait until it is published, by a person where the checks held it."""
        comment_id = self.post(page, body, name=name, parent=parent)
        self.await_screening(comment_id)
        if self.status(comment_id) != "published":
            self.decide(comment_id, "approve", "fine")
        return comment_id

    def await_screening(self, comment_id: str, *, within_s: float = 30) -> None:
        """Wait for the verdict."""
        deadline = monotonic() + within_s
        while self.status(comment_id) == "screening":
            assert monotonic() < deadline, "The screening takes too long."


@pytest.fixture(scope="module")
def server(live_stack: LiveStack, foreign: ForeignHost) -> Iterator[Server]:
    made = Server(live_stack.url, foreign.secret)
    yield made
    made.client.close()


@pytest.fixture(autouse=True)
def _as_another_household(live_stack: LiveStack) -> None:
    """Readers of one network share a bucket, and all of these tests come from one address."""
    with Redis(unix_socket_path=str(broker_socket(live_stack.var))) as broker:
        for name in broker.scan_iter("rate:*"):
            broker.delete(name)


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    with browser.new_context() as context:
        yield context


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    """A reader's tab. What the policy stopped or failed in a script fails the test."""
    page = context.new_page()
    page.set_default_timeout(10_000)
    caught: list[str] = []

    def hear(message: ConsoleMessage) -> None:
        if "Content Security Policy" in message.text or "Trusted" in message.text:
            caught.append(message.text)

    page.on("console", hear)
    page.on("pageerror", lambda error: caught.append(str(error)))
    yield page
    assert caught == []


@pytest.fixture
def article(foreign: ForeignHost) -> str:
    """A page without comments."""
    return foreign.write(f"/{uuid4().hex[:8]}")
