"""`POST /v1/moderations`. Nothing of a request is stored, as OpenAI's own endpoint stores nothing."""

import json
import secrets
from typing import Any

import structlog
from django.core.exceptions import RequestDataTooBig
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from moderation.compat.analysis import ToAnalyse, analyse
from moderation.compat.keys import CompatCaller, find_caller
from moderation.compat.openai_moderations.errors import (
    OpenAiRefused,
    no_database,
    no_key,
    not_permitted,
    too_large,
    too_many_calls,
    unknown_url,
    wrong_key,
    wrong_method,
)
from moderation.compat.openai_moderations.mapping import build_answer, build_result, judge_text
from moderation.compat.openai_moderations.reading import Bundle, read_body
from moderation.compat.quota import count_score_call
from moderation.models.key import Scope

log = structlog.get_logger(__name__)


@csrf_exempt
def moderation_create(request: HttpRequest) -> HttpResponse:
    """Judge the texts of one request at once, for the site of the key."""
    try:
        return _answer(_moderate(request))
    except OpenAiRefused as refused:
        return _refuse(refused)
    except DatabaseError as error:
        log.warning("compat.no_database", error=type(error).__name__)
        return _refuse(no_database())


@csrf_exempt
def nothing_here(request: HttpRequest) -> HttpResponse:
    """Any other address below this one."""
    return _refuse(unknown_url(request.method or ""))


def _moderate(request: HttpRequest) -> dict[str, Any]:
    """The answer's body. Raises `OpenAiRefused`."""
    if request.method != "POST":
        raise wrong_method(request.method or "")
    caller = _access_caller(request)
    wanted = read_body(_body_of(request))
    results = [_judge(bundle, caller) for bundle in wanted.bundles]
    return build_answer(secrets.token_hex(16), wanted.model, results)


def _body_of(request: HttpRequest) -> bytes:
    try:
        return request.body
    except RequestDataTooBig:
        raise too_large() from None


def _judge(bundle: Bundle, caller: CompatCaller) -> dict[str, Any]:
    site = caller.judging
    texts = [judge_text(text, analyse(ToAnalyse(text=text, marks_words=True), site)) for text in bundle.texts]
    return build_result(bundle, texts, site.policy)


def _access_caller(request: HttpRequest) -> CompatCaller:
    """Who calls, by `Authorization: Bearer <key>`. Raises `OpenAiRefused`."""
    scheme, _, key = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
    if not key.strip() or scheme.lower() != "bearer":
        raise no_key()
    caller = find_caller(key.strip())
    if caller is None:
        raise wrong_key()
    if not caller.may(Scope.SCORE):
        raise not_permitted()
    if wait_s := count_score_call(caller):
        raise too_many_calls(wait_s)
    return caller


def _refuse(refused: OpenAiRefused) -> HttpResponse:
    return _answer(refused.to_json(), refused.status, dict(refused.headers))


def _answer(body: dict[str, Any], status: int = 200, headers: dict[str, str] | None = None) -> HttpResponse:
    response = HttpResponse(json.dumps(body), status=status, content_type="application/json", headers=headers)
    response["Cache-Control"] = "no-store"
    return response
