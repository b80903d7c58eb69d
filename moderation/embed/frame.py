"""A thread with its form, to be shown in a frame on another site's page."""

from collections.abc import Callable, Sequence
from functools import partial

from csp.constants import HEADER, NONE
from csp.utils import build_policy
from django.db import Error as StoreError
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext, gettext_noop
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from moderation.domain.errors import FieldError, InvalidFields, Refused, ThreadNotAllowed
from moderation.embed.framing import APART, find_strange_host, keeps_cookies
from moderation.embed.language import in_language, name_language
from moderation.embed.pace import limit_reads
from moderation.embed.page import Page
from moderation.embed.posting import UNAVAILABLE_RETRY_S, post_comment
from moderation.embed.showing import show_page
from moderation.embed.wording import tell_error, tell_refusal
from moderation.flow.comments.threads import ThreadRef, find_thread
from moderation.lib.database_errors import is_passing
from moderation.lib.page_headers import CORP, EVERY_SITE
from moderation.lib.urls import canonical_url, host_of
from moderation.models import Site
from moderation.queries.page_freshness import find_public_site

LONGEST_TITLE = 300
THEMES = frozenset({"light", "dark"})
UNAVAILABLE = gettext_noop("The discussion cannot be shown right now. Please try again in a moment.")


@xframe_options_exempt
@require_safe
@in_language
@limit_reads
def thread_frame(request: HttpRequest, public_key: str) -> HttpResponse:
    """The thread of `?url=` on the key's site; `title` names it, `theme` may be `light` or `dark`."""
    try:
        site = access_site(public_key)
        if stranger := find_strange_host(request.headers, site.hosts):
            return _say_strange(site, stranger)
        return _frame(answer_refusals(partial(_show, request, site, public_key)), site)
    except StoreError as error:
        if not is_passing(error):
            raise
        return say_unavailable()


# As under an article: a reader's cookies grant no rights here.
@csrf_exempt
@xframe_options_exempt
@require_POST
@in_language
def frame_comments(request: HttpRequest, public_key: str) -> HttpResponse:
    """Accept the form in a frame. A new thread is created only for a page on the site's own hosts."""
    site: list[Site] = []

    def load_page() -> Page:
        site.append(access_site(public_key))
        return build_frame_page(request, site[0], public_key)

    response = answer_refusals(partial(post_comment, request, load_page))
    if site:
        return _frame(response, site[0])
    # The key was revoked while the form was open: readers of any page get their text back.
    response[HEADER] = build_policy(replace={"frame-ancestors": ["*"]})
    return response


def build_frame_page(request: HttpRequest, site: Site, public_key: str) -> Page:
    """The page that `?url=` names. Raises `InvalidFields` or `ThreadNotAllowed`."""
    ref = read_frame_ref(request, site)
    offers_consent = keeps_cookies(request.headers, request.GET)
    named = {
        "url": ref.url,
        "title": ref.title,
        "theme": read_theme(request.GET),
        APART: "" if offers_consent else "1",
        "lang": name_language(request),
    }
    return Page(
        site=site,
        ref=ref,
        path=reverse("thread-frame", args=[public_key]),
        post_path=reverse("frame-comments", args=[public_key]),
        challenge_path=reverse("challenge", args=[public_key]),
        template="embed/frame.html",
        permalink_path=reverse("thread-alone", args=[public_key]),
        query={name: value for name, value in named.items() if value},
        context={"title": ref.title or ref.url, "theme": named["theme"]},
        offers_consent=offers_consent,
        framed_by=tuple(frame_ancestors(site.hosts)),
    )


def read_frame_ref(request: HttpRequest, site: Site) -> ThreadRef:
    """What `?url=` and `title` name. Raises `InvalidFields`; `ThreadNotAllowed` for a page without a thread
    that is not one of the site's.
    """
    ref = ThreadRef(url=_read_url(request), title=clean_title(request.GET.get("title", "")))
    if host_of(ref.url) not in site.hosts and find_thread(site.id, ref) is None:
        raise ThreadNotAllowed(gettext("This page is not one of %(site)s.") % {"site": site.name})
    return ref


def read_theme(given: QueryDict) -> str:
    """The colours that the URL asks for; "" for the reader's own preference."""
    theme = given.get("theme", "")
    return theme if theme in THEMES else ""


def clean_title(title: str) -> str:
    """A page's title on one line, without control characters."""
    printable = "".join(sign if sign.isprintable() else " " for sign in title)
    return " ".join(printable.split())[:LONGEST_TITLE]


def frame_ancestors(hosts: Sequence[str]) -> list[str]:
    """The sources that may frame a site's threads. A policy cannot express IPv6 hosts."""
    sources = [f"{scheme}://{host}" for host in hosts if "[" not in host for scheme in ("https", "http")]
    return sources or [NONE]


def _show(request: HttpRequest, site: Site, public_key: str) -> HttpResponse:
    return show_page(request, build_frame_page(request, site, public_key))


def say(text: str, http_status: int) -> HttpResponse:
    """A page with this text alone."""
    response = HttpResponse(render_to_string("embed/notice.html", {"text": text}), status=http_status)
    response["Cache-Control"] = "no-store"
    return response


def answer_refusals(
    view: partial[HttpResponse], say: Callable[[str, int], HttpResponse] = say
) -> HttpResponse:
    """The view's response, or what is wrong with the page's URL, as `say` says it."""
    try:
        return view()
    except InvalidFields as problem:
        return say(tell_error(problem.errors[0]), 400)
    except Refused as problem:
        return say(tell_refusal(problem), 403)


def say_unavailable(say: Callable[[str, int], HttpResponse] = say) -> HttpResponse:
    """The notice while the database is away, as `say` says it."""
    response = say(gettext(UNAVAILABLE), 503)
    response["Retry-After"] = str(UNAVAILABLE_RETRY_S)
    return response


def _say_strange(site: Site, host: str) -> HttpResponse:
    """In the place of the browser's own page: these words may be seen on any page, the thread may not."""
    response = HttpResponse(render_to_string("embed/strange.html", {"site": site, "host": host}), status=403)
    response["Cache-Control"] = "no-store"
    response[HEADER] = build_policy(replace={"frame-ancestors": ["*"]})
    return response


def _frame(response: HttpResponse, site: Site) -> HttpResponse:
    response[HEADER] = build_policy(replace={"frame-ancestors": frame_ancestors(site.hosts)})
    response[CORP] = EVERY_SITE
    return response


def access_site(public_key: str) -> Site:
    """The site of a public key. Raises `Http404`."""
    site = find_public_site(public_key)
    if site is None:
        raise Http404("There is no such key.")
    return site


def _read_url(request: HttpRequest) -> str:
    given = request.GET.get("url") or request.headers.get("Referer", "")  # a frame's snippet is static
    try:
        return canonical_url(given)
    except ValueError:
        message = gettext("Name the page in the address of this frame: ?url=https://…")
        raise InvalidFields([FieldError("url", "invalid_url", message)]) from None
