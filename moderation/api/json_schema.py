"""Structs as JSON Schema, as OpenAPI 3.1 documents have it."""

from collections.abc import Iterable
from typing import Any

import msgspec

from moderation.domain.status import ReaderStatus

Schema = dict[str, Any]
_PLACE = "#/components/schemas/"
# Enumerations with a schema of their own; all others are written where they are used.
_NAMED_ENUMS = frozenset({ReaderStatus.__name__})


def build_schemas(kinds: Iterable[type]) -> Schema:
    """The named schemas of `kinds` and of everything that they refer to."""
    _, found = msgspec.json.schema_components(kinds, ref_template=_PLACE + "{name}")
    return {_public_name(name): _tidy(found[name], found) for name in found if not _is_inner(name, found)}


def ref(kind: type) -> Schema:
    """A reference to the schema of `kind`."""
    return {"$ref": _PLACE + _public_name(kind.__name__)}


def _is_inner(name: str, found: Schema) -> bool:
    return name.startswith("_") or ("enum" in found[name] and name not in _NAMED_ENUMS)


def _public_name(name: str) -> str:
    return name.removesuffix("Shape")


def _tidy(schema: Any, found: Schema) -> Any:
    """Without titles and defaults, with inner schemas inlined and "or null" as 3.1 writes it."""
    if isinstance(schema, list):
        return [_tidy(each, found) for each in schema]
    if not isinstance(schema, dict):
        return schema
    schema = {name: value for name, value in schema.items() if name not in ("title", "default")}
    if "$ref" in schema:
        return _tidy_reference(schema, found)
    if "anyOf" in schema:
        return _tidy_optional(schema.pop("anyOf"), schema, found)
    if "properties" in schema:
        properties = {name: _tidy(each, found) for name, each in schema["properties"].items()}
        return {**schema, "properties": properties}
    tidied = {name: _tidy(value, found) for name, value in schema.items()}
    return {"type": "string", **tidied} if "enum" in tidied else tidied


def _tidy_reference(schema: Schema, found: Schema) -> Schema:
    name = schema.pop("$ref").removeprefix(_PLACE)
    if not _is_inner(name, found):
        return {"$ref": _PLACE + _public_name(name), **schema}
    inner: Schema = _tidy(found[name], found)
    if "enum" in inner:  # what the class is for in the code does not concern the API's callers
        inner.pop("description", None)
    return {**inner, **schema}


def _tidy_optional(choices: list[Schema], more: Schema, found: Schema) -> Schema:
    """A value or null."""
    (value,) = (_tidy(choice, found) for choice in choices if choice != {"type": "null"})
    if "$ref" in value:
        return {"oneOf": [value, {"type": "null"}], **more}
    kinds = {"type": [value["type"], "null"]}
    return {**value, **kinds, **more, **({"enum": [*value["enum"], None]} if "enum" in value else {})}
