"""The JSON client of commands: what it sends, what it makes of answers, and of silence."""

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any

import pytest

from moderation.lib.http_client import JsonClient, Unreachable


class Echo(BaseHTTPRequestHandler):
    """Tells what it was asked, over a connection that it keeps; `/silent`, `/broken` and `/text` differ."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.path.endswith("/silent"):
            self.server.waits.wait(10)  # type: ignore[attr-defined]
        if self.path.endswith("/broken"):
            self.close_connection = True
            return
        said = {
            "method": self.command,
            "path": self.path,
            "headers": {name.lower(): value for name, value in self.headers.items()},
            "body": json.loads(body) if body else None,
            "port": self.client_address[1],
        }
        answer = b"plain" if self.path.endswith("/text") else json.dumps(said).encode()
        self.send_response(202)
        self.send_header("Retry-After", "3")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    do_POST = do_GET  # noqa: N815 - the names are http.server's

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - http.server's name
        pass


@pytest.fixture
def base() -> Iterator[str]:

    server = ThreadingHTTPServer(("127.0.0.1", 0), Echo)
    server.waits = Event()  # type: ignore[attr-defined]
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.waits.set()  # type: ignore[attr-defined]
    server.shutdown()
    server.server_close()


@pytest.fixture
def client(base: str) -> Iterator[JsonClient]:
    client = JsonClient(f"{base}/under/", "key")
    yield client
    client.close()


def test_a_body_is_sent_as_json_with_the_key(client: JsonClient):
    answer = client.post("/comments", {"body": "Ä"}, {"Idempotency-Key": "one"})
    assert (answer.status, answer.headers["retry-after"]) == (202, "3")
    assert (answer.body["method"], answer.body["path"]) == ("POST", "/under/comments")
    assert answer.body["body"] == {"body": "Ä"}
    sent = answer.body["headers"]
    assert (sent["authorization"], sent["idempotency-key"]) == ("Bearer key", "one")
    assert (sent["content-type"], sent["accept"]) == ("application/json", "application/json")


def test_one_connection_is_kept(client: JsonClient):
    assert len({client.get("/a").body["port"] for _ in range(3)}) == 1


def test_what_is_no_json_is_none(client: JsonClient):
    answer = client.get("/text")
    assert (answer.status, answer.body) == (202, None)


def test_silence_and_a_closed_connection_are_unreachable_and_the_next_call_works(base: str):
    client = JsonClient(base, "key", timeout_s=0.2)
    for path in ("/silent", "/broken"):
        with pytest.raises(Unreachable):
            client.get(path)
        assert client.get("/a").status == 202
    client.close()


def test_nobody_listening_is_named_by_its_reason():
    client = JsonClient("http://127.0.0.1:9", "key")
    with pytest.raises(Unreachable, match="ConnectionRefusedError"):
        client.get("/a")
    client.close()


@pytest.mark.parametrize("base", ["", "127.0.0.1:8000", "ftp://news.example", "http://"])
def test_an_address_that_is_none_is_refused(base: str):
    with pytest.raises(ValueError, match="Give the service's address"):
        JsonClient(base, "key")
