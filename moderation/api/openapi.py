"""The OpenAPI document, built from the descriptions of the views' methods."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from django.urls import URLPattern, URLResolver

from moderation.api.json_schema import Schema, build_schemas, ref
from moderation.api.problems import PROBLEM_TYPE, ProblemShape

F = TypeVar("F", bound=Callable[..., Any])

PUBLIC_KEY, SECRET_KEY, TOKEN = "publicKey", "secretKey", "statusToken"
_SECURITY_SCHEMES: Schema = {
    PUBLIC_KEY: {
        "type": "http",
        "scheme": "bearer",
        "description": "`cm_pk_…`: may be part of a page. Submits comments and reads published ones.",
    },
    SECRET_KEY: {
        "type": "http",
        "scheme": "bearer",
        "description": "`cm_sk_…`: for servers only; its scopes say what it may do.",
    },
    TOKEN: {
        "type": "apiKey",
        "in": "query",
        "name": "token",
        "description": "Signed, part of `status_url`; gives the status of one comment and nothing else.",
    },
}
_PROBLEMS: Mapping[int, str] = {
    400: "The body, the query or a header cannot be used: {codes}.",
    401: "The key is missing, wrong or revoked: `not_authenticated`.",
    403: "Not permitted with this key, or for this page: {codes}.",
    404: "Unknown, or of another site: `not_found`.",
    405: "`method_not_allowed`; the `Allow` header lists the allowed methods.",
    406: "`not_acceptable`: this API answers in JSON only.",
    409: "Not possible in the current state: {codes}.",
    413: "`too_large`: more than 128 kB.",
    415: "`unsupported_media_type`, `unsupported_charset` or `unsupported_encoding`: send JSON in UTF-8, "
    "not compressed.",
    422: "`idempotency_mismatch`: the key was used before with another body.",
    429: "Too many requests: {codes}. `Retry-After` says when to try again.",
    503: "`unavailable` for now. `Retry-After` says when to try again; an `Idempotency-Key` makes that safe.",
}
# Responses that any call may get.
_ALWAYS: Mapping[int, Sequence[str]] = {406: (), 503: ()}
OF_QUERY = ("bad_query", "unknown_parameter", "repeated_parameter", "control_character")
OF_BODY = (
    "empty", "bad_encoding", "invalid_json", "truncated", "not_an_object", "too_deep", "duplicate_key",
    "number_out_of_range", "control_character", "invalid_fields",
)  # fmt: skip
PAGE_CODES = (*OF_QUERY, "invalid_parameter")
NO_QUERY = ("unknown_parameter", "repeated_parameter", "bad_query")
BODY_PROBLEMS: Mapping[int, Sequence[str]] = {401: (), 413: (), 415: ()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """What a view's method takes and returns; decorates the method with it.

    `takes` is the struct of its body, `example` an accepted one. `answers` maps a status to (description, the
    struct that is returned, or several); `problems` maps a status to its codes; `links` maps the id of an
    operation that can follow to what it takes from the (only) successful response.
    """

    name: str
    summary: str
    text: str
    security: Sequence[str]
    answers: Mapping[int, tuple[str, *tuple[type, ...]]]
    problems: Mapping[int, Sequence[str]]
    parameters: Sequence[Schema] = ()
    takes: type | None = None
    example: Mapping[str, Any] = field(default_factory=dict)
    may_be_empty: bool = False
    links: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    tag: str = "Comments"

    def __call__(self, method: F) -> F:
        """Attach this description to the view's method."""
        vars(method)["operation"] = self
        return method

    @property
    def query_names(self) -> tuple[str, ...]:
        """The query parameters that it knows."""
        return tuple(each["name"] for each in self.parameters if each["in"] == "query")

    @property
    def shapes(self) -> list[type]:
        """The structs that it takes and answers."""
        answered = [kind for _, *kinds in self.answers.values() for kind in kinds]
        return [*([self.takes] if self.takes else []), *answered]

    def describe(self) -> Schema:
        """The operation as an entry of the document."""
        problems = sorted({**_ALWAYS, **self.problems}.items())
        operation: Schema = {
            "operationId": self.name,
            "summary": self.summary,
            "description": self.text,
            "tags": [self.tag],
            "security": [{name: []} for name in self.security],
            "parameters": list(self.parameters),
            "responses": {
                **{str(status): self._answer(*about) for status, about in self.answers.items()},
                **{str(status): _problem(status, codes) for status, codes in problems},
            },
        }
        return operation | ({"requestBody": self._body(self.takes)} if self.takes else {})

    def _body(self, kind: type) -> Schema:
        media = {"schema": ref(kind), "example": dict(self.example)}
        return {"required": not self.may_be_empty, "content": {"application/json": media}}

    def _answer(self, description: str, *kinds: type) -> Schema:
        answer: Schema = {"description": description}
        if kinds:
            shape = ref(kinds[0]) if len(kinds) == 1 else {"oneOf": [ref(kind) for kind in kinds]}
            answer["content"] = {"application/json": {"schema": shape}}
        if kinds and self.links:
            answer["links"] = {
                name: {"operationId": name, "parameters": dict(taken)} for name, taken in self.links.items()
            }
        return answer


def build_document(patterns: Iterable[URLPattern | URLResolver], *, prefix: str) -> Schema:
    """The OpenAPI document of all described methods, in the order of their paths."""
    paths: dict[str, Schema] = {}
    shapes: dict[type, None] = {ProblemShape: None}
    for path, method, operation in _operations(patterns, prefix):
        paths.setdefault(path, {})[method] = operation.describe()
        shapes |= dict.fromkeys(operation.shapes)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Comment moderation", "version": "1", "description": _BEFORE_ANY_CALL},
        "paths": paths,
        "components": {"schemas": build_schemas(shapes), "securitySchemes": _SECURITY_SCHEMES},
    }


_BEFORE_ANY_CALL = (
    "Any call may also get 408 (it took more than 10 s to arrive), 413 (more than 128 kB) or 503 (too many "
    "at once) before it is read."
)


def _operations(
    patterns: Iterable[URLPattern | URLResolver], prefix: str
) -> Iterator[tuple[str, str, Operation]]:
    for pattern in patterns:
        view = getattr(getattr(pattern, "callback", None), "view_class", None)
        path = prefix + re.sub(r"<\w+:(\w+)>", r"{\1}", str(pattern.pattern))
        for method in ("get", "post"):
            operation = getattr(getattr(view, method, None), "operation", None)
            if operation is not None:
                yield path, method, operation


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


AFTER = in_query("after", "The `next_after` of the previous page.", format="uuid")
LIMIT = in_query("limit", "How many to return.", type="integer", minimum=1, maximum=100, default=50)
COMMENT_ID = in_path("comment_id", "The comment's id.", format="uuid")


def _problem(status: int, codes: Sequence[str]) -> Schema:
    listed = ", ".join(f"`{code}`" for code in codes)
    return {
        "description": _PROBLEMS[status].format(codes=listed),
        "content": {PROBLEM_TYPE: {"schema": ref(ProblemShape)}},
    }
