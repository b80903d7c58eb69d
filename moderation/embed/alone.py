"""A thread on a page of its own: where a link to one comment leads if the thread is framed elsewhere."""

from dataclasses import replace
from functools import partial

from django.db import Error as StoreError
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from moderation.embed.frame import access_site, answer_refusals, build_frame_page, say_unavailable
from moderation.embed.language import in_language
from moderation.embed.pace import limit_reads
from moderation.embed.page import Page
from moderation.embed.posting import post_comment
from moderation.embed.showing import show_page
from moderation.lib.database_errors import is_passing

_NAMED = ("url", "title", "lang")


@require_safe
@in_language
@limit_reads
def thread_alone(request: HttpRequest, public_key: str) -> HttpResponse:
    """The thread of `?url=` with a link to that page; `comment` names the comment to show."""
    try:
        return answer_refusals(partial(_show, request, public_key))
    except StoreError as error:
        if not is_passing(error):
            raise
        return say_unavailable()


# As under an article: a reader's cookies grant no rights here.
@csrf_exempt
@require_POST
@in_language
def alone_comments(request: HttpRequest, public_key: str) -> HttpResponse:
    """Accept the form on such a page."""
    return answer_refusals(partial(post_comment, request, partial(build_alone_page, request, public_key)))


def _show(request: HttpRequest, public_key: str) -> HttpResponse:
    return show_page(request, build_alone_page(request, public_key))


def build_alone_page(request: HttpRequest, public_key: str) -> Page:
    """The frame's page in a tab of its own: the reader's own colours, and a browser that keeps cookies."""
    framed = build_frame_page(request, access_site(public_key), public_key)
    return replace(
        framed,
        path=reverse("thread-alone", args=[public_key]),
        post_path=reverse("alone-comments", args=[public_key]),
        template="embed/alone.html",
        query={name: framed.query[name] for name in _NAMED if name in framed.query},
        context={**framed.context, "theme": "", "url": framed.ref.url},
        offers_consent=True,
        framed_by=(),
    )
