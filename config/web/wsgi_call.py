"""One call of a WSGI application with a request that has been read, in the caller's thread."""

import io
import sys
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

from moderation.lib.answer import Answer

WsgiApplication = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
# Pages and API answers are much smaller; exports are files.
LONGEST_ANSWER_BYTES = 16 * 1024 * 1024


class FileAnswer(NamedTuple):
    """An answer whose body is a whole file."""

    status: int
    headers: list[tuple[str, str]]
    path: str


class FileBody:
    """WSGI's `file_wrapper`: it remembers the file, so that the server can send it directly."""

    def __init__(self, file: Any, block_size: int = 65536) -> None:
        self.file = file
        self.block_size = block_size
        self.close = file.close

    def __iter__(self) -> Iterator[bytes]:
        return iter(lambda: self.file.read(self.block_size), b"")

    @property
    def path(self) -> str | None:
        """The file's path if it is a whole plain file; None for a part of one."""
        name = getattr(self.file, "name", None)
        return str(name) if name is not None and not isinstance(name, int) else None


def build_environ(scope: Any, body: bytes) -> dict[str, Any]:
    """The WSGI environment of an RSGI `scope` with its `body`."""
    host, _, port = scope.server.rpartition(":")
    environ: dict[str, Any] = {
        "REQUEST_METHOD": scope.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": scope.path.encode().decode("latin-1"),  # WSGI's form of bytes
        "QUERY_STRING": scope.query_string,
        "SERVER_NAME": host,
        "SERVER_PORT": port,
        "SERVER_PROTOCOL": f"HTTP/{scope.http_version}",
        "REMOTE_ADDR": scope.client.rpartition(":")[0].strip("[]"),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.scheme,
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
        "wsgi.file_wrapper": FileBody,
    }
    if scope.authority:
        environ["HTTP_HOST"] = scope.authority
    for name, value in scope.headers.items():
        if "_" in name:  # would be taken for the header with a hyphen
            continue
        key = "HTTP_" + name.upper().replace("-", "_")
        joint = "; " if name == "cookie" else ","
        environ[key] = f"{environ[key]}{joint}{value}" if key in environ and name != "host" else value
    environ.pop("HTTP_CONTENT_LENGTH", None)
    environ["CONTENT_LENGTH"] = str(len(body))
    environ["CONTENT_TYPE"] = environ.pop("HTTP_CONTENT_TYPE", "")
    return environ


def call_wsgi(application: WsgiApplication, environ: dict[str, Any]) -> Answer | FileAnswer:
    """The application's answer. Its `close()` is always called: only that ends Django's request."""
    status, headers = 500, list[tuple[str, str]]()

    def start_response(status_line: str, given: list[tuple[str, str]], exc_info: object = None) -> None:
        nonlocal status, headers
        status, headers = int(status_line.split(" ", 1)[0]), given

    response = application(environ, start_response)
    try:
        if isinstance(response, FileBody) and response.path is not None:
            return FileAnswer(status, headers, response.path)
        return Answer(status, headers, _join(response))
    finally:
        close = getattr(response, "close", None)
        if close is not None:
            close()


def _join(response: Iterable[bytes]) -> bytes:
    chunks: list[bytes] = []
    length = 0
    for chunk in response:
        length += len(chunk)
        if length > LONGEST_ANSWER_BYTES:
            raise RuntimeError("An answer of this length has to be a file.")
        chunks.append(chunk)
    return b"".join(chunks)
