"""A worker dies between a late verdict and its row: the verdict is sent again, and marked once."""

from collections.abc import Iterator
from urllib.parse import urlencode

import httpx
import pytest

from tests.fake_services import FakeServer, says, serve
from tests.faults.armed import KILLS, start_armed
from tests.faults.service import ArmedService, wait_for
from tests.stack import stop_stack

pytestmark = pytest.mark.faults

_MAKE_KEY = """
from moderation.flow.record import SYSTEM
from moderation.flow.site.settings import change_site, create_key
from moderation.models import Site
from moderation.models.key import KeyKind
site = Site.objects.get(id="{site}")
change_site(site.id, {{"hosts": [*site.hosts, "{host}"]}}, actor=SYSTEM)
print("key=" + create_key(site.id, KeyKind.AKISMET, actor=SYSTEM).plain)
"""
TEXT = "A calm and reasonable remark about the harbour, number {number}."


@pytest.fixture
def blog() -> Iterator[FakeServer]:
    """The site's own server, which hears late verdicts."""
    with serve(says("{}")) as fake:
        yield fake


@pytest.fixture
def told(blog: FakeServer) -> Iterator[ArmedService]:
    """A service that may call that server."""
    service = start_armed("told", {"REMOTE_CHECK_HOSTS": blog.url})
    yield service
    stop_stack(service.stack)


def test_a_worker_dies_after_a_late_verdict_and_another_sends_it_again(
    told: ArmedService, blog: FakeServer
) -> None:
    host = blog.url.removeprefix("http://")
    said = told.stack.manage("shell", "-c", _MAKE_KEY.format(site=told.made["site"], host=host))
    key = said.rpartition("key=")[2].strip()
    guids = []
    for number in range(KILLS):
        guids.append(_check(told, blog, key, number))
        told.order("late_verdict.sent")
        told.query("UPDATE late_verdict SET told = 'true' WHERE comment_id = %s", [guids[-1]])
        told.query(
            "INSERT INTO job (kind, site_id, subject_id) VALUES ('late_verdict', %s, %s)",
            [told.made["site"], guids[-1]],
        )
        assert told.was_carried_out("late_verdict.sent", number, within_s=30)
    told.let_leases_end("late_verdict")
    wait_for(
        lambda: told.query("SELECT DISTINCT told FROM late_verdict") == [("false",)],
        within_s=40,
        what="all verdicts are marked as told",
    )
    sent = [asked.json["comments"][0]["guid"] for asked in blog.asked]
    assert {guid: sent.count(guid) for guid in guids} == dict.fromkeys(guids, 2)
    assert told.query("SELECT 1 FROM job WHERE kind = 'late_verdict'") == []


def _check(service: ArmedService, blog: FakeServer, key: str, number: int) -> str:
    """One check, after its screening: it was told rightly, until a test says otherwise."""
    form = {
        "api_key": key,
        "blog": blog.url,
        "user_ip": "198.51.100.7",
        "comment_author": "Ada Reader",
        "comment_author_email": f"ada{number}@reader.example",
        "comment_content": TEXT.format(number=number),
        "callback": f"{blog.url}/hook",
    }
    answer = httpx.post(
        f"{service.stack.url}/1.1/comment-check",
        content=urlencode(form),
        headers={"Content-Type": "application/x-www-form-urlencoded", "Host": "rest.akismet.com"},
    )
    assert answer.text == "false"
    guid = answer.headers["x-akismet-guid"]
    wait_for(
        lambda: service.query("SELECT status FROM comment WHERE id = %s", [guid]) == [("published",)],
        within_s=30,
        what="it is published",
    )
    return guid
