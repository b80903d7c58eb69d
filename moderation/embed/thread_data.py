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
from moderation.embed.answers import open_to_scripts, respond_with_data
from moderation.embed.comments import hue_of
from moderation.embed.component_texts import Texts, texts_for
from moderation.embed.frame import access_site, read_frame_ref
from moderation.embed.language import read_language
from moderation.embed.page import Wanted, read_wanted
from moderation.embed.sharing import share_copy
from moderation.flow.comments.threads import ThreadRef, find_thread
from moderation.models import Site, Thread
from moderation.privacy.tokens import form_token
from moderation.queries.page_memory import PageKey
from moderation.queries.pages import takes_comments
from moderation.queries.published_rows import PublishedComment
from moderation.queries.thread_parts import read_part
from moderation.queries.threads import Position, ThreadPage

VERSION = 1


class _Thread(msgspec.Struct, kw_only=True):
    id: UUID | msgspec.UnsetType
    version: int
    count: int
    open: bool
    email: bool
    format: str
    work: bool
    title: str


class _Comment(msgspec.Struct, omit_defaults=True):
    """What is empty is left out. A reply whose `parent` is not among the comments belongs to the root before
    it.
    """

    id: UUID
    name: str
    at: int  # seconds since 1970
    html: str
    hue: int
    parent: UUID | None = None
    site: str = ""
    removed: bool = False
    more: UUID | None = None


class _Data(msgspec.Struct, omit_defaults=True, kw_only=True):
    v: int
    thread: _Thread
    comments: list[_Comment]
    token: str
    older: UUID | None = None
    newer: UUID | None = None
    texts: Texts | None = None


@require_safe
@open_to_scripts
def thread_data(request: HttpRequest, public_key: str) -> HttpResponse:
    """The thread of `?url=` on the key's site: the part that `before`, `after`, `root`, `comment` and `sort`
    name, as on the pages; `title` names a page without comments, `lang` the language of the component.
    """
    site = access_site(public_key)
    ref, wanted, asked_at = read_frame_ref(request, site), read_wanted(request.GET), time.monotonic()
    thread = find_thread(site.id, ref)
    language = read_language(request.GET.get("lang"))
    if thread is None:
        return respond_with_data(_show_empty(site, ref, texts_for(language)))
    key = build_key(site.id, ref.url, wanted.position)
    key = key._replace(is_secure=request.is_secure(), language=language)
    render = partial(_render, site, ref, thread, wanted, texts_for(language))
    return share_copy(request, key, site, thread, render, asked_at=asked_at)


def build_key(site_id: UUID, url: str, position: Position) -> PageKey:
    """The key in memory of a part of the thread of a page's canonical URL."""
    return PageKey(f"data:{site_id}", url, position)


def _render(
    site: Site, ref: ThreadRef, thread: Thread, wanted: Wanted, texts: Texts | None
) -> tuple[HttpResponse, bool]:
    """The data, and whether the part of the thread that the URL names exists. Raises `NotFound`."""
    page = read_part(thread, wanted.position)
    if page is None:
        raise NotFound
    data = _show(site, ref, thread, page)
    data.texts = texts
    return respond_with_data(data), page.is_known


def _show_empty(site: Site, ref: ThreadRef, texts: Texts | None) -> _Data:
    thread = _show_thread(site, None, ref.title)
    return _Data(v=VERSION, thread=thread, comments=[], token=_token(site, ref), texts=texts)


def _show(site: Site, ref: ThreadRef, thread: Thread, page: ThreadPage) -> _Data:
    return _Data(
        v=VERSION,
        thread=_show_thread(site, thread, thread.title),
        comments=[_show_comment(comment, site.id, page) for comment in page.comments],
        token=_token(site, ref),
        older=page.previous_before,
        newer=page.next_after,
    )


def _show_thread(site: Site, thread: Thread | None, title: str) -> _Thread:
    return _Thread(
        id=thread.id if thread else msgspec.UNSET,
        version=thread.version if thread else 0,
        count=thread.published_count if thread else 0,
        open=takes_comments(site, thread),
        email=site.requires_email,
        format=site.text_format,
        work=site.asks_readers_for_work,
        title=title,
    )


def _show_comment(comment: PublishedComment, site_id: UUID, page: ThreadPage) -> _Comment:
    return _Comment(
        comment.id,
        comment.author_name,
        int(comment.submitted_at.timestamp()),
        comment.body_html,
        hue_of(comment, site_id),
        comment.parent_id,
        comment.website,
        comment.is_removed,
        page.more_replies.get(comment.id),
    )


def _token(site: Site, ref: ThreadRef) -> str:
    """A form token, which tells a person from a machine; it may be a minute older than the answer."""
    return form_token(site_id=site.id, thread=ref.url, by_script=True)
