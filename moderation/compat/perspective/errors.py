"""Errors in Perspective's shape: those of Google's RPC services, with a detail that names the kind."""

from collections.abc import Mapping
from typing import Any

import orjson

from moderation.compat.refusing import ShapedRefusal

JSON_UTF8 = "application/json; charset=UTF-8"
_ERROR_TYPE = "type.googleapis.com/google.commentanalyzer.v1alpha1.Error"
_ERROR_INFO = "type.googleapis.com/google.rpc.ErrorInfo"
_STATUS_NAMES = {
    400: "INVALID_ARGUMENT",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    405: "UNIMPLEMENTED",
    408: "DEADLINE_EXCEEDED",
    413: "INVALID_ARGUMENT",
    429: "RESOURCE_EXHAUSTED",
    503: "UNAVAILABLE",
}


class PerspectiveRefused(Exception):
    """A request that is refused. `detail` is what clients branch on."""

    def __init__(
        self, message: str, *, status: int = 400, detail: Mapping[str, Any], retry_after_s: int = 0
    ) -> None:
        self.message = message
        self.status = status
        self.detail = detail
        self.retry_after_s = retry_after_s
        super().__init__(message)


def refuse_request(message: str, error_type: str = "INVALID_REQUEST") -> PerspectiveRefused:
    """A request that breaks one of the method's rules."""
    return PerspectiveRefused(message, detail={"@type": _ERROR_TYPE, "errorType": error_type})


def refuse_caller(message: str, *, reason: str, status: int, retry_after_s: int = 0) -> PerspectiveRefused:
    """A key that is missing, wrong, or not allowed to do this now."""
    detail = {
        "@type": _ERROR_INFO,
        "reason": reason,
        "domain": "googleapis.com",
        "metadata": {"service": "commentanalyzer.googleapis.com"},
    }
    return PerspectiveRefused(message, status=status, detail=detail, retry_after_s=retry_after_s)


def error_body(status: int, message: str, details: list[Mapping[str, Any]]) -> dict[str, Any]:
    """The body of an error."""
    name = _STATUS_NAMES.get(status, "INTERNAL" if status >= 500 else "INVALID_ARGUMENT")
    error: dict[str, Any] = {"code": status, "message": message, "status": name}
    return {"error": error | ({"details": details} if details else {})}


def shape_refusal_as_google(status: int, code: str, detail: str) -> ShapedRefusal:
    """What is refused before a view is called (see `refusing`)."""
    details = [{"@type": _ERROR_TYPE, "errorType": "INVALID_REQUEST"}] if status == 400 else []
    body = orjson.dumps(error_body(status, detail, list(details))).decode()
    return ShapedRefusal(JSON_UTF8, body, (("access-control-allow-origin", "*"),))
