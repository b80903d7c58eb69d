"""A thread as data for the web component: one page of comments and what its form needs.

The member names are short, because this is what every reader downloads.
"""

import time
from functools import partial
from uuid import UUID

import msgspec
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from moderation.domain.errors import NotFound
from moderation.embed.comments import hue_of
from moderation.embed.frame import access_site, read_frame_ref
from moderation.embed.page import Wanted, read_wanted
from moderation.embed.problem import open_headers, open_to_scripts
from moderation.embed.sharing import share_copy
from moderation.flow.comments.threads import ThreadRef, find_thread
from moderation.models import Site, Thread
from moderation.privacy.tokens import form_token
from moderation.queries.page_memory import PageKey
from moderation.queries.pages import takes_comments
from moderation.queries.thread_parts import read_part
from moderation.queries.threads import Position, PublishedComment, ThreadPage

VERSION = 1


@require_safe
@open_to_scripts
def thread_data(request: HttpRequest, public_key: str) -> HttpResponse:
    """The thread of `?url=` on the key's site: the part that `before`, `after`, `root`, `comment` and `sort`
    name, as on the pages; `title` names a page without comments.
    """
    site = access_site(public_key)
    ref, wanted, asked_at = read_frame_ref(request, site), read_wanted(request.GET), time.monotonic()
    thread = find_thread(site.id, ref)
    if thread is None:
        return _respond(_show_empty(site, ref))
    key = build_key(site.id, ref.url, wanted.position)._replace(is_secure=request.is_secure())
    render = partial(_render, site, ref, thread, wanted)
    return share_copy(request, key, site, thread, render, asked_at=asked_at)


def build_key(site_id: UUID, url: str, position: Position) -> PageKey:
    """The key in memory of a part of the thread of a page's canonical URL."""
    return PageKey(f"data:{site_id}", url, position)


def _render(site: Site, ref: ThreadRef, thread: Thread, wanted: Wanted) -> tuple[HttpResponse, bool]:
    """The data, and whether the part of the thread that the URL names exists. Raises `NotFound`."""
    page = read_part(thread, wanted.position)
    if page is None:
        raise NotFound
    return _respond(_show(site, ref, thread, page)), page.is_known


def _respond(data: dict[str, object]) -> HttpResponse:
    response = HttpResponse(msgspec.json.encode(data), content_type="application/json")
    response["Cache-Control"] = "no-cache"
    response["Vary"] = "Accept-Encoding"
    return open_headers(response)


def _show_empty(site: Site, ref: ThreadRef) -> dict[str, object]:
    thread = _show_thread(site, None, ref.title)
    return {"v": VERSION, "thread": thread, "comments": [], "token": _token(site, ref)}


def _show(site: Site, ref: ThreadRef, thread: Thread, page: ThreadPage) -> dict[str, object]:
    shown: dict[str, object] = {
        "v": VERSION,
        "thread": {"id": thread.id, **_show_thread(site, thread, thread.title)},
        "comments": [_show_comment(comment, site.id, page) for comment in page.comments],
        "token": _token(site, ref),
    }
    if page.previous_before:
        shown["older"] = page.previous_before
    if page.next_after:
        shown["newer"] = page.next_after
    return shown


def _show_thread(site: Site, thread: Thread | None, title: str) -> dict[str, object]:
    return {
        "version": thread.version if thread else 0,
        "count": thread.published_count if thread else 0,
        "open": takes_comments(site, thread),
        "email": site.requires_email,
        "format": "markdown",
        "work": False,
        "title": title,
    }


def _show_comment(comment: PublishedComment, site_id: UUID, page: ThreadPage) -> dict[str, object]:
    """A reply whose `parent` is not among the comments belongs to the root before it."""
    shown: dict[str, object] = {
        "id": comment.id,
        "name": comment.author_name,
        "at": int(comment.submitted_at.timestamp()),
        "html": comment.body_html,
        "hue": hue_of(comment, site_id),
    }
    if comment.parent_id:
        shown["parent"] = comment.parent_id
    if comment.website:
        shown["site"] = comment.website
    if comment.is_removed:
        shown["removed"] = True
    if comment.id in page.more_replies:
        shown["more"] = page.more_replies[comment.id]
    return shown


def _token(site: Site, ref: ThreadRef) -> str:
    """A form token, which tells a person from a machine; it may be a minute older than the answer."""
    return form_token(site_id=site.id, thread=ref.url, by_script=True)
