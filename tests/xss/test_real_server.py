"""Limits and methods at the real server, with headers as only a socket sends them."""

import json
import socket
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import httpx
import pytest

from moderation.flow.comments.flood import NETWORK_CAPACITY
from tests.stack import LiveStack

pytestmark = pytest.mark.slow

# What the one proxy before us (TRUSTED_PROXIES=1) appends: the client that it sees.
CLIENT = "198.51.100.7"
FORGERIES: list[list[tuple[str, str]]] = [
    [],
    [("X-Forwarded-For", "203.0.113.{n}")],
    [("X-Forwarded-For", "203.0.113.{n}, 10.0.0.1"), ("X-Real-IP", "203.0.113.{n}")],
    [("Forwarded", "for=203.0.113.{n}"), ("Client-IP", "203.0.113.{n}")],
    [("X_Forwarded_For", "203.0.113.{n}"), ("x-forwarded-for", "203.0.113.{n}")],
    [("X-FORWARDED-FOR", "2001:db8:{n}::1"), ("True-Client-IP", "2001:db8:{n}::1")],
]


@pytest.fixture(scope="module")
def demo(hostile_stack: LiveStack) -> dict[str, Any]:
    made: dict[str, Any] = json.loads((hostile_stack.var / "demo.json").read_text())
    return made


def forged(number: int, client: str = CLIENT) -> list[tuple[str, str]]:
    """A forged request's headers; the proxy's own line comes last, as it is appended."""
    forgery = FORGERIES[number % len(FORGERIES)]
    return [*((name, value.format(n=number + 1)) for name, value in forgery), ("X-Forwarded-For", client)]


def test_forged_headers_buy_no_comment(demo: dict[str, Any]) -> None:
    with httpx.Client(base_url=demo["url"], timeout=30, trust_env=False) as client:
        named = {"thread": demo["thread"]}
        token = client.get(f"/api/v1/sites/{demo['site_key']}/form-token", params=named).json()["form_token"]
        statuses = []
        for number in range(NETWORK_CAPACITY + 6):
            values = {
                "comment": f"Remark {uuid4().hex}.",
                "author": "Ada",
                "email": f"{uuid4().hex}@reader.example",
                "form_token": token,
            }
            path = f"{urlsplit(demo['thread']).path}comments/"
            statuses.append(client.post(path, data=values, headers=forged(number)).status_code)
    # A slow machine may see the bucket gain one drop (every 5 s) or two meanwhile; never six.
    assert statuses[:NETWORK_CAPACITY] == [303] * NETWORK_CAPACITY
    assert statuses.count(429) >= 2
    assert set(statuses) == {303, 429}


def test_forged_headers_buy_no_password(demo: dict[str, Any]) -> None:
    name = uuid4().hex[:8]
    with httpx.Client(base_url=demo["url"], timeout=30, trust_env=False) as client:
        page = client.get("/admin/login/").text
        token = page.partition('name="csrfmiddlewaretoken" value="')[2].partition('"')[0]
        values = {"csrfmiddlewaretoken": token, "username": name, "password": "wrong"}
        statuses = [
            client.post("/admin/login/", data=values, headers=forged(number, "198.51.100.8")).status_code
            for number in range(10)
        ]
        other = client.post("/admin/login/", data=values, headers=forged(1, "198.51.100.9")).status_code
    assert statuses == [200] * 4 + [429] * 6
    assert other == 200


@pytest.mark.parametrize("method", ["TRACE", "TRACK", "CONNECT", "DEBUG", "PROPFIND"])
@pytest.mark.parametrize(
    "path", ["/", "/admin/", "/admin/login/", "/api/v1/comments", "/static/embed/comments.css", "/nowhere"]
)
def test_no_method_echoes_or_tunnels(demo: dict[str, Any], method: str, path: str) -> None:
    parts = urlsplit(demo["url"])
    assert parts.hostname
    assert parts.port
    secret = uuid4().hex
    with socket.create_connection((parts.hostname, parts.port), timeout=20) as connection:
        target = parts.netloc if method == "CONNECT" else path
        head = f"{method} {target} HTTP/1.1\r\nHost: {parts.netloc}\r\nX-Secret: {secret}\r\n"
        connection.sendall(f"{head}Cookie: session={secret}\r\nConnection: close\r\n\r\n".encode())
        answer = b""
        while chunk := connection.recv(65536):
            answer += chunk
    status = int(answer.split(b" ", 2)[1])
    assert status in (400, 401, 403, 404, 405, 501), answer[:200]
    assert secret.encode() not in answer
