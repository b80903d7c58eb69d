"""A worker dies between an outside service's answer and its row: the comment is asked about again."""

from collections.abc import Iterator
from uuid import UUID

import pytest

from tests.fake_services import FakeServer, judges, serve
from tests.faults.armed import KILLS, start_armed
from tests.faults.effects import check_screened_once
from tests.faults.service import ArmedService, wait_for
from tests.stack import stop_stack

pytestmark = pytest.mark.faults

_SWITCH_ON = """
from moderation.domain.remote import RemoteKind
from moderation.models import Site
from tests.fake_services import use_service
use_service(Site.objects.get(id="{site}"), "{url}", RemoteKind.POLICY_MODEL)
"""


@pytest.fixture
def model() -> Iterator[FakeServer]:
    """A policy model that finds nothing wrong."""
    with serve(judges("none")) as fake:
        yield fake


@pytest.fixture
def asking(model: FakeServer) -> Iterator[ArmedService]:
    """A service whose site asks that model; one for each test, for a breaker remembers what failed."""
    service = start_armed("asking", {"REMOTE_CHECK_HOSTS": model.url})
    service.stack.manage("shell", "-c", _SWITCH_ON.format(site=service.made["site"], url=model.url))
    yield service
    stop_stack(service.stack)


def test_a_worker_dies_with_the_answers_in_hand_and_another_asks_again(
    asking: ArmedService, model: FakeServer
) -> None:
    comments: list[UUID] = []
    for number in range(KILLS):
        asking.order("ask.before_finish")
        comments.append(asking.submit().comment_id)
        assert asking.was_carried_out("ask.before_finish", number, within_s=30)
        assert asking.statuses(comments[-1:])[comments[-1]] == "screening"
    asking.let_leases_end("ask")
    asking.wait_until_screened(comments)
    check_screened_once(asking, comments)
    assert set(asking.statuses(comments).values()) == {"published"}
    assert len(model.asked) >= 2 * KILLS


def test_while_the_service_is_silent_nothing_is_published(asking: ArmedService, model: FakeServer) -> None:
    model.answer = lambda handler: None  # the connection ends without an answer
    comment_id = asking.submit().comment_id
    wait_for(lambda: asking.statuses([comment_id])[comment_id] == "held", within_s=60, what="it is held")
    reasons = asking.query(
        "SELECT reasons -> 0 ->> 'code' FROM screening WHERE comment_id = %s", [comment_id]
    )
    assert reasons == [("remote.unavailable",)]
