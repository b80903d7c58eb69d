"""Every refusal as `application/problem+json` (RFC 9457) with a stable code. It repeats no input."""

from http import HTTPStatus
from typing import Annotated, Any

import structlog
from django.core.exceptions import RequestDataTooBig
from django.db import DatabaseError, DataError, InterfaceError, NotSupportedError, ProgrammingError
from django.http import Http404, UnreadablePostError
from msgspec import UNSET, UnsetType
from rest_framework import exceptions

from moderation.api.parser import BodyRefused
from moderation.api.rendering import Response
from moderation.api.structs import Shape, Version, about
from moderation.domain import errors
from moderation.domain.status import Status

log = structlog.get_logger(__name__)

PROBLEM_TYPE = "application/problem+json"
# Short enough for a reader to wait, long enough for a restart.
RETRY_AFTER_S = 5

_STATUS_OF: dict[type[errors.Refused], int] = {
    errors.InvalidFields: 400,
    errors.NotFound: 404,
    errors.ThreadClosed: 403,
    errors.ThreadNotAllowed: 403,
    errors.Duplicate: 409,
    errors.Flood: 429,
    errors.IdempotencyMismatch: 422,
    errors.StaleVersion: 409,
    errors.NotAllowed: 403,
    errors.ActionNotPossible: 409,
    errors.StoreUnavailable: 503,
}
# What the database objects to in a statement is our fault, and trying again does not help.
_OUR_FAULTS = (DataError, ProgrammingError, NotSupportedError)
_OF_FRAMEWORK: tuple[tuple[type[Exception], int, str, str], ...] = (
    (exceptions.NotAuthenticated, 401, "not_authenticated", "Send a valid key of your site."),
    (exceptions.AuthenticationFailed, 401, "not_authenticated", "Send a valid key of your site."),
    (Http404, 404, "not_found", errors.NotFound.message),
    (exceptions.MethodNotAllowed, 405, "method_not_allowed", "See the Allow header for the allowed methods."),
    (exceptions.NotAcceptable, 406, "not_acceptable", "This API answers in JSON only."),
    (RequestDataTooBig, 413, "too_large", "Send at most 128 kB."),
    (UnreadablePostError, 400, "truncated", "The body ended too early."),
)


class _FieldErrorShape(Shape):
    field: str
    code: str
    message: str


class _CurrentShape(Shape):
    status: Status
    version: Version


class ProblemShape(Shape):
    """RFC 9457. `code` is stable and meant for programs, `detail` for people."""

    type: Annotated[str, about(const="about:blank")]
    title: str
    status: int
    code: str
    detail: str
    errors: (
        Annotated[list[_FieldErrorShape], about("With `invalid_fields`: every field that needs correcting.")]
        | UnsetType
    ) = UNSET
    current: (
        Annotated[_CurrentShape, about("With `stale_version`: the comment's current status.")] | UnsetType
    ) = UNSET


class ProblemRaised(Exception):
    """A refusal by the API itself: HTTP status, stable code and a text for people."""

    def __init__(self, status: int, code: str, detail: str, *, retry_after_s: int = 0) -> None:
        self.status = status
        self.code = code
        self.detail = detail
        self.retry_after_s = retry_after_s
        super().__init__(detail)


def build_problem(status: int, code: str, detail: str, **members: Any) -> ProblemShape:
    """A problem document."""
    return ProblemShape(
        type="about:blank",
        title=HTTPStatus(status).phrase,
        status=status,
        code=code,
        detail=detail,
        **members,
    )


def describe_refusal(refused: errors.Refused) -> ProblemShape:
    """The problem document of a refusal by `flow` or the parser."""
    members: dict[str, Any] = {}
    if isinstance(refused, errors.InvalidFields):
        members["errors"] = [
            _FieldErrorShape(field=error.field, code=error.code, message=error.message)
            for error in refused.errors
        ]
    if isinstance(refused, errors.StaleVersion):
        members["current"] = _CurrentShape(status=Status(refused.status), version=refused.version)
    status = refused.status if isinstance(refused, BodyRefused) else _STATUS_OF[type(refused)]
    return build_problem(status, refused.code, refused.message, **members)


def answer_exception(error: Exception) -> Response:
    """Answer any exception as a problem."""
    if isinstance(error, errors.Refused):
        return _respond(describe_refusal(error), retry_after_s=getattr(error, "retry_after_s", 0))
    if isinstance(error, ProblemRaised):
        problem = build_problem(error.status, error.code, error.detail)
        return _respond(problem, retry_after_s=error.retry_after_s)
    for kind, status, code, detail in _OF_FRAMEWORK:
        if isinstance(error, kind):
            return _respond(build_problem(status, code, detail))
    if isinstance(error, (DatabaseError, InterfaceError)) and not isinstance(error, _OUR_FAULTS):
        log.warning("api.store_unavailable", error=type(error).__name__)
        return _respond(describe_refusal(errors.StoreUnavailable()), retry_after_s=RETRY_AFTER_S)
    log.error("api.failed", exc_info=error)
    return _respond(build_problem(500, "error", "Something went wrong here. It has been noted."))


def _respond(problem: ProblemShape, *, retry_after_s: int = 0) -> Response:
    mistakes = [f"{error.field}: {error.code}" for error in problem.errors or ()]
    log.info("api.refused", http_status=problem.status, code=problem.code, reason=mistakes or None)
    response = Response(problem, status=problem.status, content_type=PROBLEM_TYPE)
    if problem.status == 401:
        response["WWW-Authenticate"] = 'Bearer realm="comments"'
    if retry_after_s or problem.status == 503:
        response["Retry-After"] = str(retry_after_s or RETRY_AFTER_S)
    return response
