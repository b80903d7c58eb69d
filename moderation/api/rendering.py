"""JSON and nothing else: how it is chosen, and how it is written."""

from collections.abc import Mapping
from typing import Any

import msgspec
from django.http import HttpResponse
from rest_framework.exceptions import NotAcceptable
from rest_framework.renderers import BaseRenderer

JSON_TYPE = "application/json"
_ANSWERS_TO = ("*/*", "application/*", "application/json", "application/problem+json", "text/html", "text/*")


def check_accept(accepted: str) -> None:
    """JSON whatever is preferred, browsers included. Raises `NotAcceptable` for who names nothing of ours."""
    if accepted == "*/*":
        return
    names = {part.partition(";")[0].strip().lower() for part in accepted.split(",")}
    if accepted.strip() and names.isdisjoint(_ANSWERS_TO):
        raise NotAcceptable


class Response(HttpResponse):
    """`data`, a struct or what JSON knows, as UTF-8: moments in UTC with a Z. Nothing for nothing."""

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
    """The same for a plain view of the framework."""

    media_type = JSON_TYPE
    format = "json"
    charset = None

    def render(
        self, data: Any, accepted_media_type: str | None = None, renderer_context: Any = None
    ) -> bytes:
        """`data` as UTF-8; nothing for nothing."""
        return b"" if data is None else _dump(data)


def _dump(data: Any) -> bytes:
    return msgspec.json.encode(data)
