"""JSON and nothing else: content negotiation and rendering."""

from collections.abc import Mapping
from typing import Any

import msgspec
from django.http import HttpResponse
from rest_framework.exceptions import NotAcceptable
from rest_framework.renderers import BaseRenderer

JSON_TYPE = "application/json"
_ANSWERS_TO = ("*/*", "application/*", "application/json", "application/problem+json", "text/html", "text/*")


def check_accept(accepted: str) -> None:
    """JSON whatever the client prefers, browsers included. Raises `NotAcceptable` for a client that accepts
    no JSON.
    """
    if accepted == "*/*":
        return
    names = {part.partition(";")[0].strip().lower() for part in accepted.split(",")}
    if accepted.strip() and names.isdisjoint(_ANSWERS_TO):
        raise NotAcceptable


class Response(HttpResponse):
    """`data`, a struct or plain JSON values, as UTF-8, with times in UTC with a Z. No body for None."""

    def __init__(
        self,
        data: Any = None,
        status: int = 200,
        *,
        headers: Mapping[str, str] | None = None,
        content_type: str = JSON_TYPE,
    ) -> None:
        body = b"" if data is None else _dump(data)
        super().__init__(body, status=status, content_type=content_type)
        if data is None:
            del self["Content-Type"]
        for name, value in (headers or {}).items():
            self[name] = value


class JsonRenderer(BaseRenderer):
    """The same for the framework's plain views."""

    media_type = JSON_TYPE
    format = "json"
    charset = None

    def render(
        self, data: Any, accepted_media_type: str | None = None, renderer_context: Any = None
    ) -> bytes:
        """`data` as UTF-8; nothing for None."""
        return b"" if data is None else _dump(data)


def _dump(data: Any) -> bytes:
    return msgspec.json.encode(data)
