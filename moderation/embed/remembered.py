"""The consent cookie: name, email and website, encrypted in the reader's own browser."""

from collections.abc import Mapping

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from moderation.models import Site
from moderation.privacy.remembered import MAX_AGE, open_remembered, seal_remembered

COOKIE_PREFIX = "comment_author_"
KEPT = ("author", "email", "url")


def cookie_name(site: Site) -> str:
    """Each site has its own: several may be framed from one host. Under TLS no other host can set it."""
    only_this_host = "__Host-" if settings.SESSION_COOKIE_SECURE else ""
    return f"{only_this_host}{COOKIE_PREFIX}{site.id.hex[:12]}"


def read_remembered(request: HttpRequest, site: Site) -> dict[str, str]:
    """What the reader asked to keep, or nothing."""
    sealed = request.COOKIES.get(cookie_name(site), "")
    return open_remembered(sealed, site_id=site.id) if sealed else {}


def remember(response: HttpResponse, site: Site, typed: Mapping[str, str]) -> None:
    """Store name, email and website in the browser for a year, unreadable for scripts."""
    response.set_cookie(
        cookie_name(site),
        seal_remembered({name: typed[name] for name in KEPT}, site_id=site.id),
        max_age=MAX_AGE,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",  # grants no rights, and has to be sent when a reader follows a link
    )


def forget(response: HttpResponse, site: Site) -> None:
    """Delete the cookie."""
    response.delete_cookie(cookie_name(site), samesite="Lax")
