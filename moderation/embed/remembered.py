"""The consent cookie: name, email and website kept in the reader's own browser, sealed."""

from collections.abc import Mapping

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from moderation.models import Site
from moderation.privacy.remembered import MAX_AGE, open_remembered, seal_remembered

COOKIE_PREFIX = "comment_author_"
KEPT = ("author", "email", "url")


def cookie_name(site: Site) -> str:
    """Each site has its own, because several may be framed from one host; under TLS no other host sets it."""
    only_this_host = "__Host-" if settings.SESSION_COOKIE_SECURE else ""
    return f"{only_this_host}{COOKIE_PREFIX}{site.id.hex[:12]}"


def read_remembered(request: HttpRequest, site: Site) -> dict[str, str]:
    """What the reader once asked to keep; empty otherwise."""
    sealed = request.COOKIES.get(cookie_name(site), "")
    return open_remembered(sealed, site_id=site.id) if sealed else {}


def remember(response: HttpResponse, site: Site, typed: Mapping[str, str]) -> None:
    """Have the browser keep name, email and website for a year; no script can read them."""
    response.set_cookie(
        cookie_name(site),
        seal_remembered({name: typed[name] for name in KEPT}, site_id=site.id),
        max_age=MAX_AGE,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",  # gives no right, and has to come along when a reader follows a link
    )


def forget(response: HttpResponse, site: Site) -> None:
    """Have the browser drop them."""
    response.delete_cookie(cookie_name(site), samesite="Lax")
