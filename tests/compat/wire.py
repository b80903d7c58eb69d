"""Requests to compatible services through the real WSGI application, as the server shell makes them."""

import io
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.core.signals import request_finished, request_started
from django.db import close_old_connections

from config.web.wsgi import application
from config.web.wsgi_call import call_wsgi
from moderation.lib.answer import Answer


@dataclass(frozen=True, slots=True)
class WireAnswer:
    """A response; header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    raw: bytes

    @property
    def kind(self) -> str:
        """The content type."""
        return self.headers.get("content-type", "")

    @property
    def body(self) -> Any:
        """The body as JSON."""
        return json.loads(self.raw)


@contextmanager
def _connections_stay_open() -> Iterator[None]:
    """The end of a request closes a connection within a transaction, and a whole test may be one."""
    signals = (request_started, request_finished)
    connected = [signal for signal in signals if signal.disconnect(close_old_connections)]
    try:
        yield
    finally:
        for signal in connected:
            signal.connect(close_old_connections)


def call(
    method: str,
    path: str,
    body: Any = b"",
    *,
    query: str = "",
    headers: Mapping[str, str] | None = None,
    kind: str = "application/json",
) -> WireAnswer:
    """Send one request: `path` decoded, `query` as in the request line, `body` as bytes or as a value to send
    as JSON.
    """
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    environ = {
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": "",
        "PATH_INFO": path.encode("utf-8", "surrogateescape").decode("latin-1"),
        "QUERY_STRING": query,
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "REMOTE_ADDR": "127.0.0.1",
        "CONTENT_TYPE": kind,
        "CONTENT_LENGTH": str(len(data)),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(data),
        **{f"HTTP_{name.upper().replace('-', '_')}": value for name, value in (headers or {}).items()},
    }
    with _connections_stay_open():
        answer = call_wsgi(application, environ)
    assert isinstance(answer, Answer)
    return WireAnswer(answer.status, {name.lower(): value for name, value in answer.headers}, answer.body)
