"""Pages that are the same for everybody: rendered once per change, sent from memory."""

import time
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.middleware.security import SecurityMiddleware

from moderation.embed.memory import LONGEST_QUERY, Key, build_kept, build_stamp, pages
from moderation.embed.page import Page, Wanted
from moderation.embed.remembered import COOKIE_PREFIX
from moderation.lib.answer import Answer
from moderation.models import Thread

_SHARED_PARAMETERS = frozenset({"url", "title", "theme", "before", "after"})


def may_share(request: HttpRequest, wanted: Wanted) -> bool:
    """True for a request without anything of its reader's own in it."""
    return (
        request.method == "GET"
        and wanted.is_anybodys
        and _SHARED_PARAMETERS.issuperset(request.GET)
        and len(request.META["QUERY_STRING"]) <= LONGEST_QUERY
        and not any(COOKIE_PREFIX in name for name in request.COOKIES)
    )


def share(
    request: HttpRequest, page: Page, thread: Thread, render: Callable[[], HttpResponse], *, asked_at: float
) -> HttpResponse:
    """The copy made of `thread` as it is, or a fresh one. `thread` was read after `asked_at`."""
    key, stamp = _key_of(request), build_stamp(page.site, thread)
    kept = pages.find_current(key, stamp, asked_at=asked_at)
    if kept is None:
        response = render()
        # The headers that Django would add on the way out: the copy may leave without passing there.
        SecurityMiddleware(lambda _: response).process_response(request, response)
        kept = build_kept(thread.id, stamp, response.headers, response.content, time.monotonic())
        kept.checked_at = asked_at
        pages.keep(key, kept)
    return _to_response(
        kept.answer(request.headers.get("Accept-Encoding", ""), request.headers.get("If-None-Match", ""))
    )


def is_cross_site(request: HttpRequest) -> bool:
    """Whether the browser says that another site's page asks."""
    return request.headers.get("Sec-Fetch-Site") == "cross-site"


def _key_of(request: HttpRequest) -> Key:
    return (request.path, request.META["QUERY_STRING"], is_cross_site(request), request.is_secure())


def _to_response(answer: Answer) -> HttpResponse:
    response = HttpResponse(answer.body, status=answer.status)
    for name, value in answer.headers:
        response[name] = value
    if answer.status == 304:
        del response["Content-Type"]
    return response
