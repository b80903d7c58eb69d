"""A thread as a piece of HTML that a site's server puts into its own page, for search engines above all."""

from dataclasses import replace

from csp.constants import HEADER, NONE
from csp.utils import build_policy
from django.conf import settings
from django.db import Error as StoreError
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from moderation.domain.errors import InvalidFields, Refused
from moderation.embed.frame import UNAVAILABLE, access_site, build_frame_page
from moderation.embed.language import in_language
from moderation.embed.pace import limit_reads
from moderation.embed.page import RESPOND, Page, read_wanted
from moderation.embed.posting import UNAVAILABLE_RETRY_S
from moderation.embed.showing import show_page
from moderation.embed.wording import tell_refusal
from moderation.lib.database_errors import is_passing

_NAMED = ("url", "title", "lang")


@require_safe
@in_language
@limit_reads
def thread_fragment(request: HttpRequest, public_key: str) -> HttpResponse:
    """The comments of `?url=` without a page around them, marked up as `Comment` of schema.org.

    What goes wrong is answered as one paragraph, too: it may end up in the site's page.
    """
    try:
        wanted = replace(read_wanted(request.GET), own_id=None, reply_to=None)
        response = show_page(request, _build_page(request, public_key), wanted)
    except InvalidFields as problem:
        response = _say(problem.errors[0].message, 400)
    except Refused as problem:
        response = _say(tell_refusal(problem), 403)
    except StoreError as error:
        if not is_passing(error):
            raise
        response = _say(gettext(UNAVAILABLE), 503)
        response["Retry-After"] = str(UNAVAILABLE_RETRY_S)
    return response


def _build_page(request: HttpRequest, public_key: str) -> Page:
    """The page that is included: its links are complete, and the form is on a page of ours."""
    framed = build_frame_page(request, access_site(public_key), public_key)
    base = settings.PUBLIC_URL or request.build_absolute_uri("/").rstrip("/")
    alone = base + reverse("thread-alone", args=[public_key])
    page = replace(
        framed,
        path=alone,
        post_path=alone,
        template="embed/fragment.html",
        query={name: framed.query[name] for name in _NAMED if name in framed.query},
        offers_consent=True,
        framed_by=(),
        is_included=True,
    )
    return replace(page, context={"url": page.ref.url, "title": "", "form_link": page.link(RESPOND)})


def _say(text: str, http_status: int) -> HttpResponse:
    response = HttpResponse(format_html('<p class="comments-notice">{}</p>\n', text), status=http_status)
    response["Cache-Control"] = "no-store"
    response[HEADER] = build_policy(replace={"frame-ancestors": [NONE]})
    return response
