"""A client of the API for tests: every answer is held against the OpenAPI description."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from django.test import Client
from jsonschema import Draft202012Validator
from jsonschema.protocols import Validator

from moderation.api.documentation import load_schema
from moderation.flow.record import SYSTEM
from moderation.flow.site.settings import create_key
from moderation.models import Site
from moderation.models.key import KeyKind, Scope

JSON = "application/json"
PROBLEM = "application/problem+json"


@dataclass(frozen=True, slots=True)
class Answer:
    """A response with its body read."""

    status: int
    headers: Mapping[str, str]
    raw: bytes
    body: Any

    @property
    def code(self) -> str:
        """The problem's stable code."""
        return str(self.body["code"])

    @property
    def fields(self) -> dict[str, str]:
        """The problem's codes by field."""
        return {error["field"]: error["code"] for error in self.body["errors"]}


@dataclass(slots=True)
class Api:
    """Calls with one key, or with none."""

    key: str = ""
    headers: dict[str, str] = field(default_factory=dict)

    def get(self, path: str, **headers: str) -> Answer:
        """GET; keyword arguments are headers."""
        return self.call("GET", path, headers=headers)

    def post(self, path: str, body: Any = None, **headers: str) -> Answer:
        """POST of `body` as JSON; bytes go as they are."""
        return self.call("POST", path, body, headers=headers)

    def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        content_type: str = JSON,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Any method; the answer is checked against the schema."""
        data = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        sent = self.headers | {name.replace("_", "-"): value for name, value in (headers or {}).items()}
        if self.key:
            sent = {"Authorization": f"Bearer {self.key}"} | sent
        if method == "POST":  # Django's client would leave it out where the body is empty
            sent = {"Content-Type": content_type} | sent
        response = Client().generic(method, path, data, content_type=content_type, headers=sent)
        raw = response.content
        kind = response.headers.get("Content-Type", "")
        parsed = json.loads(raw) if raw and kind in (JSON, PROBLEM) else None
        answer = Answer(response.status_code, dict(response.headers), raw, parsed)
        check_answer(method, path, answer)
        return answer


def public_api(site: Site) -> Api:
    """Calls with a public key of the site."""
    return Api(create_key(site.id, KeyKind.PUBLIC, actor=SYSTEM).plain)


def secret_api(site: Site, *scopes: Scope) -> Api:
    """Calls with a secret key of the site; with all scopes where none is named."""
    return Api(create_key(site.id, KeyKind.SECRET, scopes=scopes or tuple(Scope), actor=SYSTEM).plain)


def submission(**changes: Any) -> dict[str, Any]:
    """A body that is accepted; `changes` replace fields, None removes one."""
    body = {
        "thread": {"url": "https://news.example/first", "title": "First article"},
        "name": "Ada Reader",
        "email": "ada@reader.example",
        "body": "A calm and reasonable remark.",
    }
    return {name: value for name, value in (body | changes).items() if value is not None}


def check_answer(method: str, path: str, answer: Answer) -> None:
    """Assert that an answer under `/api/v1/` is one that the schema promises, with the headers of all."""
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert len(answer.headers["X-Request-Id"]) == 32
    operation = find_operation(method, path)
    if operation is None:
        assert answer.status in (204, 403, 404, 405)
        if answer.status != 204:
            validator_of("Problem").validate(answer.body)
        return
    promised = operation["responses"].get(str(answer.status))
    assert promised is not None, f"{method} {path} answers {answer.status}: {answer.raw!r}"
    if not promised.get("content") or method == "HEAD":
        assert answer.raw == b""
        return
    ((kind, about),) = promised["content"].items()
    assert answer.headers["Content-Type"] == kind
    _validator(json.dumps(about["schema"])).validate(answer.body)
    if kind == PROBLEM:
        assert answer.body["status"] == answer.status
        codes = set(re.findall(r"`([a-z_]+)`", promised["description"]))
        assert answer.code in codes, f"{answer.code} is not documented for {method} {path}"


def find_operation(method: str, path: str) -> dict[str, Any] | None:
    """The description of what answers there."""
    method = "get" if method == "HEAD" else method.lower()
    for template, operations in load_schema()["paths"].items():
        pattern = re.sub(r"{public_key}", "[^/]+", re.sub(r"{\w+_id}", r"[0-9a-f-]{36}", template))
        if re.fullmatch(pattern, path.partition("?")[0]) and method in operations:
            found: dict[str, Any] = operations[method]
            return found
    return None


def validator_of(name: str) -> Validator:
    """A validator for one of the named shapes."""
    return _validator(json.dumps({"$ref": f"#/components/schemas/{name}"}))


@cache
def _validator(schema: str) -> Validator:
    whole = json.loads(schema) | {"components": load_schema()["components"]}
    return Draft202012Validator(whole, format_checker=Draft202012Validator.FORMAT_CHECKER)
