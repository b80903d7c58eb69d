"""Gives every request an id, which the log names during the request, and which refusals carry."""

from collections.abc import Callable

import structlog
from django.http import HttpRequest, HttpResponse

from moderation.lib.request_id import REQUEST_ID_HEADER, new_request_id


def give_request_ids(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[..., HttpResponse]:
    """The outermost middleware except `add_missing_headers`.

    Other answers have no such header, so that copies kept in memory stay equal.
    """

    def answer(request: HttpRequest) -> HttpResponse:
        request_id = new_request_id()
        request.request_id = request_id  # type: ignore[attr-defined]  # read by views and by `privacy.logs`
        with structlog.contextvars.bound_contextvars(request_id=request_id):
            response = get_response(request)
        if response.status_code >= 400:
            response.headers.setdefault(REQUEST_ID_HEADER, request_id)
        return response

    return answer
