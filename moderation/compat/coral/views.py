"""`POST /compat/coral/<public key>`: the address of Coral's external moderation phase."""

import json
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from moderation.compat.analysis import analyse
from moderation.compat.coral.mapping import CoralRefused, build_answer, read_request
from moderation.compat.coral.signature import is_signed
from moderation.compat.keys import CompatCaller, find_caller
from moderation.queries.coral import signing_secret


@csrf_exempt
def phase(request: HttpRequest, key: str) -> HttpResponse:
    """Judge one comment at once. Coral waits for the answer; nothing is stored.

    The key says whose policy judges. That it is Coral who asks is proven by the signature alone.
    """
    if request.method != "POST":
        return _refuse(405, "Coral sends POST.", Allow="POST")
    try:
        caller, body = find_caller(key), request.body
    except RequestDataTooBig:
        return _refuse(413, "Send at most 128 kB.")
    if caller is None or not _is_from_coral(request, body, caller):
        return _refuse(401, "The key in the address or the signature is not valid.")
    try:
        asked = read_request(body)
    except CoralRefused as refused:
        return _refuse(400, str(refused))
    if asked.is_staff:
        return HttpResponse(status=204)
    answer = build_answer(asked, analyse(asked.text, caller.judging), caller.judging.policy)
    return HttpResponse(status=204) if answer is None else _json(answer, 200)


def _is_from_coral(request: HttpRequest, body: bytes, caller: CompatCaller) -> bool:
    secret = signing_secret(caller.site.id)
    return secret is not None and is_signed(body, request.META.get("HTTP_X_CORAL_SIGNATURE", ""), secret)


@csrf_exempt
def nothing_here(request: HttpRequest) -> HttpResponse:
    """Any other address below this one."""
    return _refuse(404, "There is nothing here: the address ends with a public key of the site.")


def _refuse(status: int, message: str, **headers: str) -> HttpResponse:
    response = _json({"error": {"message": message}}, status)
    for name, value in headers.items():
        response[name] = value
    return response


def _json(body: dict[str, Any], status: int) -> HttpResponse:
    return HttpResponse(json.dumps(body), status=status, content_type="application/json")
