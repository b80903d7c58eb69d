"""JSON and nothing else: how it is chosen, and how it is written."""

from collections.abc import Mapping
from typing import Any

import orjson
from rest_framework.exceptions import NotAcceptable
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

_ANSWERS_TO = ("*/*", "application/*", "application/json", "application/problem+json", "text/html", "text/*")


class JsonOnly(BaseContentNegotiation):
    """JSON whatever is preferred, browsers included; 406 only for who names nothing that we could send."""

    def select_parser(self, request: Request, parsers: Any) -> None:
        """Bodies are read by our own parser."""

    def select_renderer(
        self, request: Request, renderers: Any, format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        """The one renderer. Raises `NotAcceptable`."""
        accepted = request.headers.get("Accept", "*/*")
        names = {part.partition(";")[0].strip().lower() for part in accepted.split(",")}
        if accepted.strip() and names.isdisjoint((*_ANSWERS_TO, renderers[0].media_type)):
            raise NotAcceptable
        return renderers[0], renderers[0].media_type


class JsonRenderer(BaseRenderer):
    """JSON by orjson: moments in UTC with a Z, ids as text."""

    media_type = "application/json"
    format = "json"
    charset = None
    render_style = "binary"

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        """`data` as UTF-8; nothing for nothing."""
        return b"" if data is None else orjson.dumps(data, option=orjson.OPT_UTC_Z)
