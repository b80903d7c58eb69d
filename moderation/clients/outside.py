"""One POST to an outside server, bounded in time and size. It follows no redirect and uses no proxy.

A deadline covers the whole call: each wait gets what is left of the time, so that a server which sends a byte
a second cannot hold it.
"""

import ssl
import time
from collections.abc import Iterable, Mapping
from concurrent.futures import Future
from concurrent.futures import TimeoutError as LookUpTimeout
from dataclasses import dataclass
from functools import cache
from socket import SOCK_STREAM, gaierror, getaddrinfo
from threading import Thread
from typing import Any, Protocol

import httpcore

from moderation.domain.remote import CallFailed, Failure, Question
from moderation.lib.public_address import is_public

MOST_BYTES = 64 * 1024
USER_AGENT = "comment-moderation"


@dataclass(frozen=True, slots=True)
class Request:
    """A request to send, and the names of the comment's fields in it."""

    url: str
    headers: Mapping[str, str]
    body: bytes
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reply:
    """A whole answer; header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Asker(Protocol):
    """The client of one kind of service. Both functions are pure and raise `CallFailed`."""

    def build_request(self, question: Question) -> Request:
        """The request for one comment."""

    def read_reply(self, reply: Reply) -> dict[str, Any]:
        """The findings of a reply with status 200, as plain JSON values."""


def post(request: Request, *, timeout_s: float, only_public: bool = False) -> Reply:
    """Send the request and read the answer, within `timeout_s` from now. Raises `CallFailed`.

    With `only_public` no connection is made to an address inside a private network, whatever the name of the
    host leads to at that moment.
    """
    deadline = time.monotonic() + timeout_s
    headers = [*request.headers.items(), ("User-Agent", USER_AGENT), ("Accept-Encoding", "identity")]
    backend = _Backend(deadline, only_public=only_public)
    try:
        with httpcore.ConnectionPool(ssl_context=_tls(), network_backend=backend) as pool:
            with pool.stream("POST", request.url, headers=headers, content=request.body) as response:
                body = _read_bounded(response.iter_stream())
                return Reply(response.status, _read_headers(response.headers), body)
    except httpcore.TimeoutException:
        raise CallFailed(Failure.TIMEOUT) from None
    except httpcore.NetworkError:
        raise CallFailed(Failure.REFUSED) from None
    except httpcore.ProtocolError:
        raise CallFailed(Failure.BAD_ANSWER) from None


def check_status(reply: Reply) -> None:
    """Raise `CallFailed` unless the reply has status 200; redirects are not followed."""
    if reply.status in (401, 403):
        raise CallFailed(Failure.UNAUTHORISED)
    if reply.status == 429 or reply.status >= 500:
        raise CallFailed(Failure.BUSY)
    if reply.status != 200:
        raise CallFailed(Failure.BAD_ANSWER)


def _read_headers(headers: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    return {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in headers}


def _read_bounded(chunks: Iterable[bytes]) -> bytes:
    body = bytearray()
    for chunk in chunks:
        body += chunk
        if len(body) > MOST_BYTES:
            raise CallFailed(Failure.BAD_ANSWER)
    return bytes(body)


@cache
def _tls() -> ssl.SSLContext:
    """The system's own certificates, so that an operator's certificate authority counts, too."""
    return ssl.create_default_context()


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise httpcore.ReadTimeout
    return left


class _Stream(httpcore.NetworkStream):
    """A connection whose every wait ends at the call's deadline."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: float) -> None:
        self._stream = stream
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, _left(self._deadline))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, _left(self._deadline))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        stream = self._stream.start_tls(ssl_context, server_hostname, _left(self._deadline))
        return _Stream(stream, self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


class _Backend(httpcore.NetworkBackend):
    """Connections that end at the call's deadline, including the look-up of the name."""

    def __init__(self, deadline: float, *, only_public: bool) -> None:
        self._deadline = deadline
        self._only_public = only_public

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        failure: httpcore.NetworkError = httpcore.ConnectError()
        for address in look_up(host, port, timeout_s=_left(self._deadline)):
            if self._only_public and not is_public(address):
                raise CallFailed(Failure.NOT_ALLOWED)
            try:
                plain = httpcore.SyncBackend().connect_tcp(
                    address, port, _left(self._deadline), socket_options=socket_options
                )
            except httpcore.NetworkError as error:
                failure = error
            else:
                return _Stream(plain, self._deadline)
        raise failure


def look_up(host: str, port: int, *, timeout_s: float) -> list[str]:
    """The addresses of a host. The resolver has no time limit, so it runs in a thread of its own, which is
    abandoned if it takes too long. Raises httpcore's `ConnectError`, `ConnectTimeout`.
    """
    found: Future[list[str]] = Future()
    Thread(target=_resolve, args=(host, port, found), daemon=True).start()
    try:
        return found.result(timeout_s)
    except LookUpTimeout:
        raise httpcore.ConnectTimeout from None
    except (gaierror, UnicodeError):
        raise httpcore.ConnectError from None


def _resolve(host: str, port: int, found: "Future[list[str]]") -> None:
    try:
        entries = getaddrinfo(host.strip("[]"), port, type=SOCK_STREAM)
    except Exception as error:  # noqa: BLE001 - whoever waits for it raises it
        found.set_exception(error)
    else:
        found.set_result(list(dict.fromkeys(str(entry[4][0]) for entry in entries)))
