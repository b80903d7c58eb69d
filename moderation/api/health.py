"""Whether the process lives, whether it can serve, and figures for a monitor."""

import hmac
import ipaddress
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
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
from moderation.queries.health import check_database, count_missing_migrations, readings
from moderation.queries.health_sql import GAUGES

log = structlog.get_logger(__name__)

# A driver may wait longer than this for a connection, so another thread waits for it.
DATABASE_WAIT_S = 1.0
_asking = ThreadPoolExecutor(max_workers=2, thread_name_prefix="health")
_migrated: set[str] = set()


@never_cache
@require_safe
def livez(request: HttpRequest) -> HttpResponse:
    """200 as long as this process answers; looks at nothing else, so that no outage restarts it."""
    return HttpResponse("ok\n", content_type="text/plain")


@never_cache
@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """200 when the database answers within a second and is migrated, else 503; the broker is only told."""
    database = _ask_database()
    found = {"database": database, "broker": _ask_broker()}
    return JsonResponse(found, status=200 if database == "ok" else 503)


@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Figures in Prometheus' text format, for loopback or the bearer of `METRICS_TOKEN`."""
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


class _DatabaseFigures(Collector):
    """All figures come from the database: processes need not be added up, and a restart loses nothing."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        families = {
            gauge.name: GaugeMetricFamily(gauge.name, gauge.meaning, labels=gauge.labels) for gauge in GAUGES
        }
        for reading in readings():
            families[reading.gauge].add_metric(reading.labels, reading.value)
        broker = GaugeMetricFamily("moderation_broker_up", "1 when the broker answers, 0 when not.")
        broker.add_metric((), float(_ask_broker() == "ok"))
        yield from (*families.values(), broker)


def _ask_database() -> str:
    """`ok`, `away` or `not migrated`."""
    try:
        return _asking.submit(_look_at_database).result(timeout=DATABASE_WAIT_S)
    except (DatabaseError, TookTooLong):
        return "away"


def _look_at_database() -> str:
    try:
        check_database()
        name = str(connection.settings_dict["NAME"])
        if name not in _migrated and count_missing_migrations():
            return "not migrated"
        _migrated.add(name)  # looked up only until it is so: this process' code grows no migrations
        return "ok"
    finally:
        connection.close()


def _ask_broker() -> str:
    """`ok`, `away`, or `none` where there is none to ask."""
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
    # A proxy on this machine makes everybody look local.
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
