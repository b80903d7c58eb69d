"""From Perspective's JSON to plain values. Both spellings of field names are read, as Google does."""

from collections.abc import Mapping
from functools import cache
from typing import Any

import orjson

from moderation.compat.perspective.errors import refuse_request


def read_object(body: bytes) -> dict[str, Any]:
    """The JSON object in `body`. Raises `PerspectiveRefused`."""
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise refuse_request("Invalid JSON payload received: send a JSON object in UTF-8.") from None
    if not isinstance(value, dict):
        raise refuse_request("Invalid JSON payload received: send a JSON object.")
    return value


def take(given: Mapping[str, Any], name: str) -> Any:
    """A field by its name in camelCase or in snake_case; None where it is missing."""
    value = given.get(name)
    return value if value is not None else given.get(_snake(name))


def take_object(given: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """A field that is an object; empty where it is missing. Raises `PerspectiveRefused`."""
    value = take(given, name)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise refuse_request(f"Field {name} must be an object.")
    return value


def take_list(given: Mapping[str, Any], name: str) -> list[Any]:
    """A field that is a list; empty where it is missing. Raises `PerspectiveRefused`."""
    value = take(given, name)
    if value is None:
        return []
    if not isinstance(value, list):
        raise refuse_request(f"Field {name} must be a list.")
    return value


def take_text(given: Mapping[str, Any], name: str) -> str:
    """A field that is a text; "" where it is missing. Raises `PerspectiveRefused`."""
    value = take(given, name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise refuse_request(f"Field {name} must be a text.")
    return value


def take_flag(given: Mapping[str, Any], name: str) -> bool:
    """A field that is true or false; false where it is missing. Raises `PerspectiveRefused`."""
    value = take(given, name)
    if value is None:
        return False
    if not isinstance(value, bool):
        raise refuse_request(f"Field {name} must be true or false.")
    return value


def take_share(given: Mapping[str, Any], name: str) -> float:
    """A field that is a number from 0 to 1; 0 where it is missing. Raises `PerspectiveRefused`."""
    value = take(given, name)
    if value is None:
        return 0.0
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        raise refuse_request(f"Field {name} must be a number from 0 to 1.")
    return float(value)


@cache
def _snake(name: str) -> str:
    return "".join(f"_{sign.lower()}" if sign.isupper() else sign for sign in name)
