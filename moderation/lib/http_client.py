"""A small JSON client over one kept connection, for commands that call an API like anybody else."""

import http.client
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

TIMEOUT_S = 10.0


class Unreachable(Exception):
    """No answer came; whether the request was carried out is unknown."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Status, headers in lower case, and the body as JSON (None when it is none)."""

    status: int
    headers: Mapping[str, str]
    body: Any


class JsonClient:
    """Calls `base` with a bearer key. One connection, one thread."""

    def __init__(self, base: str, key: str, *, timeout_s: float = TIMEOUT_S) -> None:
        parts = urlsplit(base)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError("Give the service's address, like http://127.0.0.1:8000")
        kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        self._connection = kind(parts.hostname, parts.port, timeout=timeout_s)
        self._prefix = parts.path.rstrip("/")
        self._headers = {"Authorization": f"Bearer {key}", "Accept": "application/json"}

    def get(self, path: str) -> Answer:
        """GET `path`. Raises `Unreachable`."""
        return self._call("GET", path, None, {})

    def post(self, path: str, body: Mapping[str, Any], headers: Mapping[str, str]) -> Answer:
        """POST `body` as JSON. Raises `Unreachable`."""
        encoded = json.dumps(body, ensure_ascii=False).encode()
        return self._call("POST", path, encoded, {"Content-Type": "application/json", **headers})

    def close(self) -> None:
        """Close the connection; the next call opens a new one."""
        self._connection.close()

    def _call(self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]) -> Answer:
        try:
            self._connection.request(method, self._prefix + path, body, {**self._headers, **headers})
            response = self._connection.getresponse()
            raw = response.read()
        except (OSError, http.client.HTTPException) as error:
            self._connection.close()
            raise Unreachable(type(error).__name__) from error
        return Answer(
            status=response.status,
            headers={name.lower(): value for name, value in response.getheaders()},
            body=_json_or_none(raw),
        )


def _json_or_none(raw: bytes) -> Any:
    try:
        return json.loads(raw)
    except ValueError:
        return None
