"""A small JSON client over one persistent connection, for commands that call an API as any client does."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpcore

TIMEOUT_S = 10.0
_NO_ANSWER = (httpcore.NetworkError, httpcore.ProtocolError, httpcore.TimeoutException)


class Unreachable(Exception):
    """There was no answer; whether the request was carried out is unknown."""


@dataclass(frozen=True, slots=True)
class JsonAnswer:
    """Status, headers in lower case, and the body as JSON (None if it is not JSON)."""

    status: int
    headers: Mapping[str, str]
    body: Any


class JsonClient:
    """Calls `base` with a bearer key. One connection, one thread: the pool mistakes a connection that another
    thread has just begun to use for one that the server has closed.

    Each wait for the server ends after `timeout_s`. Nothing is sent twice.
    """

    def __init__(self, base: str, key: str, *, timeout_s: float = TIMEOUT_S) -> None:
        parts = urlsplit(base)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError("Give the service's address, such as http://127.0.0.1:8000")
        self._base = f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}"
        self._headers = {"Authorization": f"Bearer {key}", "Accept": "application/json"}
        self._timeout = dict.fromkeys(("connect", "read", "write", "pool"), timeout_s)
        self._pool = httpcore.ConnectionPool(max_connections=1)

    def get(self, path: str) -> JsonAnswer:
        """GET `path`. Raises `Unreachable`."""
        return self._call("GET", path, None, {})

    def post(self, path: str, body: Mapping[str, Any], headers: Mapping[str, str]) -> JsonAnswer:
        """POST `body` as JSON. Raises `Unreachable`."""
        encoded = json.dumps(body, ensure_ascii=False).encode()
        return self._call("POST", path, encoded, {"Content-Type": "application/json", **headers})

    def close(self) -> None:
        """Close the connections; the next call opens a new one."""
        self._pool.close()

    def _call(self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]) -> JsonAnswer:
        try:
            response = self._pool.request(
                method,
                self._base + path,
                headers=[*self._headers.items(), *headers.items()],
                content=body,
                extensions={"timeout": self._timeout},
            )
        except _NO_ANSWER as error:
            raise Unreachable(_reason(error)) from error
        return JsonAnswer(
            status=response.status,
            headers={
                name.decode("latin-1").lower(): value.decode("latin-1") for name, value in response.headers
            },
            body=_json_or_none(response.content),
        )


def _reason(error: Exception) -> str:
    """The name of the system's error, if there is one."""
    first = error.args[0] if error.args else None
    return type(first if isinstance(first, OSError) else error).__name__


def _json_or_none(raw: bytes) -> Any:
    try:
        return json.loads(raw)
    except ValueError:
        return None
