"""Turns the OpenAPI document into what the page shows: pure, from dictionaries to plain values."""

import html
import json
import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.safestring import SafeString, mark_safe

from moderation.api.openapi import PUBLIC_KEY, SECRET_KEY, TOKEN

Schema = Mapping[str, Any]
_WORDS = {PUBLIC_KEY: "public key", SECRET_KEY: "secret key", TOKEN: "status token"}
# The order on the page, whatever the order of the paths.
_ORDER = ("Comments", "Threads", "Decisions")
_DEEPEST = 3


@dataclass(frozen=True, slots=True)
class FieldLine:
    """One line of a table: a parameter or a field. `depth` indents it."""

    name: str
    kind: str
    is_required: bool
    text: SafeString
    depth: int = 0


@dataclass(frozen=True, slots=True)
class AnswerPart:
    """One status with its meaning and, if it has a body, the body's shape."""

    status: str
    text: SafeString
    shapes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OperationPart:
    """One operation, ready to be shown."""

    anchor: str
    method: str
    path: str
    title: str
    text: SafeString
    keys: str
    parameters: tuple[FieldLine, ...]
    body: tuple[FieldLine, ...]
    curl: str
    answers: tuple[AnswerPart, ...]


@dataclass(frozen=True, slots=True)
class ShapePart:
    """One named shape with its fields."""

    name: str
    text: SafeString
    fields: tuple[FieldLine, ...]


@dataclass(frozen=True, slots=True)
class Guide:
    """The whole page."""

    title: str
    base_url: str
    groups: tuple[tuple[str, tuple[OperationPart, ...]], ...]
    shapes: tuple[ShapePart, ...]


def build_guide(schema: Schema, *, base_url: str) -> Guide:
    """What the page shows of an OpenAPI document; its examples call `base_url`."""
    shapes = schema["components"]["schemas"]
    parts = [
        (operation["tags"][0], _build_operation(method, path, operation, shapes, base_url))
        for path, methods in schema["paths"].items()
        for method, operation in sorted(methods.items(), reverse=True)  # POST before GET
    ]
    return Guide(
        title=schema["info"]["title"],
        base_url=base_url,
        groups=tuple((tag, tuple(part for its, part in parts if its == tag)) for tag in _ORDER),
        shapes=tuple(
            ShapePart(name, _with_code(shape.get("description", "")), tuple(_field_lines(shape, shapes)))
            for name, shape in shapes.items()
            if not name.endswith("Input") and name != "Submission" and "properties" in shape
        ),
    )


def _build_operation(
    method: str, path: str, operation: Schema, shapes: Schema, base_url: str
) -> OperationPart:
    body = operation.get("requestBody", {}).get("content", {}).get("application/json")
    keys = [_WORDS[name] for scheme in operation["security"] for name in scheme]
    return OperationPart(
        anchor=operation["operationId"],
        method=method.upper(),
        path=path,
        title=operation["summary"],
        text=_with_code(operation["description"]),
        keys=" or ".join(keys) or "no key in a header",
        parameters=tuple(_parameter_line(parameter) for parameter in operation.get("parameters", ())),
        body=tuple(_field_lines(body["schema"], shapes)) if body else (),
        curl=_build_curl(method, path, operation, body, base_url),
        answers=tuple(_build_answer(status, about) for status, about in operation["responses"].items()),
    )


def _build_answer(status: str, about: Schema) -> AnswerPart:
    shapes = [
        name for media in about.get("content", {}).values() for name in _names_in(media["schema"]) if name
    ]
    return AnswerPart(status, _with_code(about["description"]), tuple(shapes))


def _parameter_line(parameter: Schema) -> FieldLine:
    return FieldLine(
        name=parameter["name"],
        kind=f"{_kind(parameter['schema'])}, in the {parameter['in']}",
        is_required=parameter.get("required", False),
        text=_with_code(parameter["description"]),
    )


def _field_lines(schema: Schema, shapes: Schema, depth: int = 0) -> Iterator[FieldLine]:
    """A line for each field, followed by those of inner objects."""
    schema = _resolve(schema, shapes)
    required = schema.get("required", ())
    for name, field in schema.get("properties", {}).items():
        plain = _resolve(field, shapes) if not _names_in(field) else field
        text = field.get("description") or _resolve(field, shapes).get("description", "")
        yield FieldLine(name, _kind(field), name in required, _with_code(text), depth)
        inner = plain.get("items", plain)
        if depth < _DEEPEST and "properties" in inner:
            yield from _field_lines(inner, shapes, depth + 1)


def _with_code(text: str) -> SafeString:
    """Our own text, with the parts in backticks as code."""
    return mark_safe(re.sub(r"`([^`]+)`", r"<code>\1</code>", html.escape(text)))  # noqa: S308 - escaped


def _kind(schema: Schema) -> str:
    """`text`, `number or null`, `list of Comment`, `one of: a, b`."""
    if names := _names_in(schema):
        return " or ".join(name or "null" for name in names)
    if "enum" in schema:
        return "one of: " + ", ".join(schema["enum"])
    types = schema.get("type", "anything")
    words = [_type_word(name, schema) for name in ([types] if isinstance(types, str) else types)]
    return " or ".join(words)


def _type_word(name: str, schema: Schema) -> str:
    if name == "array":
        return f"list of {_kind(schema['items'])}"
    plain = {"string": "text", "integer": "whole number", "boolean": "true or false"}.get(name, name)
    return (
        {"uuid": "id", "date-time": "time", "uri": "URL"}.get(schema.get("format", ""), plain)
        if (name == "string")
        else plain
    )


def _names_in(schema: Schema) -> list[str]:
    """The names of the shapes that a schema refers to; "" stands for null."""
    if "$ref" in schema:
        return [schema["$ref"].rpartition("/")[2]]
    return [name for one in schema.get("oneOf", ()) for name in (_names_in(one) or [""])]


def _resolve(schema: Schema, shapes: Schema) -> Schema:
    names = [name for name in _names_in(schema) if name]
    resolved: Schema = shapes[names[0]] if names else schema
    return resolved


def _build_curl(method: str, path: str, operation: Schema, body: Schema | None, base_url: str) -> str:
    """A call that works once the key and the ids are filled in."""
    query = "&".join(f"{name}={value}" for name, value in _EXAMPLE_QUERY.get(operation["operationId"], ()))
    for name, word in _EXAMPLE_PARTS.items():
        path = path.replace(f"{{{name}}}", word)
    lines = [f"curl {shlex.quote(base_url + path + ('?' + query if query else ''))}"]
    if method != "get":
        lines[0] = lines[0].replace("curl ", f"curl -X {method.upper()} ", 1)
    if operation["security"] and not query.startswith("token="):
        is_public = {PUBLIC_KEY: []} in operation["security"]
        lines.append(f"-H 'Authorization: Bearer {'cm_pk_…' if is_public else 'cm_sk_…'}'")
    if body:
        example = json.dumps(body["example"], indent=2, ensure_ascii=False)
        lines += ["-H 'Content-Type: application/json'", f"-d {shlex.quote(example)}"]
    return " \\\n  ".join(lines)


_EXAMPLE_PARTS = {"comment_id": "ID", "thread_id": "ID", "decision_id": "ID", "public_key": "cm_pk_…"}
_PAGE_URL = "https://news.example/2026/harbour"
_EXAMPLE_QUERY = {
    "listComments": (("status", "held"), ("limit", "20")),
    "readComment": (("token", "TOKEN"),),
    "readThreadByName": (("url", _PAGE_URL),),
    "readPublicThread": (("url", _PAGE_URL),),
    "readFormToken": (("thread", _PAGE_URL),),
}
