"""Builds a page and responds with it."""

import time
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from types import MappingProxyType
from uuid import UUID

from csp.constants import HEADER, NONE
from csp.utils import build_policy
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.cache import patch_vary_headers

from moderation.embed.discussion import Discussion, build_discussion
from moderation.embed.form import CommentForm, build_form
from moderation.embed.own import OwnView, look_at_own
from moderation.embed.page import Page, Wanted, read_wanted
from moderation.embed.remembered import read_remembered
from moderation.embed.sharing import may_share, share
from moderation.flow.comments.threads import find_thread
from moderation.lib.page_headers import CORP, EVERY_SITE, OWN_ORIGIN, PERMISSIONS_POLICY
from moderation.models import Thread
from moderation.queries.pages import name_of_published

# A screening takes some milliseconds. A reader who has to wait longer is told that it still goes on.
LOOK_AGAIN_AFTER_S = 2


def show_page(request: HttpRequest, page: Page, wanted: Wanted | None = None) -> HttpResponse:
    """The page that `request` asks for: with a reply form, older comments, or the author's own comment."""
    wanted = wanted or read_wanted(request.GET)
    asked_at = time.monotonic()
    thread = find_thread(page.site.id, page.ref)
    if thread is None:
        return _show(request, page, None, wanted)[0]
    page = page.of_thread(thread)
    if may_share(request, wanted):
        render = partial(_show, request, page, thread, wanted)
        return share(request, page, thread, wanted, render, asked_at=asked_at)
    return _show(request, page, thread, wanted)[0]


def _show(
    request: HttpRequest, page: Page, thread: Thread | None, wanted: Wanted
) -> tuple[HttpResponse, bool]:
    """The page, and whether the part of the thread that its URL names exists."""
    own = look_at_own(thread, wanted)
    remembered = read_remembered(request, page.site)
    form = build_form(
        page,
        values=remembered,
        has_consent=bool(remembered),
        reply_to=find_reply_to(thread, wanted.reply_to),
    )
    discussion = build_discussion(page, thread, wanted, own)
    response = render_page(
        page,
        discussion,
        form,
        own=_build_notice(page, discussion, wanted, own) if own else {},
        http_status=own.http_status if own else 200,
    )
    if own is not None:
        _keep_private(response, page, wanted, own)
    elif remembered:
        make_private(response)
    else:
        response["Cache-Control"] = "no-cache"
        # Not by `Referer`: who frames it is decided by the policy, and a shared cache may keep one copy.
        told = ["Sec-Fetch-Dest", "Sec-Fetch-Site"] if page.framed_by else []
        patch_vary_headers(response, ["Cookie", "Accept-Encoding", *told])
    return response, discussion.is_known


def render_page(
    page: Page,
    discussion: Discussion,
    form: CommentForm,
    *,
    own: Mapping[str, object] = MappingProxyType({}),
    http_status: int = 200,
) -> HttpResponse:
    """The whole page, with the notice `own` to the author of a comment. No context processors run, so it
    holds nothing of a session or an account.
    """
    form = replace(form, is_placed=discussion.is_open and discussion.shows(form.reply_to))
    context = {
        **page.context,
        "page": page,
        "discussion": discussion,
        "form": form,
        "own": own,
        "permalink": page.link(),
    }
    response = HttpResponse(render_to_string(page.template, context), status=http_status)
    response["Content-Language"] = translation.get_language()
    response[HEADER] = build_policy(replace={"frame-ancestors": list(page.framed_by) or [NONE]})
    if not page.framed_by:
        response["X-Frame-Options"] = "DENY"
    response["Permissions-Policy"] = PERMISSIONS_POLICY
    response[CORP] = EVERY_SITE if page.framed_by or page.is_included else OWN_ORIGIN
    if page.is_included:
        response["Access-Control-Allow-Origin"] = "*"
        response["X-Robots-Tag"] = "noindex"  # by itself; what is included belongs to the site's page
    return response


def _build_notice(page: Page, discussion: Discussion, wanted: Wanted, own: OwnView) -> dict[str, object]:
    """The notice for the author: at their comment, or above the form if the page does not show it. The
    fragment of the link leads to either.
    """
    assert wanted.own_id is not None  # otherwise there is no view of it
    return {
        "id": wanted.own_id,
        "text": own.notice,
        "is_at_comment": own.comment is not None and discussion.shows(own.comment.id),
        "again_link": _link_again(page, wanted) if own.may_look_again else "",
    }


def _link_again(page: Page, wanted: Wanted) -> str:
    own_id = str(wanted.own_id)
    return page.link(f"comment-{own_id}", unapproved=own_id, view=wanted.view_token, waited="1")


def find_reply_to(thread: Thread | None, comment_id: UUID | None) -> tuple[UUID, str] | None:
    """The comment to reply to and its author's name, if readers can see it."""
    name = name_of_published(thread, comment_id) if thread and comment_id else None
    return (comment_id, name) if comment_id and name is not None else None


def make_private(response: HttpResponse) -> None:
    """Mark a response as private to one reader: not cached, and not indexed by search engines."""
    response["Cache-Control"] = "private, no-store"
    response["X-Robots-Tag"] = "noindex"


def _keep_private(response: HttpResponse, page: Page, wanted: Wanted, own: OwnView) -> None:
    make_private(response)
    response["Referrer-Policy"] = "no-referrer"  # the URL holds the token
    if own.looks_again:
        response["Refresh"] = f"{LOOK_AGAIN_AFTER_S}; url={_link_again(page, wanted)}"
