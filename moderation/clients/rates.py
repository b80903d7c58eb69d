"""Rate buckets, shared by all processes through the broker, or per process while it is away."""

import math
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Protocol

import structlog
from django.conf import settings
from redis import Redis

from moderation.clients.broker import BROKER_ERRORS, Breaker, breaker_of, connect

log = structlog.get_logger(__name__)

MAX_LOCAL_BUCKETS = 20_000

# The generic cell rate algorithm: one number per bucket, the time at which it will be full again. All buckets
# are tried before any is charged. A number further ahead than a bucket can be means that a clock was set
# back; such a bucket counts as full. The broker's clock serves all processes.
_TAKE_LUA = """
local clock = redis.call('TIME')
local now = clock[1] * 1000 + clock[2] / 1000
local full_at = {}
local wait = 0
for i, key in ipairs(KEYS) do
  local capacity, period = tonumber(ARGV[2 * i - 1]), tonumber(ARGV[2 * i])
  local full = tonumber(redis.call('GET', key) or now)
  if full < now or full > now + period + 1 then full = now end
  full_at[i] = full + period / capacity
  wait = math.max(wait, full_at[i] - period - now)
end
if wait > 0.001 then return tostring(wait) end
for i, key in ipairs(KEYS) do
  redis.call('SET', key, string.format('%.3f', full_at[i]), 'PX', math.ceil(full_at[i] - now) + 1)
end
return '0'
"""


@dataclass(frozen=True, slots=True)
class Limit:
    """One bucket: `capacity` requests at once, and as many again spread over `period_s`.

    `bucket` holds only a label and a keyed hash (`vault.bucket_name`): it is the key in the broker's memory.
    """

    bucket: str
    capacity: int
    period_s: float


@dataclass(frozen=True, slots=True)
class Allowance:
    """Whether the request may pass; if not, when to try again, in whole seconds from 1."""

    is_allowed: bool
    retry_after_s: int = 0


class Rates(Protocol):
    """Takes one from each of several buckets, or none from any."""

    def allow(self, limits: Sequence[Limit]) -> Allowance:
        """Take one from each bucket if all of them have one. Never raises; at most a second."""


class LocalRates:
    """Buckets of this process only: real limits, multiplied by the number of processes."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._full_at: dict[str, float] = {}
        self._lock = threading.Lock()

    def allow(self, limits: Sequence[Limit]) -> Allowance:
        """Take one from each bucket of this process, or none."""
        with self._lock:
            now = self._clock()
            full_at: dict[str, float] = {}
            wait = 0.0
            for limit in limits:
                full = max(now, self._full_at.get(limit.bucket, now)) + limit.period_s / limit.capacity
                full_at[limit.bucket] = full
                wait = max(wait, full - limit.period_s - now)
            if wait <= 1e-6:
                self._full_at.update(full_at)
                self._drop_spare(now)
        return _allowance(wait)

    def _drop_spare(self, now: float) -> None:
        if len(self._full_at) <= MAX_LOCAL_BUCKETS:
            return
        # Drop the buckets that are full again; if that is too few, keep the emptiest.
        kept = sorted((item for item in self._full_at.items() if item[1] > now), key=lambda item: -item[1])
        self._full_at = dict(kept[: MAX_LOCAL_BUCKETS // 2])


class BrokerRates:
    """Buckets that all processes share: one script in one round trip, so that no other call interferes."""

    def __init__(self, broker: Redis, fallback: Rates, breaker: Breaker | None = None) -> None:
        # register_script has no types of its own.
        self._take: Any = broker.register_script(_TAKE_LUA)
        self._fallback = fallback
        self._breaker = breaker or Breaker()

    def allow(self, limits: Sequence[Limit]) -> Allowance:
        """Take one from each bucket, or none; while the broker is away, from the buckets of the fallback."""
        if not limits:
            return Allowance(is_allowed=True)
        keys = [f"rate:{limit.bucket}" for limit in limits]
        arguments = [number for limit in limits for number in (limit.capacity, limit.period_s * 1000)]
        try:
            with self._breaker.turn() as may_call:
                if may_call:
                    return _allowance(float(self._take(keys=keys, args=arguments)) / 1000)
        except BROKER_ERRORS as error:
            log.warning("rates.failed", error=type(error).__name__)
        return self._fallback.allow(limits)


def get_rates() -> Rates:
    """The rate buckets of this process, as `REDIS_URL` says."""
    return _rates_at(settings.REDIS_URL)


@lru_cache(maxsize=8)
def _rates_at(url: str) -> Rates:
    local = LocalRates()
    return BrokerRates(connect(url), local, breaker_of(url)) if url else local


def _allowance(wait_s: float) -> Allowance:
    if wait_s <= 1e-6:
        return Allowance(is_allowed=True)
    return Allowance(is_allowed=False, retry_after_s=max(1, math.ceil(wait_s)))
