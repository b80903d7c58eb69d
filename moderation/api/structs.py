"""Requests and responses are declared once, as structs; parsing, JSON and OpenAPI all follow from these.

A struct's name ends in `Shape`, which OpenAPI leaves out; one that begins with `_` is shown inside the
others. A docstring becomes a description. See `fields.py` for how a request is read by its struct, and
`json_schema.py` for how one is described.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from msgspec import Meta

PUBLIC, SECRET = "public", "secret"


class Shape(msgspec.Struct, forbid_unknown_fields=True):
    """A JSON object with these fields and no others; those without a default are always present."""


def about(
    description: str = "",
    *,
    most: int | None = None,
    least: int | None = None,
    one_line: bool = False,
    only: str = "",
    read_as: str = "",
    **schema: Any,
) -> Meta:
    """Describes a field. `most` and `least` are lengths; `schema` adds to its JSON Schema.

    For requests: `one_line` refuses line breaks, `only` names the kind of key that may send the field, and
    `read_as` the reader of `fields.py` to use if its type does not determine one. A text of a request that is
    one of several is declared by `one_of`, not by an enumeration.
    """
    extra = {"one_line": one_line, "only": only, "read_as": read_as}
    more = schema | ({"description": description} if description else {})
    return Meta(max_length=most, min_length=least, extra_json_schema=more or None, extra=extra)


def one_of(values: Iterable[str], description: str = "") -> Meta:
    """A text that is one of `values`."""
    return about(description, enum=[str(value) for value in values], read_as="choice")


Moment = Annotated[datetime, Meta(tz=True)]
Count = Annotated[int, Meta(ge=0)]
Version = Annotated[int, Meta(ge=1, le=2**31 - 1)]
Id = UUID
