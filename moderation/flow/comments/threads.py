"""From a request to a thread: found, or opened where that is allowed."""

import hashlib
from dataclasses import dataclass
from uuid import UUID

from moderation.domain.errors import FieldError, InvalidFields, ThreadNotAllowed
from moderation.lib.urls import canonical_url, host_of
from moderation.models import Site, Thread

# Characters; a longer key is cut and ends in its own hash.
MOST_KEY = 500
# Far deeper than anybody reads; pages indent twice and then go flat.
MOST_DEPTH = 100


@dataclass(frozen=True, slots=True)
class ThreadRef:
    """How a page is named from outside: by the site's own key, or by its URL."""

    key: str = ""
    url: str = ""
    title: str = ""
    canonical: str = ""  # of `url`, where a face has worked it out already


def find_thread(site_id: UUID, ref: ThreadRef) -> Thread | None:
    """The thread of `ref`, or None. Raises `InvalidFields` for an unusable URL."""
    return Thread.objects.filter(site_id=site_id, key=thread_key(ref)).first()


def thread_key(ref: ThreadRef) -> str:
    """What a thread is found by on its site. Raises `InvalidFields` for an unusable URL."""
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
    """The thread of `ref`, made where it is new. Raises what `check_new_thread` does."""
    url = check_new_thread(site, ref, anywhere=anywhere)
    thread, _ = Thread.objects.get_or_create(
        site=site, key=thread_key(ref), defaults={"url": url[:2000], "title": ref.title[:300]}
    )
    return thread


def check_new_thread(site: Site, ref: ThreadRef, *, anywhere: bool) -> str:
    """The URL of a thread that may be made; "" where it has none.

    Without `anywhere` that needs a URL on one of the site's hosts. Raises `ThreadNotAllowed` or
    `InvalidFields`.
    """
    url = _clean_url(ref.url) if ref.url else ""
    if not anywhere and (not url or host_of(url) not in site.hosts):
        raise ThreadNotAllowed
    return url
