"""Pages that are the same for everybody: rendered once per change and sent from memory."""

import time
from collections.abc import Callable
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.middleware.security import SecurityMiddleware

from moderation.embed.page import Page, Wanted
from moderation.embed.remembered import COOKIE_PREFIX
from moderation.lib.answer import Answer
from moderation.models import Site, Thread
from moderation.queries.page_memory import Kept, PageKey, Stamp, build_kept, build_stamp, pages


def may_share(request: HttpRequest, wanted: Wanted) -> bool:
    """Whether the request holds nothing of its reader's own."""
    return (
        request.method == "GET"
        and wanted.is_anybodys
        and not any(COOKIE_PREFIX in name for name in request.COOKIES)
    )


def share(
    request: HttpRequest,
    page: Page,
    thread: Thread,
    wanted: Wanted,
    render: Callable[[], tuple[HttpResponse, bool]],
    *,
    asked_at: float,
) -> HttpResponse:
    """The copy of `thread` as it is now, made afresh if needed. `thread` was read after `asked_at`.

    `render` gives the page, and whether that part of the thread exists: a page for a made-up part is shown
    but not kept.
    """
    return share_copy(request, _key_of(request, page, wanted), page.site, thread, render, asked_at=asked_at)


def share_copy(
    request: HttpRequest,
    key: PageKey,
    site: Site,
    thread: Thread,
    render: Callable[[], tuple[HttpResponse, bool]],
    *,
    asked_at: float,
) -> HttpResponse:
    """The same for anything that is made of a thread and kept under `key`."""
    stamp, asked = build_stamp(site, thread), request.headers
    with pages.turn(key):
        kept = pages.find_current(key, stamp, asked_at=asked_at)
        if kept is None:
            response, is_known = render()
            kept = copy_response(request, response, site, thread.id, stamp)
            kept.checked_at = asked_at
            if is_known:
                pages.keep(key, kept)
        answer = kept.answer(asked.get("Accept-Encoding", ""), asked.get("If-None-Match", ""))
    return to_response(answer)


def copy_response(
    request: HttpRequest, response: HttpResponse, site: Site, subject_id: UUID, stamp: Stamp
) -> Kept:
    """A copy of `response` that may be sent without passing through Django's middleware: it holds the headers
    that the middleware would add, and how long a CDN may keep it.
    """
    _state_delay(response, site)
    SecurityMiddleware(lambda _: response).process_response(request, response)
    return build_kept(subject_id, stamp, response.headers, response.content, time.monotonic())


def _state_delay(response: HttpResponse, site: Site) -> None:
    """Let a CDN answer by itself for as long as the site allows; browsers always ask."""
    if site.shared_max_age_s:
        response["Cache-Control"] = f"max-age=0, must-revalidate, s-maxage={site.shared_max_age_s}"


def _key_of(request: HttpRequest, page: Page, wanted: Wanted) -> PageKey:
    query = page.query
    return PageKey(
        page.path,
        query.get("url", ""),
        wanted.position,
        query.get("theme", ""),
        not page.offers_consent,
        request.is_secure(),
        page.language,
    )


def to_response(answer: Answer) -> HttpResponse:
    """`answer` as a response of Django."""
    response = HttpResponse(answer.body, status=answer.status)
    for name, value in answer.headers:
        response[name] = value
    if answer.status == 304:
        del response["Content-Type"]
    return response
