"""Wake-ups: one message for many requests, and no harm from a broker in trouble."""

import threading
import time

import pytest
from pytest_django.fixtures import Settings
from redis import Redis

from moderation.clients.broker import TIMEOUT_S, Breaker, connect
from moderation.clients.wake_up import (
    PENDING_MS,
    BrokerWakeUps,
    NullWakeUps,
    WakeUpResult,
    WakeUps,
    get_wake_ups,
)


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
def wake_ups(broker: Redis) -> BrokerWakeUps:
    return BrokerWakeUps(broker)


@pytest.fixture(params=["broker", "null", "gone", "hung"])
def any_wake_ups(request: pytest.FixtureRequest) -> WakeUps:
    if request.param == "null":
        return NullWakeUps()
    if request.param == "broker":
        return BrokerWakeUps(request.getfixturevalue("broker"))
    return BrokerWakeUps(connect(request.getfixturevalue(f"{request.param}_url")))


def test_no_implementation_raises_or_takes_long(any_wake_ups: WakeUps) -> None:
    begun = time.monotonic()
    for _ in range(20):
        assert any_wake_ups.send("screen", Publisher()) in WakeUpResult
        any_wake_ups.clear("screen")
    assert time.monotonic() - begun < 20 * TIMEOUT_S / 2  # one slow call, then skipped


def test_no_implementation_publishes_more_often_than_it_says(any_wake_ups: WakeUps) -> None:
    publisher = Publisher()
    results = [any_wake_ups.send("screen", publisher) for _ in range(5)]
    assert publisher.sent == results.count(WakeUpResult.SENT)


def test_only_the_first_of_many_wake_ups_is_published(wake_ups: BrokerWakeUps) -> None:
    publisher = Publisher()
    results = [wake_ups.send("screen", publisher) for _ in range(5)]
    assert results == [WakeUpResult.SENT] + [WakeUpResult.PENDING] * 4
    assert publisher.sent == 1


def test_after_the_flag_is_cleared_the_next_wake_up_is_sent(wake_ups: BrokerWakeUps) -> None:
    wake_ups.send("screen", Publisher())
    wake_ups.clear("screen")
    assert wake_ups.send("screen", Publisher()) == WakeUpResult.SENT


def test_a_flag_that_nobody_clears_expires_after_a_second(wake_ups: BrokerWakeUps) -> None:
    wake_ups.send("screen", Publisher())
    time.sleep(PENDING_MS / 1000 + 0.05)
    assert wake_ups.send("screen", Publisher()) == WakeUpResult.SENT


def test_kinds_do_not_hold_back_each_other(wake_ups: BrokerWakeUps) -> None:
    wake_ups.send("screen", Publisher())
    assert wake_ups.send("notify", Publisher()) == WakeUpResult.SENT


def test_the_broker_holds_nothing_but_the_flag(wake_ups: BrokerWakeUps, broker: Redis) -> None:
    wake_ups.send("screen", Publisher())
    assert broker.keys() == [b"wake:screen"]
    assert broker.get("wake:screen") == b"1"


def test_a_message_that_cannot_be_sent_is_a_failure_and_then_a_pause(broker: Redis) -> None:
    wake_ups = BrokerWakeUps(broker, Breaker(pause_s=0.1))
    assert wake_ups.send("screen", Publisher(OSError("gone"))) == WakeUpResult.FAILED
    assert wake_ups.send("notify", Publisher()) == WakeUpResult.SKIPPED
    time.sleep(0.12)
    assert wake_ups.send("notify", Publisher()) == WakeUpResult.SENT


@pytest.mark.parametrize("trouble", ["gone_url", "hung_url"])
def test_a_broker_in_trouble_costs_one_call_and_then_nothing(
    trouble: str, request: pytest.FixtureRequest
) -> None:
    wake_ups = BrokerWakeUps(connect(request.getfixturevalue(trouble)))
    begun = time.monotonic()
    assert wake_ups.send("screen", Publisher()) == WakeUpResult.FAILED
    assert time.monotonic() - begun < 1.9 * TIMEOUT_S
    begun = time.monotonic()
    assert wake_ups.send("screen", Publisher()) == WakeUpResult.SKIPPED
    wake_ups.clear("screen")
    assert time.monotonic() - begun < TIMEOUT_S  # nothing was called


def test_a_hanging_broker_costs_many_threads_one_slow_call_per_pause(hung_url: str) -> None:
    wake_ups = BrokerWakeUps(connect(hung_url), Breaker(pause_s=1.0))
    took: list[float] = []

    def send() -> None:
        begun = time.monotonic()
        wake_ups.send("screen", Publisher())
        took.append(time.monotonic() - begun)

    def send_in_eight_threads() -> int:
        took.clear()
        threads = [threading.Thread(target=send) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return sum(seconds > 0.4 for seconds in took)

    assert send_in_eight_threads() == 1
    assert send_in_eight_threads() == 0
    time.sleep(1.05)
    assert send_in_eight_threads() == 1


def test_a_broker_that_is_back_serves_everybody_again(broker: Redis) -> None:
    breaker = Breaker(pause_s=0.05)
    wake_ups = BrokerWakeUps(broker, breaker)
    assert wake_ups.send("screen", Publisher(OSError("gone"))) == WakeUpResult.FAILED
    time.sleep(0.06)
    broker.flushdb()
    assert wake_ups.send("screen", Publisher()) == WakeUpResult.SENT
    with breaker.turn() as may_call:
        assert may_call


def test_a_clearing_that_fails_is_quiet_and_starts_the_pause(gone_url: str) -> None:
    wake_ups = BrokerWakeUps(connect(gone_url))
    wake_ups.clear("screen")
    assert wake_ups.send("screen", Publisher()) == WakeUpResult.SKIPPED


def test_a_connection_that_the_broker_closed_is_replaced_unnoticed(
    wake_ups: BrokerWakeUps, broker: Redis
) -> None:
    wake_ups.send("screen", Publisher())
    with Redis.from_url(f"unix://{broker.connection_pool.connection_kwargs['path']}") as other:
        other.client_kill_filter(_type="normal", skipme=True)
    assert wake_ups.send("notify", Publisher()) == WakeUpResult.SENT


def test_the_settings_choose_the_wake_ups(settings: Settings) -> None:
    assert isinstance(get_wake_ups(), BrokerWakeUps)
    assert get_wake_ups() is get_wake_ups()
    settings.REDIS_URL = ""
    assert isinstance(get_wake_ups(), NullWakeUps)
