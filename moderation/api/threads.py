"""Threads as readers see them: by a key in a header, or by a public key in the path."""

import time
from dataclasses import replace
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest
from django.middleware.security import SecurityMiddleware

from moderation.api import operations
from moderation.api.cors import ANYBODY
from moderation.api.limits import PublicReadView
from moderation.api.problems import ProblemRaised
from moderation.api.query_string import Query
from moderation.api.rendering import Response
from moderation.api.shapes import show_empty_thread, show_thread
from moderation.api.submission import MOST_KEY, MOST_URL
from moderation.api.view import ANY_KEY, NO_KEY, allow
from moderation.domain.errors import NotFound
from moderation.flow.comments.threads import ThreadRef, find_thread
from moderation.lib.answer import Answer
from moderation.lib.page_headers import CORP, OWN_ORIGIN
from moderation.lib.urls import canonical_or_none, host_of
from moderation.models import Site, Thread
from moderation.privacy.tokens import FORM_MAX_AGE, form_token
from moderation.queries.comments import access_thread
from moderation.queries.page_freshness import find_public_site
from moderation.queries.page_memory import Kept, PageKey, build_kept, build_stamp, pages
from moderation.queries.threads import Position, ThreadPage, branch_page, thread_page

# The parameters of a part of a thread, and those that also name the thread.
PLACED = ("root", "after", "limit")
NAMED = ("url", "key", *PLACED)
# These belong to one request and not to the thread, so cached copies have none of them.
_OF_REQUEST = frozenset({"x-request-id", *(name.lower() for name in ANYBODY)})


class _ThreadReading(PublicReadView):
    """What all ways to read a thread have in common."""

    def answer(self, site: Site, thread: Thread, *, asked_at: float) -> Response:
        """One page, or 304 if the caller already has it. `thread` was read after `asked_at`."""
        position, stamp = read_position(self.query), build_stamp(site, thread)
        key = build_key(site.id, thread.key, position, is_secure=self.request.is_secure())
        with pages.turn(key):
            kept = pages.find_current(key, stamp, asked_at=asked_at)
            if kept is None:
                page = _access_page(thread, position)
                is_open = site.is_open if thread.is_open is None else thread.is_open
                response = Response(show_thread(thread, page, is_open=is_open))
                headers = self._headers_to_keep(response)
                kept = build_kept(thread.id, stamp, headers, response.content, asked_at)
                if page.is_known:
                    pages.keep(key, kept)
            return self._send(kept)

    def answer_by_name(self, site: Site) -> Response:
        """The same for a thread named by `key` or `url`; a page without comments is an empty thread."""
        ref = read_ref(self.query)
        read_position(self.query)
        asked_at = time.monotonic()
        thread = find_thread(site.id, ref)
        if thread is not None:
            return self.answer(site, thread, asked_at=asked_at)
        if not ref.url or host_of(ref.url) not in site.hosts:
            raise NotFound
        return Response(show_empty_thread(key=ref.key, url=ref.canonical, is_open=site.is_open))

    def _headers_to_keep(self, response: Response) -> dict[str, str]:
        """The headers that Django's middleware would add: the copy may be sent without passing through it."""
        response["Cache-Control"] = "no-cache"
        response["Vary"] = "Accept-Encoding"
        response["X-Frame-Options"] = settings.X_FRAME_OPTIONS
        response[CORP] = OWN_ORIGIN
        SecurityMiddleware(lambda _: response).process_response(self.request, self._finish(response))
        return {name: value for name, value in response.items() if name.lower() not in _OF_REQUEST}

    def _send(self, kept: Kept) -> Response:
        meta = self.request.META
        return _to_response(
            kept.answer(meta.get("HTTP_ACCEPT_ENCODING", ""), meta.get("HTTP_IF_NONE_MATCH", ""))
        )


class ThreadByNameView(_ThreadReading):
    """The thread of a page."""

    @allow(ANY_KEY, *NAMED)
    @operations.read_thread_by_name
    def get(self, request: HttpRequest) -> Response:
        """One page of the thread that `url` or `key` names."""
        return self.answer_by_name(self.caller.site)


class ThreadView(_ThreadReading):
    """A thread by its id."""

    @allow(ANY_KEY, *PLACED)
    @operations.read_thread
    def get(self, request: HttpRequest, thread_id: UUID) -> Response:
        """One page of the thread."""
        site, asked_at = self.caller.site, time.monotonic()
        return self.answer(site, access_thread(site.id, thread_id), asked_at=asked_at)


class PublicThreadView(_ThreadReading):
    """The thread of a page, for the page's own scripts: a simple GET that any origin may read."""

    reads_keys = False

    @allow(NO_KEY, *NAMED)
    @operations.read_public_thread
    def get(self, request: HttpRequest, public_key: str) -> Response:
        """One page of the thread that `url` or `key` names."""
        return self.answer_by_name(access_public_site(public_key))


class FormTokenView(PublicReadView):
    """A form token for a script: it tells a person's pace from a machine's."""

    reads_keys = False

    @allow(NO_KEY, "thread")
    @operations.read_form_token
    def get(self, request: HttpRequest, public_key: str) -> Response:
        """A token for the thread that will be sent with it: its key, or its URL if it has none."""
        site = access_public_site(public_key)
        thread = self.query.text("thread").strip()
        if not thread or len(thread) > MOST_URL:
            raise ProblemRaised(400, "invalid_parameter", "Name the page in thread=…, as you will send it.")
        token = form_token(site_id=site.id, thread=thread, by_script=True)
        return Response({"form_token": token, "expires_in_s": int(FORM_MAX_AGE.total_seconds())})


def access_public_site(public_key: str) -> Site:
    """The site whose public key is in the path. Raises `NotFound`."""
    site = find_public_site(public_key)
    if site is None:
        raise NotFound
    return site


def read_ref(query: Query) -> ThreadRef:
    """The page that `key` or `url` names. Raises `ProblemRaised` (400)."""
    key, url = query.text("key").strip(), query.text("url").strip()
    if not key and not url:
        raise ProblemRaised(400, "invalid_parameter", "Name the page by url=… or by key=….")
    canonical = canonical_or_none(url) if url and len(url) <= MOST_URL else ""
    if len(key) > MOST_KEY or len(url) > MOST_URL or canonical is None:
        raise ProblemRaised(400, "invalid_parameter", "Give the page's full address, https://…")
    return ThreadRef(key=key, url=url, canonical=canonical)


def read_position(query: Query) -> Position:
    """The requested part of the thread. Raises `ProblemRaised` (400)."""
    return Position(root=query.uuid("root"), after=query.uuid("after"), limit=query.limit())


def build_key(site_id: UUID, thread_key: str, position: Position, *, is_secure: bool) -> PageKey:
    """The cache key of a part of a thread, however it was requested."""
    return PageKey(f"json:{site_id}", thread_key, position, is_secure=is_secure)


def _access_page(thread: Thread, position: Position) -> ThreadPage:
    """The part of the thread; for one branch only its replies. Raises `NotFound`."""
    if position.root is None:
        return thread_page(thread, after=position.after, limit=position.limit)
    page = branch_page(thread, position.root, after=position.after, limit=position.limit)
    if page is None:
        raise NotFound
    next_after = page.more_replies.get(position.root)
    return replace(page, comments=page.comments[1:], next_after=next_after, more_replies={})


def _to_response(answer: Answer) -> Response:
    response = Response(status=answer.status)
    response.content = answer.body
    for name, value in answer.headers:
        response[name] = value
    return response
