"""Perspective's methods. `analyze` stores nothing, and needs no query while key and site are in memory."""

from collections.abc import Callable, Mapping
from typing import Any

import orjson
import structlog
from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.views import View

from moderation.compat.analysis import Analysis, language_of
from moderation.compat.keys import CompatCaller, find_caller
from moderation.compat.perspective.discovery import build_discovery
from moderation.compat.perspective.errors import (
    JSON_UTF8,
    PerspectiveRefused,
    error_body,
    refuse_caller,
)
from moderation.compat.perspective.long_texts import analyse_whole
from moderation.compat.perspective.mapping import AnalyzeRequest, read_analyze, write_analysis
from moderation.compat.perspective.reading import read_object
from moderation.compat.perspective.sentences import Sentence, split_sentences
from moderation.compat.perspective.storing import store_suggestion
from moderation.compat.perspective.suggestion import read_suggestion, write_suggestion
from moderation.compat.quota import count_score_call
from moderation.engine.attributes import Attribute
from moderation.models.key import Scope
from moderation.queries.site_facts import JudgingSite

VERSION = "v1alpha1"
_METHODS = ("get", "post", "options")
_PREFLIGHT_KEPT_S = 7200  # browsers cache none for longer
# Pages called Perspective straight from browsers, on any site. No cookie is ever read here.
_CORS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "Retry-After, X-Request-Id",
}
_ALLOWED_HEADERS = "Authorization, Content-Type, X-Goog-Api-Key, X-Goog-Api-Client, X-Requested-With"

log = structlog.get_logger(__name__)


class PerspectiveView(View):
    """Answers every error in Perspective's own shape, and lets pages of any site read the answer."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Answer a request. An answer is never stored by anybody on the way."""
        try:
            response = self._call(request)
        except PerspectiveRefused as refusal:
            response = _answer(
                error_body(refusal.status, refusal.message, [refusal.detail]), status=refusal.status
            )
            if refusal.retry_after_s:
                response["Retry-After"] = str(refusal.retry_after_s)
        except (OperationalError, InterfaceError) as error:
            log.warning("compat.no_database", error=type(error).__name__)
            response = _answer(error_body(503, "The service is unavailable for a moment.", []), status=503)
            response["Retry-After"] = "1"
        for name, value in _CORS.items():
            response[name] = value
        response["Cache-Control"] = "no-store"
        response["X-Content-Type-Options"] = "nosniff"
        return response

    def _call(self, request: HttpRequest) -> HttpResponse:
        name = (request.method or "").lower()
        method: Callable[[HttpRequest], HttpResponse] | None = getattr(self, name, None)
        if method is None or name not in _METHODS:
            return _answer(error_body(405, "This method is not supported here.", []), status=405)
        return method(request)

    def options(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """A browser asks whether a page may call: any page may that has a key."""
        response = HttpResponse(status=204)
        response["Access-Control-Allow-Methods"] = "GET, POST, OPTIONS"
        response["Access-Control-Allow-Headers"] = _ALLOWED_HEADERS
        response["Access-Control-Max-Age"] = str(_PREFLIGHT_KEPT_S)
        return response


class AnalyzeView(PerspectiveView):
    """`comments:analyze`."""

    def post(self, request: HttpRequest) -> HttpResponse:
        """Scores for a comment, which is not stored."""
        caller = access_caller(request, Scope.SCORE)
        _check_quota(caller)
        asked, judging = read_analyze(read_object(request.body)), caller.judging
        found = analyse_whole(asked.to_analyse, judging)
        return _answer(write_analysis(asked, found, _score_sentences(asked, found, judging)))


class SuggestScoreView(PerspectiveView):
    """`comments:suggestscore`."""

    def post(self, request: HttpRequest) -> HttpResponse:
        """Store the comment with the decision that the scores amount to; the site's filter learns from it."""
        caller = access_caller(request, Scope.DECIDE)
        suggestion = read_suggestion(read_object(request.body))
        store_suggestion(suggestion, caller)
        return _answer(write_suggestion(suggestion, language_of(suggestion.text)))


class DiscoveryView(PerspectiveView):
    """The description from which Google's own clients build themselves."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """The discovery document of the only version."""
        if request.GET.get("version", VERSION) != VERSION:
            return _answer(error_body(404, "Discovery document not found.", []), status=404)
        return _answer(build_discovery(settings.PUBLIC_URL))


class UnknownMethodView(PerspectiveView):
    """Any other path of the service."""

    def _call(self, request: HttpRequest) -> HttpResponse:
        if request.method == "OPTIONS":
            return self.options(request)
        return _answer(error_body(404, "Method not found.", []), status=404)


def access_caller(request: HttpRequest, scope: Scope) -> CompatCaller:
    """Who calls, allowed to do what `scope` says. Raises `PerspectiveRefused`."""
    sent = _read_key(request)
    caller = find_caller(sent)
    if not sent:
        raise refuse_caller(
            "The request is missing a valid API key.", reason="API_KEY_SERVICE_BLOCKED", status=403
        )
    if caller is None:
        message = "API key not valid. Please pass a valid API key."
        raise refuse_caller(message, reason="API_KEY_INVALID", status=400)
    if not caller.may(scope):
        message = f"This API key is not allowed to do that: it needs the scope {scope.value}."
        raise refuse_caller(message, reason="API_KEY_SERVICE_BLOCKED", status=403)
    return caller


def _check_quota(caller: CompatCaller) -> None:
    """Count a call. Raises `PerspectiveRefused` (429)."""
    wait_s = count_score_call(caller)
    if wait_s:
        message = f"Quota exceeded: this key may make {settings.SCORE_CALLS_PER_MINUTE} calls a minute."
        raise refuse_caller(message, reason="RATE_LIMIT_EXCEEDED", status=429, retry_after_s=wait_s)


def _read_key(request: HttpRequest) -> str:
    """The key from a header or the query string, as Google's clients send it."""
    header: str = request.META.get("HTTP_X_GOOG_API_KEY", "")
    sent = header or request.GET.get("key", "")
    if sent:
        return sent.strip()
    scheme, _, token = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def _score_sentences(
    asked: AnalyzeRequest, found: Analysis, judging: JudgingSite
) -> list[tuple[Sentence, Mapping[Attribute, float]]]:
    """Scores by sentence where they were asked for; else one span over the whole text, as many clients read
    the first span whatever they asked for.
    """
    whole = Sentence(0, len(asked.text))
    sentences = split_sentences(asked.text) if asked.wants_spans else [whole]
    if len(sentences) == 1:
        return [(sentences[0], found.scores)]
    return [
        (each, analyse_whole(asked.part(asked.text[each.start : each.end]), judging).scores)
        for each in sentences
    ]


def _answer(body: Mapping[str, Any], *, status: int = 200) -> HttpResponse:
    return HttpResponse(orjson.dumps(body), status=status, content_type=JSON_UTF8)
