"""Building blocks of the OpenAPI description; `operations.py` puts them together."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from drf_spectacular.utils import extend_schema

from moderation.api.problems import PROBLEM_TYPE
from moderation.api.schemas import SCHEMAS, Schema, ref

F = TypeVar("F", bound=Callable[..., Any])

PUBLIC_KEY, SECRET_KEY, TOKEN = "publicKey", "secretKey", "statusToken"
_SECURITY_SCHEMES: Schema = {
    PUBLIC_KEY: {
        "type": "http",
        "scheme": "bearer",
        "description": "`cm_pk_…`: may stand in a page. Submits, and reads what is published.",
    },
    SECRET_KEY: {
        "type": "http",
        "scheme": "bearer",
        "description": "`cm_sk_…`: for servers only; what it may do is in its scopes.",
    },
    TOKEN: {
        "type": "apiKey",
        "in": "query",
        "name": "token",
        "description": "Signed, inside `status_url`; tells one comment's status and nothing else.",
    },
}
_PROBLEMS: Mapping[int, str] = {
    400: "The body, the query or a header cannot be used: {codes}.",
    401: "The key is missing, wrong or revoked: `not_authenticated`.",
    403: "Not with this key, or not there: {codes}.",
    404: "Unknown, or another site's: `not_found`.",
    405: "`method_not_allowed`; the `Allow` header says what is possible.",
    406: "`not_acceptable`: this API answers in JSON only.",
    409: "Not as it stands: {codes}.",
    413: "`too_large`: more than 128 kB.",
    415: "`unsupported_media_type`, `unsupported_charset` or `unsupported_encoding`: send JSON in UTF-8, "
    "not compressed.",
    422: "`idempotency_mismatch`: the key was used before with another body.",
    429: "Too fast: {codes}. `Retry-After` says when to try again.",
    503: "`unavailable`: not now. `Retry-After` says when; an `Idempotency-Key` makes trying again safe.",
}
# What any call may meet.
_ALWAYS: Mapping[int, Sequence[str]] = {406: (), 503: ()}
OF_QUERY = ("bad_query", "unknown_parameter", "repeated_parameter", "control_character")
OF_BODY = (
    "empty", "bad_encoding", "invalid_json", "truncated", "not_an_object", "too_deep", "duplicate_key",
    "number_out_of_range", "control_character", "invalid_fields",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """What a view's method takes and answers; decorates the method with it.

    `answers` maps a status to (description, schema's name); `problems` maps one to its codes;
    `links` maps the id of an operation that can follow to what it takes from the (only) good answer.
    """

    name: str
    summary: str
    text: str
    security: Sequence[str]
    answers: Mapping[int, tuple[str, str | None]]
    problems: Mapping[int, Sequence[str]]
    parameters: Sequence[Schema] = ()
    body: Schema | None = None
    links: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    tag: str = "Comments"

    def __call__(self, method: F) -> F:
        """Give the view's method this description."""
        decorate: Callable[[F], F] = extend_schema(operation=self._describe())
        return decorate(method)

    def _describe(self) -> Schema:
        problems = sorted({**_ALWAYS, **self.problems}.items())
        operation: Schema = {
            "operationId": self.name,
            "summary": self.summary,
            "description": self.text,
            "tags": [self.tag],
            "security": [{name: []} for name in self.security],
            "parameters": list(self.parameters),
            "responses": {
                **{str(status): self._answer(status, *about) for status, about in self.answers.items()},
                **{str(status): _problem(status, codes) for status, codes in problems},
            },
        }
        return operation | ({"requestBody": self.body} if self.body else {})

    def _answer(self, status: int, description: str, schema: str | None) -> Schema:
        answer: Schema = {"description": description}
        if schema is not None:
            shape = {"oneOf": [ref(name) for name in schema.split("|")]} if "|" in schema else ref(schema)
            answer["content"] = {"application/json": {"schema": shape}}
        if schema is not None and self.links:
            answer["links"] = {
                name: {"operationId": name, "parameters": dict(taken)} for name, taken in self.links.items()
            }
        return answer


def in_path(name: str, description: str, **schema: Any) -> Schema:
    """A part of the path."""
    return {
        "name": name,
        "in": "path",
        "required": True,
        "description": description,
        "schema": {"type": "string"} | schema,
    }


def in_query(name: str, description: str, *, required: bool = False, **schema: Any) -> Schema:
    """A query parameter."""
    return {
        "name": name,
        "in": "query",
        "required": required,
        "description": description,
        "schema": {"type": "string"} | schema,
    }


def in_header(name: str, description: str, **schema: Any) -> Schema:
    """A request header."""
    return {"name": name, "in": "header", "description": description, "schema": {"type": "string"} | schema}


def json_body(name: str, example: Schema, *, required: bool = True) -> Schema:
    """A JSON body of the shape `name`."""
    return {
        "required": required,
        "content": {"application/json": {"schema": ref(name), "example": example}},
    }


def finish_schema(result: Schema, generator: Any, request: Any, public: bool) -> Schema:
    """drf-spectacular's last step: add the shapes and keys that the operations name."""
    result["components"] = {"schemas": SCHEMAS, "securitySchemes": _SECURITY_SCHEMES}
    return result


def _problem(status: int, codes: Sequence[str]) -> Schema:
    listed = ", ".join(f"`{code}`" for code in codes)
    return {
        "description": _PROBLEMS[status].format(codes=listed),
        "content": {PROBLEM_TYPE: {"schema": ref("Problem")}},
    }
