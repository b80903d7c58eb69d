"""Challenges of the proof of work, for the script in a form and for ALTCHA's own widget."""

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from moderation.embed.answers import open_to_scripts, respond_with_data
from moderation.embed.frame import access_site
from moderation.models import Site
from moderation.privacy.work import new_challenge


@require_safe
@open_to_scripts
def challenge(request: HttpRequest, public_key: str) -> HttpResponse:
    """A new challenge of the key's site; 404 unless the site asks for a proof of work."""
    return show_challenge(access_site(public_key))


def show_challenge(site: Site) -> HttpResponse:
    """A new challenge, which no cache keeps. Raises `Http404` if the site does not ask for any."""
    if not site.asks_readers_for_work:
        raise Http404("This site asks for no proof of work.")
    response = respond_with_data(new_challenge(site.id))
    response["Cache-Control"] = "no-store"
    return response
