"""The replay's bookkeeping, against a small service that answers as it is told."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from uuid import UUID, uuid4

import pytest

from moderation.management.replaying import Replay
from moderation.management.streams import StreamRow


class Scripted(BaseHTTPRequestHandler):
    """Accepts a comment at its second try, tells a repeated id, refuses an empty text."""

    protocol_version = "HTTP/1.1"
    seen: dict[str, UUID]
    tries: dict[str, int]
    asked: dict[str, int]

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        key = self.headers["Idempotency-Key"]
        self.tries[key] = self.tries.get(key, 0) + 1
        if not body["body"]:
            self.answer(400, {"code": "invalid_fields"})
        elif body["body"] == "said":
            self.answer(409, {"code": "duplicate"})
        elif self.tries[key] == 1:
            self.answer(503, {"code": "unavailable"}, {"Retry-After": "0"})
        else:
            self.answer(202, {"id": str(self.seen.setdefault(key, uuid4()))})

    def do_GET(self) -> None:
        self.asked[self.path] = self.asked.get(self.path, 0) + 1
        self.answer(200, {"status": "screening" if self.asked[self.path] == 1 else "published"})

    def answer(self, status: int, body: object, headers: dict[str, str] | None = None) -> None:
        raw = json.dumps(body).encode()
        self.send_response(status)
        for name, value in {"Content-Length": str(len(raw)), **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(raw)

    def log_message(self, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def url() -> Iterator[str]:
    Scripted.seen, Scripted.tries, Scripted.asked = {}, {}, {}
    with ThreadingHTTPServer(("127.0.0.1", 0), Scripted) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def row(row_id: str, text: str) -> StreamRow:
    return StreamRow(stream="s", id=row_id, author="Ada", time=None, text=text)


def test_rows_are_tried_again_and_counted_once(
    url: str, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    monkeypatch.setattr("moderation.management.replaying.CLIENTS", 1)
    lines: list[str] = []
    replay = Replay(url, "k", on_progress=lines.append)
    request.addfinalizer(replay.close)
    replay.send([row("1", "one"), row("1", "one"), row("2", "said"), row("3", ""), row("4", "x")], rate=200)
    report = replay.report
    assert (report.sent, len(report.accepted), report.repeated) == (5, 2, 2)
    assert dict(report.refused) == {"400 invalid_fields": 1}
    assert replay.follow(wait_s=5) == {"published": 2}
    assert any(line.startswith("sent 5 of 5") for line in lines)


def test_a_service_that_is_not_there_is_told_as_such(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("moderation.management.replaying.GIVE_UP_S", 0.1)
    replay = Replay("http://127.0.0.1:9", "k", on_progress=lambda line: None)
    replay.send([row("1", "one")], rate=None)
    assert list(replay.report.refused) == ["no answer: ConnectionRefusedError"]


@pytest.mark.parametrize("url", ["127.0.0.1:8000", "ftp://here.example", "http://"])
def test_an_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="like http"):
        Replay(url, "k", on_progress=print)
