"""Finds the thread that a request names, or creates it where that is allowed."""

import hashlib
from dataclasses import dataclass
from uuid import UUID

from moderation.domain.errors import FieldError, InvalidFields, ThreadNotAllowed
from moderation.lib.urls import canonical_url, host_of
from moderation.models import Site, Thread

# In characters. A longer key is cut and ends in its own hash.
MOST_KEY = 500
# Much deeper than anybody reads: pages indent twice and are flat below that.
MOST_DEPTH = 100


@dataclass(frozen=True, slots=True)
class ThreadRef:
    """How a client names a page: by the site's own key, or by its URL."""

    key: str = ""
    url: str = ""
    title: str = ""
    canonical: str = ""  # canonical form of `url`, if the caller has computed it already


def find_thread(site_id: UUID, ref: ThreadRef) -> Thread | None:
    """The thread of `ref`, or None. Raises `InvalidFields` for an unusable URL."""
    return Thread.objects.filter(site_id=site_id, key=thread_key(ref)).first()


def thread_key(ref: ThreadRef) -> str:
    """The key that identifies a thread on its site. Raises `InvalidFields` for an unusable URL."""
    key = ref.key or ref.canonical or _clean_url(ref.url)
    if len(key) <= MOST_KEY:
        return key
    digest = hashlib.sha256(key.encode()).hexdigest()
    return f"{key[: MOST_KEY - len(digest) - 1]}#{digest}"


def _clean_url(url: str) -> str:
    try:
        return canonical_url(url)
    except ValueError:
        problem = FieldError("thread.url", "invalid_url", "Give the page's full address, https://…")
        raise InvalidFields([problem]) from None


def open_thread(site: Site, ref: ThreadRef, *, anywhere: bool) -> Thread:
    """The thread of `ref`; it is created if it is new. Raises what `check_new_thread` raises."""
    url = check_new_thread(site, ref, anywhere=anywhere)
    thread, _ = Thread.objects.get_or_create(
        site=site, key=thread_key(ref), defaults={"url": url[:2000], "title": ref.title[:300]}
    )
    return thread


def check_new_thread(site: Site, ref: ThreadRef, *, anywhere: bool) -> str:
    """The URL of a thread that may be created; "" if it has none.

    Unless `anywhere` is given, the URL must be on one of the site's hosts. Raises `ThreadNotAllowed` or
    `InvalidFields`.
    """
    url = _clean_url(ref.url) if ref.url else ""
    if not anywhere and (not url or host_of(url) not in site.hosts):
        raise ThreadNotAllowed
    return url
