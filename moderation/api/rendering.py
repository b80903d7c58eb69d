"""JSON and nothing else: how it is chosen, and how it is written."""

from collections.abc import Mapping
from typing import Any

import orjson
from rest_framework.exceptions import NotAcceptable
from rest_framework.renderers import BaseRenderer

_ANSWERS_TO = ("*/*", "application/*", "application/json", "application/problem+json", "text/html", "text/*")


def check_accept(accepted: str) -> None:
    """JSON whatever is preferred, browsers included. Raises `NotAcceptable` for who names nothing of ours."""
    if accepted == "*/*":
        return
    names = {part.partition(";")[0].strip().lower() for part in accepted.split(",")}
    if accepted.strip() and names.isdisjoint(_ANSWERS_TO):
        raise NotAcceptable


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
