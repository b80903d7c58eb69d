"""A thread as a piece of HTML that a site's server puts into its own page, for search engines above all."""

from dataclasses import replace
from functools import partial

from csp.constants import HEADER, NONE
from csp.utils import build_policy
from django.conf import settings
from django.db import Error as StoreError
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html
from django.views.decorators.http import require_safe

from moderation.embed.alone import build_alone_page
from moderation.embed.frame import answer_refusals, say_unavailable
from moderation.embed.language import in_language
from moderation.embed.pace import limit_reads
from moderation.embed.page import RESPOND, Page, read_wanted
from moderation.embed.showing import show_page
from moderation.lib.database_errors import is_passing


@require_safe
@in_language
@limit_reads
def thread_fragment(request: HttpRequest, public_key: str) -> HttpResponse:
    """The comments of `?url=` without a page around them, marked up as `Comment` of schema.org.

    What goes wrong is answered as one paragraph, too: it may end up in the site's page.
    """
    try:
        return answer_refusals(partial(_show, request, public_key), _say)
    except StoreError as error:
        if not is_passing(error):
            raise
        return say_unavailable(_say)


def _show(request: HttpRequest, public_key: str) -> HttpResponse:
    wanted = replace(read_wanted(request.GET), own_id=None, reply_to=None)
    return show_page(request, _build_page(request, public_key), wanted)


def _build_page(request: HttpRequest, public_key: str) -> Page:
    """The page that is included: its links are complete, and the form is on a page of ours."""
    alone = build_alone_page(request, public_key)
    base = settings.PUBLIC_URL or request.build_absolute_uri("/").rstrip("/")
    path = base + alone.path
    page = replace(alone, path=path, post_path=path, template="embed/fragment.html", is_included=True)
    return replace(page, context={"url": page.ref.url, "title": "", "form_link": page.link(RESPOND)})


def _say(text: str, http_status: int) -> HttpResponse:
    response = HttpResponse(format_html('<p class="comments-notice">{}</p>\n', text), status=http_status)
    response["Cache-Control"] = "no-store"
    response[HEADER] = build_policy(replace={"frame-ancestors": [NONE]})
    return response
