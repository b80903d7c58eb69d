"""The bell: one message for many rings, and no harm from a broker in trouble."""

import threading
import time

import pytest
from pytest_django.fixtures import Settings
from redis import Redis

from moderation.clients.bell import MUTE_MS, Bell, BrokerBell, NullBell, Rung, get_bell
from moderation.clients.broker import TIMEOUT_S, Breaker, connect


class Publisher:
    """Counts what would be sent, or fails like a broker's client."""

    def __init__(self, error: Exception | None = None) -> None:
        self.sent = 0
        self._error = error

    def __call__(self) -> None:
        if self._error:
            raise self._error
        self.sent += 1


@pytest.fixture
def bell(broker: Redis) -> BrokerBell:
    return BrokerBell(broker)


@pytest.fixture(params=["broker", "null", "gone", "hung"])
def any_bell(request: pytest.FixtureRequest) -> Bell:
    if request.param == "null":
        return NullBell()
    if request.param == "broker":
        return BrokerBell(request.getfixturevalue("broker"))
    return BrokerBell(connect(request.getfixturevalue(f"{request.param}_url")))


def test_no_bell_raises_or_takes_long(any_bell: Bell) -> None:
    begun = time.monotonic()
    for _ in range(20):
        assert any_bell.ring("screen", Publisher()) in Rung
        any_bell.answer("screen")
    assert time.monotonic() - begun < 20 * TIMEOUT_S / 2  # one slow call, then skipped


def test_no_bell_publishes_more_often_than_it_says(any_bell: Bell) -> None:
    publisher = Publisher()
    rings = [any_bell.ring("screen", publisher) for _ in range(5)]
    assert publisher.sent == rings.count(Rung.RUNG)


def test_only_the_first_of_many_rings_publishes(bell: BrokerBell) -> None:
    publisher = Publisher()
    rings = [bell.ring("screen", publisher) for _ in range(5)]
    assert rings == [Rung.RUNG] + [Rung.MUTED] * 4
    assert publisher.sent == 1


def test_after_an_answer_the_next_ring_gets_through(bell: BrokerBell) -> None:
    bell.ring("screen", Publisher())
    bell.answer("screen")
    assert bell.ring("screen", Publisher()) == Rung.RUNG


def test_without_an_answer_a_ring_gets_through_after_a_second(bell: BrokerBell) -> None:
    bell.ring("screen", Publisher())
    time.sleep(MUTE_MS / 1000 + 0.05)
    assert bell.ring("screen", Publisher()) == Rung.RUNG


def test_kinds_do_not_mute_each_other(bell: BrokerBell) -> None:
    bell.ring("screen", Publisher())
    assert bell.ring("notify", Publisher()) == Rung.RUNG


def test_the_broker_holds_nothing_but_the_flag(bell: BrokerBell, broker: Redis) -> None:
    bell.ring("screen", Publisher())
    assert broker.keys() == [b"bell:screen"]
    assert broker.get("bell:screen") == b"1"


def test_a_message_that_cannot_be_sent_is_a_failure_and_then_a_pause(broker: Redis) -> None:
    bell = BrokerBell(broker, Breaker(pause_s=0.1))
    assert bell.ring("screen", Publisher(OSError("gone"))) == Rung.FAILED
    assert bell.ring("notify", Publisher()) == Rung.SKIPPED
    time.sleep(0.12)
    assert bell.ring("notify", Publisher()) == Rung.RUNG


@pytest.mark.parametrize("trouble", ["gone_url", "hung_url"])
def test_a_broker_in_trouble_costs_one_call_and_then_nothing(
    trouble: str, request: pytest.FixtureRequest
) -> None:
    bell = BrokerBell(connect(request.getfixturevalue(trouble)))
    begun = time.monotonic()
    assert bell.ring("screen", Publisher()) == Rung.FAILED
    assert time.monotonic() - begun < 1.9 * TIMEOUT_S
    begun = time.monotonic()
    assert bell.ring("screen", Publisher()) == Rung.SKIPPED
    bell.answer("screen")
    assert time.monotonic() - begun < TIMEOUT_S  # nothing was called


def test_a_hanging_broker_costs_many_threads_one_slow_call_per_pause(hung_url: str) -> None:
    bell = BrokerBell(connect(hung_url), Breaker(pause_s=1.0))
    took: list[float] = []

    def ring() -> None:
        begun = time.monotonic()
        bell.ring("screen", Publisher())
        took.append(time.monotonic() - begun)

    def ring_in_eight_threads() -> int:
        took.clear()
        threads = [threading.Thread(target=ring) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return sum(seconds > 0.4 for seconds in took)

    assert ring_in_eight_threads() == 1
    assert ring_in_eight_threads() == 0
    time.sleep(1.05)
    assert ring_in_eight_threads() == 1


def test_a_broker_that_is_back_serves_everybody_again(broker: Redis) -> None:
    breaker = Breaker(pause_s=0.05)
    bell = BrokerBell(broker, breaker)
    assert bell.ring("screen", Publisher(OSError("gone"))) == Rung.FAILED
    time.sleep(0.06)
    broker.flushdb()
    assert bell.ring("screen", Publisher()) == Rung.RUNG
    with breaker.turn() as may_call:
        assert may_call


def test_an_answer_that_fails_is_quiet_and_starts_the_pause(gone_url: str) -> None:
    bell = BrokerBell(connect(gone_url))
    bell.answer("screen")
    assert bell.ring("screen", Publisher()) == Rung.SKIPPED


def test_a_connection_that_the_broker_closed_is_replaced_unnoticed(bell: BrokerBell, broker: Redis) -> None:
    bell.ring("screen", Publisher())
    with Redis.from_url(f"unix://{broker.connection_pool.connection_kwargs['path']}") as other:
        other.client_kill_filter(_type="normal", skipme=True)
    assert bell.ring("notify", Publisher()) == Rung.RUNG


def test_the_settings_choose_the_bell(settings: Settings) -> None:
    assert isinstance(get_bell(), BrokerBell)
    assert get_bell() is get_bell()
    settings.REDIS_URL = ""
    assert isinstance(get_bell(), NullBell)
