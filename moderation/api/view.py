"""What all views of the API share: who may call, what a request may look like, how an answer looks."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import structlog
from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from rest_framework import exceptions
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from moderation.api.authentication import Caller
from moderation.api.parser import check_content_encoding, parse_json
from moderation.api.problems import ProblemRaised
from moderation.api.query_string import Query, read_query
from moderation.domain.errors import NotFound
from moderation.lib.client_ip import client_ip
from moderation.models.key import Scope

# Any one of the scopes in the set will do; the empty set means any key at all.
Need = frozenset[str] | None
SUBMIT: Need = frozenset({Scope.SUBMIT})
READ_ALL: Need = frozenset({Scope.READ, Scope.DECIDE})
DECIDE: Need = frozenset({Scope.DECIDE})
ANY_KEY: Need = frozenset()
NO_KEY: Need = None


M = TypeVar("M", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Allowance:
    """What a method asks of its caller, and the query parameters that it knows."""

    need: Need
    parameters: tuple[str, ...]


def allow(need: Need, *parameters: str) -> Callable[[M], M]:
    """Open a view's method to callers with the scopes of `need` and to these query parameters."""

    def mark(method: M) -> M:
        vars(method)["allowance"] = Allowance(need, parameters)
        return method

    return mark


class ApiView(APIView):
    """A view of the API. A method that `allow` does not open cannot be called at all."""

    query: Query
    request_id: str

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Answer a request; everything logged meanwhile names its id."""
        self.request_id = uuid.uuid4().hex
        self.more_headers: dict[str, str] = {}
        with structlog.contextvars.bound_contextvars(request_id=self.request_id):
            return super().dispatch(request, *args, **kwargs)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Refuse what cannot be called, in an order that tells strangers nothing."""
        method = str(request.method).lower()
        allowance = getattr(getattr(self, method, None), "allowance", None)
        if allowance is None and method != "options":
            raise exceptions.MethodNotAllowed(method)
        self.format_kwarg = None
        renderer, media_type = self.perform_content_negotiation(request)
        request.accepted_renderer, request.accepted_media_type = renderer, media_type
        if allowance is not None:
            self._check_caller(request, allowance.need)
            self.query = read_query(request, allowance.parameters)

    def options(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Response:
        """What is possible here, in the Allow header."""
        return Response(status=204)

    @property
    def caller(self) -> Caller:
        """Who asks. Only where the method needs a key, or one was sent."""
        caller = self.request.auth
        assert isinstance(caller, Caller)
        return caller

    @property
    def ip(self) -> str:
        """The client's address, as far as our own proxies can be believed."""
        meta = self.request.META
        return client_ip(
            meta.get("REMOTE_ADDR", ""),
            meta.get("HTTP_X_FORWARDED_FOR", ""),
            trusted_proxies=settings.TRUSTED_PROXIES,
        )

    def read_json(self) -> dict[str, Any]:
        """The body through the strict parser. Raises `BodyRefused`."""
        request = self.request
        check_content_encoding(request.META.get("HTTP_CONTENT_ENCODING", ""))
        return parse_json(request.body, content_type=request.META.get("CONTENT_TYPE", ""))

    def finalize_response(self, request: Request, response: Response, *args: Any, **kwargs: Any) -> Response:
        """The headers that every answer has."""
        answer = super().finalize_response(request, response, *args, **kwargs)
        answer.headers.setdefault("Cache-Control", "no-store")
        answer.headers.setdefault(
            "Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'; base-uri 'none'"
        )
        answer["X-Content-Type-Options"] = "nosniff"
        answer["X-Request-Id"] = self.request_id
        for name, value in self.more_headers.items():
            answer[name] = value
        return answer

    def _check_caller(self, request: Request, need: Need) -> None:
        caller: Any = request.auth  # raises for a wrong key, needed or not
        if need is None:
            return
        if caller is None:
            raise exceptions.NotAuthenticated
        if need and need.isdisjoint(caller.scopes):
            raise ProblemRaised(403, "missing_scope", "This key may not do that.")


class UnknownPathView(ApiView):
    """Whatever else begins with `/api/`: a problem document, not a page."""

    schema = None

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """There is nothing here by any method and for any key."""
        raise NotFound
