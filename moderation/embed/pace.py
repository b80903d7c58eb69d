"""The rate at which a network may read pages that are not in memory."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from csp.constants import HEADER
from csp.utils import build_policy
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.translation import gettext

from moderation.embed.wording import tell_wait
from moderation.lib.client_ip import client_ip
from moderation.queries.read_rate import count_read

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponse]


def limit_reads(view: View[P]) -> View[P]:
    """Count a read before `view` queries anything; 429 for a network that reads too fast."""

    @wraps(view)
    def limited(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        wait_s = count_request(request, str(kwargs.get("public_key", "")))
        return _say_too_fast(request, wait_s) if wait_s else view(request, *args, **kwargs)

    return limited


def count_request(request: HttpRequest, public_key: str = "") -> int:
    """Count a read of this request's network. Returns 0, or the seconds to wait."""
    return count_read(_ip_of(request), key=public_key)


def _ip_of(request: HttpRequest) -> str:
    return client_ip(
        request.META.get("REMOTE_ADDR", ""),
        request.META.get("HTTP_X_FORWARDED_FOR", ""),
        trusted_proxies=settings.TRUSTED_PROXIES,
    )


def _say_too_fast(request: HttpRequest, wait_s: int) -> HttpResponse:
    text = f"{gettext('Too many requests.')} {tell_wait(wait_s)}"
    response = HttpResponse(render_to_string("embed/notice.html", {"text": text}), status=429)
    response["Retry-After"] = str(wait_s)
    response["Cache-Control"] = "no-store"
    if request.path.startswith("/embed/"):  # this has to be visible, and the framing page was not looked up
        response[HEADER] = build_policy(replace={"frame-ancestors": ["*"]})
    return response
