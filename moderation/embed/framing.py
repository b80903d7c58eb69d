"""What a browser tells about the page that a thread is framed in.

Nothing here protects a thread: the policy `frame-ancestors` does. It decides what to say and what to offer.
"""

from collections.abc import Collection, Mapping
from typing import Protocol
from urllib.parse import urlsplit

from moderation.lib.urls import host_of

# In the address of a frame without cookies. Following a link within the frame looks like a visit from our own
# page, so that only the first request tells which site the frame is on.
APART = "apart"
_FRAMES = frozenset({"iframe", "frame", "embed", "object", "fencedframe"})


class HeaderLookup(Protocol):
    """A request's headers, of Django or of the server shell; names are in lower case."""

    def get(self, key: str, /) -> str | None:
        """The value of `key`."""


def keeps_cookies(headers: HeaderLookup, given: Mapping[str, str]) -> bool:
    """Whether a cookie that is set on this page comes back with its form: in a tab of its own, or in a frame
    on a page of the same site. A `SameSite=Lax` cookie is not stored in other frames. A browser that does
    not say where the page is shown is offered nothing.
    """
    shown_in = headers.get("sec-fetch-dest")
    if shown_in == "document":
        return True
    is_same_site = headers.get("sec-fetch-site") in ("same-site", "same-origin")
    return shown_in in _FRAMES and is_same_site and APART not in given


def find_strange_host(headers: HeaderLookup, hosts: Collection[str]) -> str:
    """The host of the page around the frame, if it is known and not one of `hosts`; otherwise ""."""
    if not _is_framed_by_others(headers):
        return ""
    try:
        host = host_of(headers.get("referer") or "")
    except ValueError:
        return ""
    return "" if host in hosts else host


def may_be_strange(headers: HeaderLookup, url: str) -> bool:
    """Whether the page around the frame is perhaps not on the site: its host is not that of `url`, which is
    canonical.
    """
    referer = headers.get("referer") if _is_framed_by_others(headers) else None
    return bool(referer) and urlsplit(referer).netloc != urlsplit(url).netloc


def _is_framed_by_others(headers: HeaderLookup) -> bool:
    return headers.get("sec-fetch-dest") in _FRAMES and headers.get("sec-fetch-site") != "same-origin"
