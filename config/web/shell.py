"""The server shell, so that Django never waits on a socket.

Granian's own WSGI gives each connection a thread, so that a dozen clients that send a byte a second stop
everybody. This RSGI application reads bodies in the event loop, within limits of size and time, answers from
memory what it can, and calls Django in a bounded pool of threads.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Protocol

import structlog

from config.web.admission import Admission
from config.web.refusals import BUSY, FAILED, TOO_LARGE, TOO_SLOW, UNREADABLE, Refusal
from config.web.wsgi_call import FileAnswer, WsgiApplication, build_environ, call_wsgi
from moderation.lib.answer import Answer, FastAnswer, RequestHeaders
from moderation.lib.request_id import REQUEST_ID_HEADER, new_request_id

BODY_LIMIT_BYTES = 128 * 1024
BODY_WITHIN_S = 10.0
# A browser shows no answer while it is still sending, so an announced body is read up to here and dropped.
DISCARD_LIMIT_BYTES = 1024 * 1024
# The number of requests that may wait for a thread if the wait is short: see config/web/admission.py.
QUEUE_LENGTH = 64
# A body of this size arrives with its headers, and refusing it unread costs much less.
_COMES_ALONG_BYTES = 16 * 1024

# How many bodies may be on their way at once: they wait in memory, 128 MiB in all at worst.
MOST_BODIES = 1024

log = structlog.get_logger(__name__)


class RequestScope(Protocol):
    """RSGI's description of a request."""

    proto: str
    http_version: str
    server: str
    client: str
    scheme: str
    method: str
    path: str
    query_string: str
    authority: str | None

    @property
    def headers(self) -> Any:
        """Names in lower case."""


class Connection(Protocol):
    """RSGI's methods to read a body and to answer."""

    def __aiter__(self) -> AsyncIterator[bytes]:
        """The body's chunks."""

    def response_bytes(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        """Send the whole answer."""

    def response_file(self, status: int, headers: list[tuple[str, str]], file: str) -> None:
        """Send a file without passing it through Python."""


class Shell:
    """The RSGI application. It asks `fast_answer` first, for GET and HEAD only."""

    def __init__(
        self,
        application: WsgiApplication,
        *,
        threads: int,
        fast_answer: FastAnswer | None = None,
        body_within_s: float = BODY_WITHIN_S,
        queue_length: int = QUEUE_LENGTH,
    ) -> None:
        self.application = application
        self.fast_answer = fast_answer
        self.body_within_s = body_within_s
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="django")
        self._admission = Admission(threads=threads, queue_length=queue_length)
        self._bodies = 0

    async def __rsgi__(self, scope: RequestScope, connection: Connection) -> None:
        """Answer one request."""
        answer = self._answer_from_memory(scope) or await self._answer_slowly(scope, connection)
        if isinstance(answer, FileAnswer):
            connection.response_file(answer.status, answer.headers, answer.path)
        else:
            connection.response_bytes(answer.status, answer.headers, answer.body)

    def _answer_from_memory(self, scope: RequestScope) -> Answer | None:
        if self.fast_answer is None or scope.method not in ("GET", "HEAD"):
            return None
        headers: RequestHeaders = scope.headers
        return self.fast_answer(scope.method, scope.path, scope.query_string, headers)

    async def _answer_slowly(self, scope: RequestScope, connection: Connection) -> Answer | FileAnswer:
        length = announced_length(scope.headers.get("content-length"))
        comes_along = length <= _COMES_ALONG_BYTES and not scope.headers.get("transfer-encoding")
        if comes_along and self._admission.is_full():
            return refuse(scope, BUSY)
        body = await self._read_body(length, connection)
        if isinstance(body, Refusal):
            return refuse(scope, body)
        if self._admission.is_full():
            return refuse(scope, BUSY)
        too_late_at = self._admission.enter()
        try:
            return await self._call_django(scope, build_environ(scope, body), too_late_at)
        finally:
            self._admission.leave()

    async def _read_body(self, announced: int, connection: Connection) -> bytes | Refusal:
        if announced > DISCARD_LIMIT_BYTES:
            return TOO_LARGE
        if self._bodies >= MOST_BODIES:
            return BUSY
        self._bodies += 1
        try:
            async with asyncio.timeout(self.body_within_s):
                body = await read_body(connection, most=max(announced, BODY_LIMIT_BYTES))
        except TimeoutError:
            return TOO_LARGE if announced > BODY_LIMIT_BYTES else TOO_SLOW
        finally:
            self._bodies -= 1
        if body is None:
            return TOO_LARGE
        # The server ends a broken-off body like a complete one: half a comment must not be accepted.
        return UNREADABLE if len(body) < announced else body

    async def _call_django(
        self, scope: RequestScope, environ: dict[str, Any], too_late_at: float
    ) -> Answer | FileAnswer:
        loop = asyncio.get_running_loop()
        try:
            answer = await loop.run_in_executor(self._pool, self._take_turn, environ, too_late_at)
        except Exception as error:  # noqa: BLE001 - Django answers its own errors; this one is the shell's
            return refuse(scope, FAILED, error)
        return answer or refuse(scope, BUSY)

    def _take_turn(self, environ: dict[str, Any], too_late_at: float) -> Answer | FileAnswer | None:
        """Call Django in a thread, unless it is too late."""
        if self._admission.is_past(too_late_at):
            return None
        began = time.monotonic()
        try:
            return call_wsgi(self.application, environ)
        finally:
            self._admission.note(time.monotonic() - began)


def first_of(fast_answers: Sequence[FastAnswer]) -> FastAnswer:
    """The first answer that one of several functions gives."""

    def answer(method: str, path: str, query: str, headers: RequestHeaders) -> Answer | None:
        for each in fast_answers:
            found = each(method, path, query, headers)
            if found is not None:
                return found
        return None

    return answer


def refuse(scope: RequestScope, refusal: Refusal, error: Exception | None = None) -> Answer:
    """The refusal with an id that the log names, too."""
    request_id = new_request_id()
    told = {"code": refusal.code, "http_status": refusal.status, "request_id": request_id}
    if error is None:
        log.info("shell.refused", **told)
    else:
        log.error("shell.failed", exc_info=error, **told)
    answer = refusal.answer(scope.path, scope.headers.get("accept") or "")
    answer.headers.append((REQUEST_ID_HEADER.lower(), request_id))
    return answer


async def read_body(connection: Connection, *, most: int) -> bytes | None:
    """The whole body, or None if it is longer than the limit; up to `most` bytes of it are read."""
    chunks: list[bytes] = []
    length = 0
    async for chunk in connection:
        length += len(chunk)
        if length > most:
            break
        if length > BODY_LIMIT_BYTES:
            chunks.clear()
        else:
            chunks.append(chunk)
    return b"".join(chunks) if length <= BODY_LIMIT_BYTES else None


def announced_length(text: str | None) -> int:
    """The number in a header, or 0 without one; the server has already refused anything else."""
    return int(text) if text and text.isascii() and text.isdigit() else 0
