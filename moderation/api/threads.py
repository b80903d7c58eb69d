"""Threads as readers see them: by a key in a header, or by a public key in the path."""

import hashlib
from dataclasses import replace
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.utils.http import parse_etags

from moderation.api import operations
from moderation.api.limits import PublicReadView
from moderation.api.problems import ProblemRaised
from moderation.api.rendering import Response
from moderation.api.shapes import show_empty_thread, show_thread
from moderation.api.submission import MOST_KEY, MOST_URL
from moderation.api.view import ANY_KEY, NO_KEY, allow
from moderation.domain.errors import NotFound
from moderation.flow.comments.threads import ThreadRef, find_thread
from moderation.lib.urls import canonical_or_none, host_of
from moderation.models import Site, Thread
from moderation.privacy.tokens import FORM_MAX_AGE, form_token
from moderation.queries.comments import access_thread
from moderation.queries.keys import find_site_of_public_key
from moderation.queries.threads import Position, ThreadPage, branch_page, thread_page


class _ThreadReading(PublicReadView):
    """What reading a thread has in common, whoever asks."""

    def answer(self, site: Site, thread: Thread) -> Response:
        """One page, or 304 where the asker has it already."""
        root, after, limit = self._read_page()
        is_open = site.is_open if thread.is_open is None else thread.is_open
        etag = _build_etag(thread, is_open, root, after, limit)
        self.more_headers |= {"ETag": etag, "Cache-Control": "no-cache"}
        if etag in parse_etags(self.request.headers.get("If-None-Match", "")):
            return Response(status=304)
        page = _access_page(thread, Position(root=root, after=after, limit=limit))
        return Response(show_thread(thread, page, is_open=is_open))

    def answer_by_name(self, site: Site) -> Response:
        """The same for a thread named by `key` or `url`; a page without comments is an empty thread."""
        ref = self._read_ref()
        self._read_page()
        thread = find_thread(site.id, ref)
        if thread is not None:
            return self.answer(site, thread)
        if not ref.url or host_of(ref.url) not in site.hosts:
            raise NotFound
        return Response(show_empty_thread(key=ref.key, url=ref.canonical, is_open=site.is_open))

    def _read_page(self) -> tuple[UUID | None, UUID | None, int]:
        return self.query.uuid("root"), self.query.uuid("after"), self.query.limit()

    def _read_ref(self) -> ThreadRef:
        key, url = self.query.text("key").strip(), self.query.text("url").strip()
        if not key and not url:
            raise ProblemRaised(400, "invalid_parameter", "Name the page by url=… or by key=….")
        canonical = canonical_or_none(url) if url and len(url) <= MOST_URL else ""
        if len(key) > MOST_KEY or len(url) > MOST_URL or canonical is None:
            raise ProblemRaised(400, "invalid_parameter", "Give the page's full address, https://…")
        return ThreadRef(key=key, url=url, canonical=canonical)


class ThreadByNameView(_ThreadReading):
    """The thread of a page."""

    @allow(ANY_KEY, "url", "key", "root", "after", "limit")
    @operations.read_thread_by_name
    def get(self, request: HttpRequest) -> Response:
        """One page of the thread that `url` or `key` names."""
        return self.answer_by_name(self.caller.site)


class ThreadView(_ThreadReading):
    """A thread by its id."""

    @allow(ANY_KEY, "root", "after", "limit")
    @operations.read_thread
    def get(self, request: HttpRequest, thread_id: UUID) -> Response:
        """One page of the thread."""
        site = self.caller.site
        return self.answer(site, access_thread(site.id, thread_id))


class PublicThreadView(_ThreadReading):
    """The thread of a page for the page itself: a simple GET that any origin may read."""

    reads_keys = False

    @allow(NO_KEY, "url", "key", "root", "after", "limit")
    @operations.read_public_thread
    def get(self, request: HttpRequest, public_key: str) -> Response:
        """One page of the thread that `url` or `key` names."""
        return self.answer_by_name(access_public_site(public_key))


class FormTokenView(PublicReadView):
    """A form's token for a script: it tells a person's pace from a machine's."""

    reads_keys = False

    @allow(NO_KEY, "thread")
    @operations.read_form_token
    def get(self, request: HttpRequest, public_key: str) -> Response:
        """A token for the thread that will be sent with it: its key, or its URL where it has none."""
        site = access_public_site(public_key)
        thread = self.query.text("thread").strip()
        if not thread or len(thread) > MOST_URL:
            raise ProblemRaised(400, "invalid_parameter", "Name the page in thread=…, as you will send it.")
        token = form_token(site_id=site.id, thread=thread, by_script=True)
        return Response({"form_token": token, "expires_in_s": int(FORM_MAX_AGE.total_seconds())})


def access_public_site(public_key: str) -> Site:
    """The site whose public key stands in the path. Raises `NotFound`."""
    site = find_site_of_public_key(public_key)
    if site is None:
        raise NotFound
    return site


def _access_page(thread: Thread, position: Position) -> ThreadPage:
    """The part of the thread; of one branch its replies alone. Raises `NotFound`."""
    if position.root is None:
        return thread_page(thread, after=position.after, limit=position.limit)
    page = branch_page(thread, position.root, after=position.after, limit=position.limit)
    if page is None:
        raise NotFound
    next_after = page.more_replies.get(position.root)
    return replace(page, comments=page.comments[1:], next_after=next_after, more_replies={})


def _build_etag(thread: Thread, is_open: bool, *page: Any) -> str:
    facts = (thread.id, thread.version, thread.changed_at, is_open, *page)
    return f'W/"{hashlib.sha256(repr(facts).encode()).hexdigest()[:32]}"'
