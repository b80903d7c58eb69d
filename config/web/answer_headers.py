"""Headers that no answer goes without, whoever made it: a view, a file, a refusal before any view."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

# What holds where nothing looser was meant: such an answer runs, loads, frames and posts nothing.
STRICT_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Content-Security-Policy": (
        "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
    ),
}


def add_missing_headers(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[..., HttpResponse]:
    """Middleware, outside of all others: fills in what an answer does not say itself.

    Django's own middleware adds most of these, but not to what is refused before it is asked (a
    wrong host) nor to files.
    """

    def answer(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        for name, value in STRICT_HEADERS.items():
            response.headers.setdefault(name, value)
        return response

    return answer
