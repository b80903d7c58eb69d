"""Liveness, readiness and metrics."""

import hmac
import ipaddress
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as TookTooLong

import structlog
from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.registry import Collector

from moderation.clients.broker import BROKER_ERRORS, connect
from moderation.privacy.redact import describe_error
from moderation.queries.gauges import GAUGE_UP, GAUGES, readings
from moderation.queries.health import check_database, count_missing_migrations

log = structlog.get_logger(__name__)

# A driver may wait longer than this for a connection, so a separate thread waits for it.
DATABASE_WAIT_S = 1.0
_migrated: set[str] = set()


@never_cache
@require_safe
def livez(request: HttpRequest) -> HttpResponse:
    """200 as long as this process answers. It checks nothing else, so that an outage elsewhere does not
    restart it.
    """
    return HttpResponse("ok\n", content_type="text/plain")


@never_cache
@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """200 if the database answers within a second and is migrated, else 503; the broker's state is only
    reported.
    """
    database = _ask_database()
    found = {"database": database, "broker": _ask_broker()}
    return JsonResponse(found, status=200 if database == "ok" else 503)


@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Metrics in Prometheus' text format, for loopback or the bearer of `METRICS_TOKEN`.

    A metric that takes too long is left out and reported by `moderation_figure_up`; 503 only if the database
    is unavailable.
    """
    if not _may_read_metrics(request):
        return HttpResponse("Send METRICS_TOKEN as a bearer token.\n", status=403, content_type="text/plain")
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_DatabaseFigures())
    try:
        figures = generate_latest(registry)
    except DatabaseError as error:
        log.warning("metrics.failed", error=describe_error(error))
        return HttpResponse("The database is away.\n", status=503, content_type="text/plain")
    return HttpResponse(figures, content_type=CONTENT_TYPE_PLAIN_0_0_4)


urlpatterns = [
    path("livez", livez, name="livez"),
    path("readyz", readyz, name="readyz"),
    path("metrics", metrics, name="metrics"),
]


_UP_MEANING = "1 when the figure named could be read in its time, 0 when not."


class _DatabaseFigures(Collector):
    """All metrics come from the database: no sums over processes are needed, and a restart loses nothing."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        families = {
            gauge.name: GaugeMetricFamily(gauge.name, gauge.meaning, labels=gauge.labels) for gauge in GAUGES
        }
        families[GAUGE_UP] = GaugeMetricFamily(GAUGE_UP, _UP_MEANING, labels=("figure",))
        for reading in readings():
            families[reading.gauge].add_metric(reading.labels, reading.value)
        broker = GaugeMetricFamily("moderation_broker_up", "1 when the broker answers, 0 when not.")
        broker.add_metric((), float(_ask_broker() == "ok"))
        yield from (*families.values(), broker)


def _ask_database() -> str:
    """`ok`, `away` or `not migrated`."""
    try:
        return _looking.result(DATABASE_WAIT_S)
    except (DatabaseError, TookTooLong):
        return "away"


class _SharedLook:
    """One query at a time, which all concurrent requests wait for, so that a hanging database does not build
    up a queue.
    """

    def __init__(self, look: Callable[[], str]) -> None:
        self._look = look
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="health")
        self._turn = threading.Lock()
        self._running: Future[str] | None = None

    def result(self, timeout_s: float) -> str:
        """The result of the query. Raises what the query raises, or `TookTooLong`."""
        with self._turn:
            if self._running is None or self._running.done():
                self._running = self._pool.submit(self._look)
            running = self._running
        return running.result(timeout=timeout_s)


def _look_at_database() -> str:
    try:
        check_database()
        name = str(connection.settings_dict["NAME"])
        if name not in _migrated and count_missing_migrations():
            return "not migrated"
        _migrated.add(name)  # checked only until it is true: a running process gets no new migrations
        return "ok"
    finally:
        connection.close()


_looking = _SharedLook(_look_at_database)


def _ask_broker() -> str:
    """`ok`, `away`, or `none` if no broker is configured."""
    if not settings.REDIS_URL:
        return "none"
    try:
        connect(settings.REDIS_URL).ping()
    except BROKER_ERRORS:
        return "away"
    return "ok"


def _may_read_metrics(request: HttpRequest) -> bool:
    token: str = getattr(settings, "METRICS_TOKEN", "")
    if token:
        given = request.headers.get("Authorization", "")
        return hmac.compare_digest(given.encode(), f"Bearer {token}".encode())
    # Behind a proxy on this machine, every client looks local.
    is_forwarded = "X-Forwarded-For" in request.headers or "Forwarded" in request.headers
    return (
        not is_forwarded
        and not settings.TRUSTED_PROXIES
        and _is_loopback(request.META.get("REMOTE_ADDR", ""))
    )


def _is_loopback(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False
