"""HTTP/1.1 as a client speaks it to a server on this machine: one kept connection, few instructions.

Client and server share the machine's cores, so what the client spends is missing to the server. It
understands what our own service sends (a length or chunks) and nothing more.
"""

import asyncio
from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import urlsplit

_BODILESS = frozenset({204, 304})


class Target(NamedTuple):
    """Where requests go."""

    host: str
    port: int

    @classmethod
    def of(cls, url: str) -> "Target":
        """The server that `url` names; its path is not looked at."""
        parts = urlsplit(url)
        return cls(parts.hostname or "127.0.0.1", parts.port or 80)


class Answer(NamedTuple):
    """One answer; `head` is its status line and headers as they came."""

    status: int
    head: bytes
    body: bytes

    def header(self, name: str) -> str:
        """A header's value; empty when it is missing."""
        found = _find_header(self.head.lower(), name.lower().encode())
        return self.head[found].strip().decode("latin-1")

    @property
    def closes(self) -> bool:
        """True when the server ends the connection after it."""
        return self.header("connection").lower() == "close"


class Broken(ConnectionError):
    """The server ended the connection before the answer was complete."""


def build_request(
    method: str,
    path: str,
    headers: Mapping[str, str] | None = None,
    body: bytes = b"",
    *,
    host: str = "localhost",
) -> bytes:
    """A whole request as bytes."""
    lines = [f"{method} {path} HTTP/1.1", f"Host: {host}"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    if body or method not in ("GET", "HEAD"):
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


class Connection(asyncio.Protocol):
    """One connection; one request at a time."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._waiting: asyncio.Future[Answer] | None = None
        self._buffer = b""
        self._has_body = True
        self.is_open = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self.is_open = True

    def send(self, request: bytes) -> "asyncio.Future[Answer]":
        """Send `request`; the future ends with its answer, or with `Broken`."""
        assert self._waiting is None, "one request at a time"
        assert self._transport is not None
        self._waiting = asyncio.get_running_loop().create_future()
        self._has_body = not request.startswith(b"HEAD ")
        if self.is_open:
            self._transport.write(request)
            return self._waiting
        waiting, self._waiting = self._waiting, None
        waiting.set_exception(Broken("closed while idle"))
        return waiting

    def close(self) -> None:
        """End it; what was waited for does not come."""
        self.is_open = False
        self._waiting = None
        if self._transport is not None:
            self._transport.abort()

    def data_received(self, data: bytes) -> None:
        self._buffer = self._buffer + data if self._buffer else data
        answer = parse_answer(self._buffer, has_body=self._has_body)
        if answer is None or self._waiting is None:
            return
        self._buffer = b""
        waiting, self._waiting = self._waiting, None
        if not waiting.done():
            waiting.set_result(answer)

    def connection_lost(self, exc: Exception | None) -> None:
        self.is_open = False
        waiting, self._waiting = self._waiting, None
        if waiting is not None and not waiting.done():
            waiting.set_exception(Broken("closed before the answer"))


def parse_answer(data: bytes, *, has_body: bool = True) -> Answer | None:
    """The answer in `data`, or None while it is not complete."""
    end = data.find(b"\r\n\r\n")
    if end < 0:
        return None
    head = data[:end]
    status = int(head[9:12])
    start = end + 4
    if not has_body or status in _BODILESS:
        return Answer(status, head, b"")
    lowered = head.lower()
    length = lowered[_find_header(lowered, b"content-length")]
    if length:
        stop = start + int(length)
        return Answer(status, head, data[start:stop]) if len(data) >= stop else None
    if b"chunked" in lowered[_find_header(lowered, b"transfer-encoding")]:
        body = _join_chunks(data, start)
        return None if body is None else Answer(status, head, body)
    return Answer(status, head, b"")


def _find_header(lowered: bytes, name: bytes) -> slice:
    """Where its value stands; an empty slice when there is none."""
    at = lowered.find(b"\r\n" + name + b":")
    if at < 0:
        return slice(0, 0)
    start = at + len(name) + 3
    end = lowered.find(b"\r\n", start)
    return slice(start, end if end >= 0 else len(lowered))


def _join_chunks(data: bytes, at: int) -> bytes | None:
    chunks: list[bytes] = []
    while (end := data.find(b"\r\n", at)) >= 0:
        length = int(data[at:end].partition(b";")[0], 16)
        if length == 0:
            return b"".join(chunks) if data.endswith(b"\r\n\r\n") else None
        chunks.append(data[end + 2 : end + 2 + length])
        at = end + 2 + length + 2
        if at > len(data):
            return None
    return None
