"""Bytes on a socket, and what comes back: requests that no HTTP library would send."""

import socket
from contextlib import suppress
from dataclasses import dataclass
from time import monotonic
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class Reply:
    """Everything that came back until the connection was closed or nothing more came."""

    raw: bytes
    is_closed: bool
    seconds: float

    @property
    def statuses(self) -> list[int]:
        """The status of each answer in it."""
        lines = [part.split(b"\r\n", 1)[0] for part in self.raw.split(b"HTTP/1.1 ")[1:]]
        return [int(line[:3]) for line in lines]

    @property
    def status(self) -> int:
        """The only or first one; 0 where the connection was closed without a word."""
        return self.statuses[0] if self.statuses else 0


def connect(url: str) -> socket.socket:
    """A connection to the server of `url`."""
    parts = urlsplit(url)
    return socket.create_connection((parts.hostname, parts.port), timeout=20)


def read_reply(client: socket.socket, *, within_s: float) -> Reply:
    """Read until the server closes, or is silent for `within_s`."""
    began, chunks, is_closed = monotonic(), [], False
    client.settimeout(within_s)
    try:
        while chunk := client.recv(65536):
            chunks.append(chunk)
        is_closed = True
    except TimeoutError:
        pass
    except ConnectionError:
        is_closed = True
    return Reply(b"".join(chunks), is_closed, monotonic() - began)


def exchange(url: str, raw: bytes, *, within_s: float = 3) -> Reply:
    """Send `raw` on a connection of its own and read what comes."""
    with connect(url) as client:
        with suppress(ConnectionError):  # refused before all was sent: the answer may be there all the same
            client.sendall(raw)
        return read_reply(client, within_s=within_s)


def head(method: str = "POST", path: str = "/api/v1/comments", *lines: str) -> bytes:
    """The head of a request, with `lines` as further headers."""
    named = ["Host: 127.0.0.1", "Content-Type: application/json", *lines]
    return "\r\n".join([f"{method} {path} HTTP/1.1", *named, "", ""]).encode("latin-1")
