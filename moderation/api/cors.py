"""Which pages' scripts may read our responses: exact hosts of sites, never with credentials."""

from collections.abc import Collection
from urllib.parse import urlsplit

from moderation.lib.urls import host_of
from moderation.queries.keys import is_registered_host

ANYBODY = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "ETag, Retry-After, X-Request-Id",
}
_EXPOSED = "Location, Retry-After, Idempotent-Replayed, X-Request-Id"
_ALLOWED = "Authorization, Content-Type, Idempotency-Key, X-Api-Key"
_PREFLIGHT_KEPT_S = 7200  # browsers cache none for longer


def host_of_origin(origin: str) -> str | None:
    """`example.org` or `example.org:8080` of an `Origin` header; None for `null` and invalid ones."""
    try:
        parts = urlsplit(origin)
        is_plain = not (parts.path or parts.query or parts.fragment)
        return host_of(origin) if is_plain else None
    except ValueError:
        return None


def allow_origin(origin: str, hosts: Collection[str]) -> dict[str, str] | None:
    """The headers for a page of one of `hosts`; None for any other page."""
    if host_of_origin(origin) not in hosts:
        return None
    return {"Access-Control-Allow-Origin": origin, "Access-Control-Expose-Headers": _EXPOSED}


def answer_preflight(origin: str) -> dict[str, str] | None:
    """The headers that permit a request from a page of any registered site; the POST itself has to match its
    own site.
    """
    host = host_of_origin(origin)
    if host is None or not is_registered_host(host):
        return None
    return {
        "Access-Control-Allow-Origin": origin,
        "Access-Control-Allow-Methods": "POST",
        "Access-Control-Allow-Headers": _ALLOWED,
        "Access-Control-Max-Age": str(_PREFLIGHT_KEPT_S),
    }
