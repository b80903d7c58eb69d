"""CleanTalk's only address: the method stands in the body."""

import secrets
from typing import Any

import orjson
import structlog
from django.core.exceptions import RequestDataTooBig
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from moderation.compat.analysis import analyse
from moderation.compat.cleantalk.answers import NOT_POST, TOO_LARGE, UNAVAILABLE, build_error
from moderation.compat.cleantalk.mapping import (
    build_answer,
    build_feedback_answer,
    to_analyse,
)
from moderation.compat.cleantalk.reading import (
    CleanTalkRefused,
    Method,
    read_check,
    read_feedback,
    read_fields,
    read_method,
    read_text,
)
from moderation.compat.cleantalk.storing import store_check, take_feedback
from moderation.compat.keys import CompatCaller, find_caller
from moderation.compat.quota import count_score_call
from moderation.models.key import Scope

log = structlog.get_logger(__name__)
_BAD_KEY = "This access key is not valid here."
_NO_DECISIONS = "This key may check messages, but not send feedback."


@csrf_exempt
def api(request: HttpRequest) -> HttpResponse:
    """Answer one call. Errors that are CleanTalk's have status 200, since clients read only such bodies."""
    if request.method != "POST":
        return _answer(build_error(NOT_POST), 405, {"Allow": "POST"})
    try:
        return _answer(_call(request.body))
    except _TooManyCalls as refused:
        return _answer(build_error(refused), 429, {"Retry-After": str(refused.wait_s)})
    except CleanTalkRefused as refused:
        return _answer(build_error(refused))
    except RequestDataTooBig:
        return _answer(build_error(TOO_LARGE), 413)
    except DatabaseError as error:
        log.warning("compat.no_database", error=type(error).__name__)
        return _answer(build_error(UNAVAILABLE), 503, {"Retry-After": "1"})


def _call(body: bytes) -> dict[str, Any]:
    fields = read_fields(body)
    caller = find_caller(read_text(fields, "auth_key"))
    if caller is None or not caller.may(Scope.SCORE):
        raise CleanTalkRefused(2, _BAD_KEY)
    method = read_method(fields)
    if method == Method.SEND_FEEDBACK:
        if not caller.may(Scope.DECIDE):
            raise CleanTalkRefused(5, _NO_DECISIONS)
        return build_feedback_answer(take_feedback(read_feedback(fields), caller))
    return _check(fields, caller, method)


class _TooManyCalls(CleanTalkRefused):
    """The key has used up its minute."""

    def __init__(self, wait_s: int) -> None:
        self.wait_s = wait_s
        super().__init__(8, f"This key may not ask more in this minute. Try again in {wait_s} s.")


def _check(fields: Any, caller: CompatCaller, method: Method) -> dict[str, Any]:
    if wait_s := count_score_call(caller):
        raise _TooManyCalls(wait_s)
    asked, judging = read_check(fields), caller.judging
    analysis = analyse(to_analyse(asked, method), judging)
    stored = store_check(asked, caller) if method == Method.CHECK_MESSAGE else None
    request_id = stored.hex if stored else secrets.token_hex(16)
    return build_answer(request_id, analysis, asked, judging.policy, method)


def _answer(body: dict[str, Any], status: int = 200, headers: dict[str, str] | None = None) -> HttpResponse:
    more = {"Cache-Control": "no-store", **(headers or {})}
    return HttpResponse(orjson.dumps(body), status=status, content_type="application/json", headers=more)
