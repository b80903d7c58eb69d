"""`POST /compat/coral/<public key>`: the address of Coral's external moderation phase."""

import json

import structlog
from django.core.exceptions import RequestDataTooBig
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from moderation.compat.analysis import analyse
from moderation.compat.coral.answers import describe_error
from moderation.compat.coral.mapping import CoralRefused, build_answer, read_request
from moderation.compat.coral.signature import is_signed
from moderation.compat.keys import CompatCaller, find_caller
from moderation.compat.quota import count_score_call
from moderation.queries.coral import signing_secret

log = structlog.get_logger(__name__)


@csrf_exempt
def phase(request: HttpRequest, public_key: str) -> HttpResponse:
    """Judge one comment at once. Coral waits for the answer; nothing is stored.

    The key says whose policy judges. That it is Coral who asks is proven by the signature alone.
    """
    if request.method != "POST":
        return _refuse(405, "Coral sends POST.", Allow="POST")
    try:
        return _judge(request, public_key)
    except RequestDataTooBig:
        return _refuse(413, "Send at most 128 kB.")
    except CoralRefused as refused:
        return _refuse(400, str(refused))
    except DatabaseError as error:
        log.warning("compat.no_database", error=type(error).__name__)
        return _refuse(503, "The service is unavailable for a moment.")


def _judge(request: HttpRequest, key: str) -> HttpResponse:
    caller, body = find_caller(key), request.body
    if caller is None or not _is_from_coral(request, body, caller):
        return _refuse(401, "The key in the address or the signature is not valid.")
    asked = read_request(body)
    if asked.is_staff:
        return HttpResponse(status=204)
    if wait_s := count_score_call(caller):
        return _refuse(429, "This key has used up its calls of this minute.", Retry_After=str(wait_s))
    answer = build_answer(asked, analyse(asked.text, caller.judging), caller.judging.policy)
    return HttpResponse(status=204) if answer is None else _json(json.dumps(answer), 200)


def _is_from_coral(request: HttpRequest, body: bytes, caller: CompatCaller) -> bool:
    secret = signing_secret(caller.site.id)
    return secret is not None and is_signed(body, request.META.get("HTTP_X_CORAL_SIGNATURE", ""), secret)


@csrf_exempt
def nothing_here(request: HttpRequest) -> HttpResponse:
    """Any other address below this one."""
    return _refuse(404, "There is nothing here: the address ends with a public key of the site.")


def _refuse(status: int, message: str, **headers: str) -> HttpResponse:
    response = _json(describe_error(message), status)
    for name, value in headers.items():
        response[name.replace("_", "-")] = value
    return response


def _json(body: str, status: int) -> HttpResponse:
    return HttpResponse(body, status=status, content_type="application/json")
