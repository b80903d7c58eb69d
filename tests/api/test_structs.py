"""A struct is read, refused and described by what it says of its fields."""

import io
import json
from typing import Annotated, Any

import pytest
from django.core.management import call_command

from moderation.api.documentation import load_schema
from moderation.api.fields import Fields
from moderation.api.json_schema import build_schemas
from moderation.api.structs import PUBLIC, SECRET, Id, Shape, Version, about, one_of
from moderation.domain.errors import InvalidFields
from moderation.domain.status import Status

ID = "019a0000-0000-7000-8000-000000000001"


class _PartShape(Shape):
    id: Id
    version: Version | None = None


class OrderShape(Shape, kw_only=True):
    """An order."""

    parts: Annotated[list[_PartShape], about(least=1, most=2)]
    act: Annotated[str, one_of(["take", "leave"])]
    title: Annotated[str, about("What it is called.", most=5, one_line=True)] | None = None
    inside: Annotated[bool, about(only=SECRET)] | None = None
    first: _PartShape | None = None
    second: Annotated[str, one_of(["this", "that"])] | None = None


class AnswerShape(Shape):
    status: Status | None
    kind: Annotated[Status, about("Why.")]


def mistakes(raw: dict[str, Any], asker: str = PUBLIC) -> dict[str, str]:
    fields = Fields(raw)
    fields.read(OrderShape, asker=asker)
    with pytest.raises(InvalidFields) as refused:
        fields.finish()
    return {error.field: error.code for error in refused.value.errors}


def test_what_is_right_is_read() -> None:
    good = {"parts": [{"id": ID, "version": 3}], "act": "take", "title": " Ah ", "first": {"id": ID}}
    fields = Fields(good | {"inside": True})
    order = fields.read(OrderShape, asker=SECRET)
    assert (str(order.parts[0].id), order.parts[0].version) == (ID, 3)
    assert (order.act, order.title, order.inside) == ("take", "Ah", True)


def test_every_mistake_is_named_at_once() -> None:
    raw = {
        "parts": [{"id": "x"}, 7],
        "act": "burn",
        "title": "much too long",
        "inside": True,
        "first": {"id": ID, "more": 1},
        "what": 1,
    }
    assert mistakes(raw) == {
        "parts[0].id": "invalid_id",
        "parts[1]": "not_an_object",
        "act": "invalid_choice",
        "title": "too_long",
        "inside": "not_for_this_key",
        "first": "unknown_field",
        "": "unknown_field",
    }


@pytest.mark.parametrize("parts", [None, [], [{"id": ID}] * 3, "x"])
def test_a_list_has_its_length(parts: Any) -> None:
    assert mistakes({"parts": parts, "act": "take", "first": {"id": ID}}) == {"parts": "invalid_list"}


def test_the_same_struct_gives_the_schema() -> None:
    (order,) = build_schemas([OrderShape]).values()
    assert (order["description"], order["required"]) == ("An order.", ["parts", "act"])
    assert order["additionalProperties"] is False
    told = order["properties"]
    assert (told["parts"]["minItems"], told["parts"]["maxItems"]) == (1, 2)
    assert told["parts"]["items"]["properties"]["version"]["type"] == ["integer", "null"]
    assert told["act"] == {"type": "string", "enum": ["take", "leave"]}
    assert told["title"] == {"type": ["string", "null"], "maxLength": 5, "description": "What it is called."}
    assert told["first"]["type"] == ["object", "null"]


def test_an_enumeration_stands_where_it_is_used() -> None:
    told = build_schemas([AnswerShape])["Answer"]["properties"]
    assert set(told["status"]["enum"]) == {*Status, None}
    assert (told["kind"]["type"], told["kind"]["description"]) == ("string", "Why.")


def test_the_command_prints_the_document() -> None:
    out = io.StringIO()
    call_command("openapi", stdout=out)
    assert json.loads(out.getvalue()) == load_schema()
