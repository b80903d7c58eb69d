"""A shell around a WSGI application of a few lines, to be run by granian in `test_shell.py`."""

import json
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from config.web import admission
from config.web.shell import Shell
from moderation.lib.answer import Answer, RequestHeaders

closed: list[str] = []


class Body:
    """A response that notes that it was closed."""

    def __init__(self, path: str, chunks: Iterable[bytes]) -> None:
        self.path = path
        self.chunks = chunks

    def __iter__(self):
        return iter(self.chunks)

    def close(self) -> None:
        closed.append(self.path)


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
    path = environ["PATH_INFO"]
    if path == "/error":
        raise RuntimeError("as asked")
    start_response("200 OK", [("Content-Type", "text/plain"), ("Set-Cookie", "a=1"), ("Set-Cookie", "b=2")])
    if path == "/slow":
        time.sleep(0.5)
    if path == "/file":
        return environ["wsgi.file_wrapper"](Path(__file__).open("rb"))
    if path == "/part":
        file = Path(__file__).open("rb")  # noqa: SIM115 - the wrapper closes it
        return environ["wsgi.file_wrapper"](file.fileno() and _Unnamed(file))
    if path == "/endless":
        return Body(path, iter(lambda: b"x" * 65536, b""))
    if path == "/closed":
        return [json.dumps(closed).encode()]
    told = {name: value for name, value in environ.items() if isinstance(value, str)}
    return Body(path, [json.dumps(told | {"body": len(environ["wsgi.input"].read())}).encode()])


class _Unnamed:
    """A part of a file has no name that could stand for it."""

    def __init__(self, file: Any) -> None:
        self.file = file

    def read(self, size: int) -> bytes:
        chunk: bytes = self.file.read(size)
        return chunk

    def close(self) -> None:
        self.file.close()


def fast_answer(method: str, path: str, query: str, headers: RequestHeaders) -> Answer | None:
    if path != "/fast":
        return None
    return Answer(200, [("x-asked", headers.get("if-none-match") or "")], b"from memory")


# A test that fills the queue shall not be felt by the next one.
admission.CALM_AFTER_S = 0.1
app = Shell(application, threads=2, fast_answer=fast_answer, body_within_s=1.0, queue_length=8)
