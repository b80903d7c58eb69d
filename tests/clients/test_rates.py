"""Rate buckets: one contract for the shared ones and those of a process."""

import multiprocessing
import time
from collections.abc import Iterator
from contextlib import suppress
from uuid import uuid4

import pytest
from django.conf import settings as django_settings
from pytest_django.fixtures import Settings
from redis import Redis

from moderation.clients import rates as rates_module
from moderation.clients.broker import TIMEOUT_S, Breaker, connect
from moderation.clients.rates import Allowance, BrokerRates, Limit, LocalRates, Rates, get_rates

ALLOWED = Allowance(is_allowed=True)


@pytest.fixture(params=["broker", "local", "gone"])
def rates(request: pytest.FixtureRequest) -> Iterator[Rates]:
    if request.param == "local":
        yield LocalRates()
    elif request.param == "broker":
        yield BrokerRates(request.getfixturevalue("broker"), LocalRates())
    else:
        yield BrokerRates(connect(request.getfixturevalue("gone_url")), LocalRates())


def limit(bucket: str = "", *, capacity: int = 3, period_s: float = 60) -> Limit:
    return Limit(bucket or uuid4().hex, capacity, period_s)


def test_a_bucket_gives_as_many_as_it_holds(rates: Rates) -> None:
    bucket = limit(capacity=3)
    assert [rates.allow([bucket]).is_allowed for _ in range(5)] == [True] * 3 + [False] * 2


def test_a_refusal_says_when_to_try_again(rates: Rates) -> None:
    bucket = limit(capacity=3, period_s=60)
    for _ in range(3):
        rates.allow([bucket])
    assert rates.allow([bucket]) == Allowance(is_allowed=False, retry_after_s=20)


def test_a_bucket_fills_again(rates: Rates) -> None:
    bucket = limit(capacity=2, period_s=0.2)
    rates.allow([bucket])
    rates.allow([bucket])
    assert rates.allow([bucket]) == Allowance(is_allowed=False, retry_after_s=1)
    time.sleep(0.12)
    assert rates.allow([bucket]) == ALLOWED


def test_several_buckets_are_charged_together_or_not_at_all(rates: Rates) -> None:
    wide, narrow = limit(capacity=3), limit(capacity=1)
    assert rates.allow([wide, narrow]) == ALLOWED
    for _ in range(10):
        assert not rates.allow([wide, narrow]).is_allowed
    assert [rates.allow([wide]).is_allowed for _ in range(3)] == [True, True, False]


def test_the_longest_wait_counts(rates: Rates) -> None:
    short, long = limit(capacity=1, period_s=10), limit(capacity=1, period_s=100)
    rates.allow([short, long])
    assert rates.allow([long, short]).retry_after_s == rates.allow([short, long]).retry_after_s == 100


def test_no_limits_allow_everything(rates: Rates) -> None:
    assert rates.allow([]) == ALLOWED


def test_the_broker_keeps_only_the_name_and_forgets_it_in_time(broker: Redis) -> None:
    BrokerRates(broker, LocalRates()).allow([Limit("ip:0f0f", 3, 60)])
    assert broker.keys() == [b"rate:ip:0f0f"]
    assert 0 < broker.pttl("rate:ip:0f0f") <= 20_001


def test_a_bucket_from_the_future_counts_as_empty(broker: Redis) -> None:
    broker.set("rate:jumped", (time.time() + 7200) * 1000)
    assert BrokerRates(broker, LocalRates()).allow([Limit("jumped", 1, 60)]) == ALLOWED


def test_a_flushed_broker_is_no_failure(broker: Redis) -> None:
    rates = BrokerRates(broker, LocalRates())
    bucket = limit(capacity=1)
    rates.allow([bucket])
    broker.flushall()
    broker.script_flush()
    assert rates.allow([bucket]) == ALLOWED


def test_a_broker_that_hangs_costs_one_call_and_the_limits_hold(hung_url: str) -> None:
    rates = BrokerRates(connect(hung_url), LocalRates())
    bucket = limit(capacity=3)
    begun = time.monotonic()
    allowed = [rates.allow([bucket]).is_allowed for _ in range(50)]
    assert time.monotonic() - begun < 1.9 * TIMEOUT_S
    assert allowed.count(True) == 3


def test_after_the_pause_the_broker_is_asked_again(broker: Redis) -> None:
    rates = BrokerRates(broker, LocalRates(), breaker := Breaker(pause_s=0.1))
    with suppress(OSError), breaker.turn():
        raise OSError
    bucket = limit()
    rates.allow([bucket])
    assert broker.keys() == []
    time.sleep(0.12)
    rates.allow([bucket])
    assert broker.keys() == [f"rate:{bucket.bucket}".encode()]


def _take_often(bucket: Limit, allowed: "multiprocessing.Queue[int]") -> None:
    rates = BrokerRates(connect(django_settings.REDIS_URL), LocalRates())
    allowed.put(sum(rates.allow([bucket]).is_allowed for _ in range(25)))


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_processes_that_were_forked_share_one_bucket_exactly(broker: Redis) -> None:
    broker.ping()  # the parent's connection must not be shared by its children
    bucket = limit(capacity=10, period_s=3600)
    context = multiprocessing.get_context("fork")
    allowed: multiprocessing.Queue[int] = context.Queue()
    children = [context.Process(target=_take_often, args=(bucket, allowed)) for _ in range(6)]
    for child in children:
        child.start()
    counts = [allowed.get(timeout=20) for _ in children]
    for child in children:
        child.join(timeout=20)
    assert sum(counts) == 10


def test_a_process_does_not_remember_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rates_module, "MAX_LOCAL_BUCKETS", 100)
    clock = [1000.0]
    rates = LocalRates(clock=lambda: clock[0])
    flooder = limit(capacity=2, period_s=60)
    for _ in range(2):
        rates.allow([flooder])
    for number in range(1000):
        rates.allow([limit(f"bucket {number}", capacity=10, period_s=60)])
    assert len(rates._full_at) <= 100
    assert not rates.allow([flooder]).is_allowed
    clock[0] += 61
    assert rates.allow([flooder]).is_allowed


def test_the_settings_choose_the_buckets(settings: Settings) -> None:
    assert isinstance(get_rates(), BrokerRates)
    assert get_rates() is get_rates()
    settings.REDIS_URL = ""
    assert isinstance(get_rates(), LocalRates)
