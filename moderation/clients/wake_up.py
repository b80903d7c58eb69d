"""Wake-ups: at most one Celery message a second for each kind of job.

A lost message does no harm, because the job is in the database and `run_jobs` looks for due jobs.
"""

from collections.abc import Callable
from enum import StrEnum
from functools import lru_cache
from typing import Protocol

import structlog
from django.conf import settings
from redis import Redis

from moderation.clients.broker import BROKER_ERRORS, Breaker, breaker_of, connect

log = structlog.get_logger(__name__)

PENDING_MS = 1000


class WakeUpResult(StrEnum):
    """What became of one request to wake a worker."""

    SENT = "sent"  # a message was published
    PENDING = "pending"  # a message was sent within the last second, and no worker has looked since
    SKIPPED = "skipped"  # no broker, or one that failed a moment ago
    FAILED = "failed"  # the broker failed just now


class WakeUps(Protocol):
    """Wakes workers. Neither method raises, and neither takes longer than a second."""

    def send(self, kind: str, publish: Callable[[], None]) -> WakeUpResult:
        """Call `publish`, which sends the message for `kind`, unless one is pending."""

    def clear(self, kind: str) -> None:
        """Let the next message through. A worker calls this before it claims, so that no wake-up is lost."""


class NullWakeUps:
    """For a service without a broker: no worker is woken, and `run_jobs` finds the work."""

    def send(self, kind: str, publish: Callable[[], None]) -> WakeUpResult:
        """Do nothing."""
        return WakeUpResult.SKIPPED

    def clear(self, kind: str) -> None:
        """Do nothing."""


class BrokerWakeUps:
    """Wake-ups through a broker. A flag that expires stops all messages but the first."""

    def __init__(self, broker: Redis, breaker: Breaker | None = None) -> None:
        self._broker = broker
        self._breaker = breaker or Breaker()

    def send(self, kind: str, publish: Callable[[], None]) -> WakeUpResult:
        """Set the flag, and publish if it was not set before."""
        try:
            with self._breaker.turn() as may_call:
                if not may_call:
                    return WakeUpResult.SKIPPED
                if not self._broker.set(_flag(kind), 1, nx=True, px=PENDING_MS):
                    return WakeUpResult.PENDING
                publish()
        except Exception as error:  # noqa: BLE001 - the work is in the database: nothing here may hurt it
            _log_failure("send", kind, error)
            return WakeUpResult.FAILED
        return WakeUpResult.SENT

    def clear(self, kind: str) -> None:
        """Delete the flag. If that fails, the flag expires by itself."""
        try:
            with self._breaker.turn() as may_call:
                if may_call:
                    self._broker.delete(_flag(kind))
        except BROKER_ERRORS as error:
            _log_failure("clear", kind, error)


def _log_failure(act: str, kind: str, error: Exception) -> None:
    log.warning("wake_up.failed", act=act, kind=kind, error=type(error).__name__)


def get_wake_ups() -> WakeUps:
    """The wake-ups of this process, as `REDIS_URL` says."""
    return _wake_ups_at(settings.REDIS_URL)


@lru_cache(maxsize=8)
def _wake_ups_at(url: str) -> WakeUps:
    return BrokerWakeUps(connect(url), breaker_of(url)) if url else NullWakeUps()


def _flag(kind: str) -> str:
    return f"wake:{kind}"
