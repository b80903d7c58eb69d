"""What all views of the API share: who may call them, which requests they accept, how they respond."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar, cast

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from rest_framework import exceptions
from rest_framework.views import APIView

from moderation.api.authentication import Caller, find_caller
from moderation.api.fields import Fields
from moderation.api.parser import check_content_encoding, parse_json
from moderation.api.problems import ProblemRaised, answer_exception
from moderation.api.query_string import Query, read_query
from moderation.api.rendering import Response, check_accept
from moderation.api.structs import Shape
from moderation.domain.errors import NotFound
from moderation.lib.client_ip import client_ip
from moderation.lib.request_id import REQUEST_ID_HEADER, new_request_id
from moderation.models.key import Scope
from moderation.queries.keys import find_key

# Any one of the scopes in the set will do; the empty set means any key at all.
Need = frozenset[str] | None
SUBMIT: Need = frozenset({Scope.SUBMIT})
READ_ALL: Need = frozenset({Scope.READ, Scope.DECIDE})
DECIDE: Need = frozenset({Scope.DECIDE})
ANY_KEY: Need = frozenset()
NO_KEY: Need = None


M = TypeVar("M", bound=Callable[..., Any])
S = TypeVar("S", bound=Shape)


@dataclass(frozen=True, slots=True)
class MethodAccess:
    """What a method requires of its caller, and the query parameters that it accepts."""

    need: Need
    parameters: tuple[str, ...]


def allow(need: Need, *parameters: str) -> Callable[[M], M]:
    """Open a view's method to callers with the scopes of `need`, with these query parameters.

    If none are named, they are those of the method's `Operation`.
    """

    def mark(method: M) -> M:
        operation = getattr(method, "operation", None)
        known = parameters or (operation.query_names if operation else ())
        vars(method)["allowance"] = MethodAccess(need, known)
        return method

    return mark


class ApiView(APIView):
    """A view of the API. A method that `allow` does not open cannot be called at all."""

    query: Query
    request_id: str
    asker: Caller | None = None
    # False if the response is the same for everybody: a key, or whatever a proxy adds, is not even read.
    reads_keys = True
    request: HttpRequest  # type: ignore[assignment]  # Django's own, see `dispatch`

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Answer a request.

        The framework's own method wraps the request to parse, authenticate and throttle in ways that this API
        does not use, which costs a tenth of a submission; its views, responses and schema are used as usual.
        """
        self.request_id = getattr(request, "request_id", "") or new_request_id()
        self.more_headers: dict[str, str] = {}
        try:
            response = self._admit(request)(request, *args, **kwargs)
        except Exception as error:  # noqa: BLE001 - each is answered as a problem, and logged
            response = answer_exception(error)
        return self._finish(response)

    def _admit(self, request: HttpRequest) -> Callable[..., Response]:
        """The method to call. Refuses other requests in an order that reveals nothing to strangers."""
        name = str(request.method).lower()
        method = getattr(self, name, None) if name in self.http_method_names else None
        allowance: MethodAccess | None = getattr(method, "allowance", None)
        if method is None or (allowance is None and name != "options"):
            raise exceptions.MethodNotAllowed(name)
        check_accept(request.META.get("HTTP_ACCEPT", "*/*"))
        if allowance is not None:
            if self.reads_keys:
                self._check_caller(request, allowance.need)
            self.query = read_query(request, allowance.parameters)
        return cast("Callable[..., Response]", method)

    def options(  # type: ignore[override]  # an answer of our own kind
        self, request: HttpRequest, *args: Any, **kwargs: Any
    ) -> Response:
        """The methods that are possible, in the Allow header."""
        return Response(status=204)

    @property
    def caller(self) -> Caller:
        """Who asks. Only available if the method needs a key, or one was sent."""
        assert self.asker is not None
        return self.asker

    @property
    def ip(self) -> str:
        """The client's address, as far as our own proxies vouch for it."""
        meta = self.request.META
        return client_ip(
            meta.get("REMOTE_ADDR", ""),
            meta.get("HTTP_X_FORWARDED_FOR", ""),
            trusted_proxies=settings.TRUSTED_PROXIES,
        )

    def read_shape(self, kind: type[S], *, may_be_empty: bool = False) -> S:
        """The body as the struct `kind`. Raises `BodyRefused`, or `InvalidFields` with every mistake."""
        fields = Fields({} if may_be_empty and not self.request.body else self.read_json())
        shape = fields.read(kind)
        fields.finish()
        return shape

    def read_json(self) -> dict[str, Any]:
        """The body through the strict parser. Raises `BodyRefused`."""
        request = self.request
        check_content_encoding(request.META.get("HTTP_CONTENT_ENCODING", ""))
        return parse_json(request.body, content_type=request.META.get("CONTENT_TYPE", ""))

    def _finish(self, response: Response) -> Response:
        """Add the headers that every response has."""
        response.headers.setdefault("Allow", ", ".join(self.allowed_methods))
        response.headers.setdefault("Cache-Control", "no-store")
        response.headers.setdefault(
            "Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'; base-uri 'none'"
        )
        response["X-Content-Type-Options"] = "nosniff"
        response[REQUEST_ID_HEADER] = self.request_id
        for name, value in self.more_headers.items():
            response[name] = value
        return response

    def _check_caller(self, request: HttpRequest, need: Need) -> None:
        self.asker = find_caller(request)  # raises for a wrong key, needed or not
        if need is None:
            return
        if self.asker is None:
            find_key("")  # a missing key takes as long as a wrong one
            raise exceptions.NotAuthenticated
        if need and need.isdisjoint(self.asker.scopes):
            raise ProblemRaised(403, "missing_scope", "This key is not allowed to do that.")


class UnknownPathView(ApiView):
    """Any other path under `/api/`: a problem document, not a page."""

    def _admit(self, request: HttpRequest) -> Callable[..., Response]:
        """Not found, for any method and any key."""
        raise NotFound
