"""What Django answers where no view does: the shell's refusals, as a problem or as a page in words."""

from django.http import HttpRequest, HttpResponse

from config.web.refusals import FAILED, MISSING, UNREADABLE, Refusal


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """For a host that is none of ours, a form with too many fields, and their kind."""
    return _answer(UNREADABLE, request)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """For an address that leads nowhere."""
    return _answer(MISSING, request)


def server_error(request: HttpRequest) -> HttpResponse:
    """For an error of ours."""
    return _answer(FAILED, request)


def _answer(refusal: Refusal, request: HttpRequest) -> HttpResponse:
    answer = refusal.answer(request.path_info, request.META.get("HTTP_ACCEPT", ""))
    response = HttpResponse(answer.body, status=answer.status)
    for name, value in answer.headers:
        response[name] = value
    return response
