"""Readers' data as JSON, and its refusals as `application/problem+json` (RFC 9457), for any origin."""

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus

import msgspec
from django.db import Error as StoreError
from django.http import Http404, HttpRequest, HttpResponse

from moderation.domain.errors import InvalidFields, NotFound, Refused, StoreUnavailable
from moderation.embed.pace import View, count_request
from moderation.embed.posting import UNAVAILABLE_RETRY_S
from moderation.lib.database_errors import is_passing

PROBLEM_TYPE = "application/problem+json"
# What a script in any page may read: it holds nothing of a reader's own.
ANYBODY = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "ETag, Retry-After",
    "Cross-Origin-Resource-Policy": "cross-origin",
}
POLICY = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'"


def open_to_scripts(view: Callable[[HttpRequest, str], HttpResponse]) -> View[[str]]:
    """Count a read before `view` queries anything, and answer its refusals as problems."""

    @wraps(view)
    def answer(request: HttpRequest, public_key: str) -> HttpResponse:
        wait_s = count_request(request, public_key)
        if wait_s:
            return build_problem(429, "rate_limited", "Too many requests. Slow down.", retry_after_s=wait_s)
        try:
            return view(request, public_key)
        except (Http404, NotFound):
            return build_problem(404, NotFound.code, NotFound.message)
        except InvalidFields as refused:
            return build_problem(400, refused.errors[0].code, refused.errors[0].message)
        except Refused as refused:
            return build_problem(403, refused.code, refused.message)
        except StoreError as error:
            if not is_passing(error):
                raise
            away = StoreUnavailable
            return build_problem(503, away.code, away.message, retry_after_s=UNAVAILABLE_RETRY_S)

    return answer


def build_problem(status: int, code: str, detail: str, *, retry_after_s: int = 0) -> HttpResponse:
    """A problem document with a stable code for programs and a text for people."""
    title = HTTPStatus(status).phrase
    problem = {"type": "about:blank", "title": title, "status": status, "code": code, "detail": detail}
    response = HttpResponse(msgspec.json.encode(problem), status=status, content_type=PROBLEM_TYPE)
    response["Cache-Control"] = "no-store"
    if retry_after_s:
        response["Retry-After"] = str(retry_after_s)
    return _open_headers(response)


def respond_with_data(data: object) -> HttpResponse:
    """`data` as JSON for scripts, to be compared by its ETag at each use."""
    response = HttpResponse(msgspec.json.encode(data), content_type="application/json")
    response["Cache-Control"] = "no-cache"
    response["Vary"] = "Accept-Encoding"
    return _open_headers(response)


def _open_headers(response: HttpResponse) -> HttpResponse:
    """Let scripts of any page read `response`, and let no browser show it as a page."""
    for name, value in ANYBODY.items():
        response[name] = value
    response["Content-Security-Policy"] = POLICY
    response["X-Frame-Options"] = "DENY"
    return response
