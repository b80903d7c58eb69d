"""Headers that every answer has, whether it comes from a view, a file or an early refusal."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from moderation.lib.page_headers import CORP, OWN_ORIGIN, PERMISSIONS_POLICY

# The default policy: such an answer runs, loads, frames and posts nothing.
STRICT_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    CORP: OWN_ORIGIN,
    "Content-Security-Policy": (
        "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
    ),
}


def add_missing_headers(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[..., HttpResponse]:
    """The outermost middleware: adds the headers that an answer does not set itself.

    Django's own middleware adds most of these, but not to files, nor to requests that are refused before it
    is called (a wrong host).
    """

    def answer(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        for name, value in STRICT_HEADERS.items():
            response.headers.setdefault(name, value)
        if response.headers.get("Content-Type", "").startswith("text/html"):
            response.headers.setdefault("Permissions-Policy", PERMISSIONS_POLICY)
        return response

    return answer
