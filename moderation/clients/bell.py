"""The bell: at most one Celery message a second and kind; it may be lost, and never disturbs."""

from collections.abc import Callable
from enum import StrEnum
from functools import lru_cache
from typing import Protocol

import structlog
from django.conf import settings
from redis import Redis

from moderation.clients.broker import BROKER_ERRORS, Breaker, breaker_of, connect

log = structlog.get_logger(__name__)

MUTE_MS = 1000


class Rung(StrEnum):
    """What became of one ring."""

    RUNG = "rung"  # a message was published
    MUTED = "muted"  # somebody rang within the last second, and no worker has answered yet
    SKIPPED = "skipped"  # no broker, or one that failed a moment ago
    FAILED = "failed"  # the broker failed just now


class Bell(Protocol):
    """Wakes workers. Neither method raises, and neither takes longer than a second."""

    def ring(self, kind: str, publish: Callable[[], None]) -> Rung:
        """Call `publish`, which sends the message for `kind`, unless others did so just before."""

    def answer(self, kind: str) -> None:
        """Let the next ring through. A worker calls it before it claims, so that no wake-up is lost."""


class NullBell:
    """No broker: nobody is woken, and `run_jobs` finds the work by looking."""

    def ring(self, kind: str, publish: Callable[[], None]) -> Rung:
        """Do nothing."""
        return Rung.SKIPPED

    def answer(self, kind: str) -> None:
        """Do nothing."""


class BrokerBell:
    """The bell on a broker: a flag that expires mutes all but the first."""

    def __init__(self, broker: Redis, breaker: Breaker | None = None) -> None:
        self._broker = broker
        self._breaker = breaker or Breaker()

    def ring(self, kind: str, publish: Callable[[], None]) -> Rung:
        """Set the flag; whoever sets it publishes."""
        try:
            with self._breaker.turn() as may_call:
                if not may_call:
                    return Rung.SKIPPED
                if not self._broker.set(_flag(kind), 1, nx=True, px=MUTE_MS):
                    return Rung.MUTED
                publish()
        except Exception as error:  # noqa: BLE001 - the work is in the database: nothing here may hurt it
            _log_failure("ring", kind, error)
            return Rung.FAILED
        return Rung.RUNG

    def answer(self, kind: str) -> None:
        """Delete the flag. Where that fails it expires by itself."""
        try:
            with self._breaker.turn() as may_call:
                if may_call:
                    self._broker.delete(_flag(kind))
        except BROKER_ERRORS as error:
            _log_failure("answer", kind, error)


def _log_failure(act: str, kind: str, error: Exception) -> None:
    log.warning("bell.failed", act=act, kind=kind, error=type(error).__name__)


def get_bell() -> Bell:
    """This process' bell, as `REDIS_URL` says."""
    return _bell_at(settings.REDIS_URL)


@lru_cache(maxsize=8)
def _bell_at(url: str) -> Bell:
    return BrokerBell(connect(url), breaker_of(url)) if url else NullBell()


def _flag(kind: str) -> str:
    return f"bell:{kind}"
