"""Errors in OpenAI's shape."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from moderation.compat.refusing import ShapedRefusal

INVALID_REQUEST = "invalid_request_error"
SERVER_ERROR = "server_error"


@dataclass(frozen=True)
class OpenAiRefused(Exception):
    """A request that is answered with an error. `param` names the field that is wrong."""

    status: int
    message: str
    param: str | None = None
    code: str | None = None
    type: str = INVALID_REQUEST
    headers: Mapping[str, str] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """The body: all four keys are always there, as OpenAI's clients expect."""
        return {"error": {"message": self.message, "type": self.type, "param": self.param, "code": self.code}}


def no_key() -> OpenAiRefused:
    """No key came with the request."""
    return OpenAiRefused(401, "Send your key in a header: Authorization: Bearer YOUR_KEY.")


def wrong_key() -> OpenAiRefused:
    """A key that is unknown, wrong or revoked; which of these is not told."""
    return OpenAiRefused(401, "This API key is not valid here.", code="invalid_api_key")


def not_permitted() -> OpenAiRefused:
    """A valid key that may not be used for this."""
    return OpenAiRefused(
        403, "This API key may not score texts: give it the scope “score”.", code="insufficient_permissions"
    )


def too_many_calls(wait_s: int) -> OpenAiRefused:
    """The key has used up its minute. Clients wait as long as the header says, and try again."""
    message = f"This API key may not have more texts scored in this minute. Try again in {wait_s} s."
    headers = {"Retry-After": str(wait_s)}
    return OpenAiRefused(429, message, code="rate_limit_exceeded", type="requests", headers=headers)


def unknown_url(method: str) -> OpenAiRefused:
    """There is nothing at this address. The address is not repeated: it may hold a key."""
    return OpenAiRefused(404, f"There is nothing at this address for {method}.", code="unknown_url")


def wrong_method(method: str) -> OpenAiRefused:
    """The address exists for another method."""
    return OpenAiRefused(
        405, f"Use POST here, not {method}.", code="method_not_supported", headers={"Allow": "POST"}
    )


def no_database() -> OpenAiRefused:
    """The key, or what its site judges by, cannot be read just now. Clients try again by themselves."""
    message = "The service is unavailable for a moment."
    return OpenAiRefused(503, message, code="unavailable", type=SERVER_ERROR, headers={"Retry-After": "1"})


def too_large() -> OpenAiRefused:
    """A body that is longer than any request that could be answered."""
    return OpenAiRefused(413, "Send at most 128 kB at once.", code="too_large")


def shape_refusal_as_openai(status: int, code: str, detail: str) -> ShapedRefusal:
    """The answer to what never reached the view."""
    kind = SERVER_ERROR if status >= 500 else INVALID_REQUEST
    body = OpenAiRefused(status, detail, code=code, type=kind).to_json()
    return ShapedRefusal("application/json", json.dumps(body))
