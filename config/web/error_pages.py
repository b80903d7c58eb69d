"""Django's answers to errors outside of views: the shell's refusals, as a problem document or as a page."""

from django.http import HttpRequest, HttpResponse

from config.web.refusals import FAILED, MISSING, UNREADABLE, Refusal


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """For a wrong host, a form with too many fields, and similar requests."""
    return _answer(UNREADABLE, request)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """For an unknown address."""
    return _answer(MISSING, request)


def server_error(request: HttpRequest) -> HttpResponse:
    """For an internal error."""
    return _answer(FAILED, request)


def _answer(refusal: Refusal, request: HttpRequest) -> HttpResponse:
    answer = refusal.answer(request.path_info, request.META.get("HTTP_ACCEPT", ""))
    response = HttpResponse(answer.body, status=answer.status)
    for name, value in answer.headers:
        response[name] = value
    return response
