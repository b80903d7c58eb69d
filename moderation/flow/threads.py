"""From a request to a thread: found, or opened where that is allowed."""

import hashlib
from dataclasses import dataclass
from uuid import UUID

from moderation.domain.errors import (
    FieldError,
    InvalidFields,
    NotFound,
    ParentNotPublished,
    ThreadClosed,
    ThreadNotAllowed,
)
from moderation.domain.status import Status
from moderation.lib.urls import canonical_url, host_of
from moderation.models import Comment, Site, Thread

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


def access_open_thread(site: Site, ref: ThreadRef, *, anywhere: bool) -> Thread:
    """The thread of `ref`, opened if it is new. Part of the caller's transaction.

    Without `anywhere` a new thread needs a URL on one of the site's hosts. Raises `ThreadClosed`,
    `ThreadNotAllowed` or `InvalidFields`.
    """
    thread = find_thread(site.id, ref) or _open_thread(site, ref, anywhere=anywhere)
    if not (site.is_open if thread.is_open is None else thread.is_open):
        raise ThreadClosed
    return thread


def find_thread(site_id: UUID, ref: ThreadRef) -> Thread | None:
    """The thread of `ref`, or None. Raises `InvalidFields` for an unusable URL."""
    return Thread.objects.filter(site_id=site_id, key=_key_of(ref)).first()


def access_parent(thread: Thread, parent_id: UUID) -> Comment:
    """The published comment of this very thread that is replied to.

    Raises `NotFound` for one of another thread, `ParentNotPublished` for one that readers cannot see.
    """
    parent = Comment.objects.filter(id=parent_id, site_id=thread.site_id, thread_id=thread.id).first()
    if parent is None:
        raise NotFound("The comment that you reply to is not here.")
    if parent.status != Status.PUBLISHED or parent.depth >= MOST_DEPTH:
        raise ParentNotPublished
    return parent


def _key_of(ref: ThreadRef) -> str:
    key = ref.key or _clean_url(ref.url)
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


def _open_thread(site: Site, ref: ThreadRef, *, anywhere: bool) -> Thread:
    url = _clean_url(ref.url) if ref.url else ""
    if not anywhere and (not url or host_of(url) not in site.hosts):
        raise ThreadNotAllowed
    thread, _ = Thread.objects.get_or_create(
        site=site, key=_key_of(ref), defaults={"url": url[:2000], "title": ref.title[:300]}
    )
    return thread
