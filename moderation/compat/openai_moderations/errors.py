"""Errors in OpenAI's shape."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

INVALID_REQUEST = "invalid_request_error"


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


def unknown_url(method: str) -> OpenAiRefused:
    """There is nothing at this address. The address is not repeated: it may hold a key."""
    return OpenAiRefused(404, f"There is nothing at this address for {method}.", code="unknown_url")


def wrong_method(method: str) -> OpenAiRefused:
    """The address exists for another method."""
    return OpenAiRefused(
        405, f"Use POST here, not {method}.", code="method_not_supported", headers={"Allow": "POST"}
    )


def too_large() -> OpenAiRefused:
    """A body that is longer than any request that could be answered."""
    return OpenAiRefused(413, "Send at most 128 kB at once.", code="too_large")


def describe_refusal(status: int, code: str, detail: str) -> str:
    """The body of an answer to what never reached the view."""
    kind = "server_error" if status >= 500 else INVALID_REQUEST
    return json.dumps(OpenAiRefused(status, detail, code=code, type=kind).to_json())
