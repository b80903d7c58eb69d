"""The replay's bookkeeping, against a small service that answers as it is told."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import StringIO
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from django.core.management import CommandError, call_command

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
        if body["body"] in ("", "refused"):
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
    with pytest.raises(ValueError, match="such as http"):
        Replay(url, "k", on_progress=print)


@pytest.mark.django_db
def test_the_command_counts_what_became_of_each_row(url: str, tmp_path: Path) -> None:
    stream = tmp_path / "stream.csv"
    stream.write_text("id,author,time,text\n1,Ada,,one\n2,Bo,,said\n3,Cy,,three\n")
    out = StringIO()
    call_command("replay", str(stream), "--url", url, "--key", "k", stdout=out, stderr=StringIO())
    counted = {line.split()[0]: line.split()[1] for line in out.getvalue().splitlines() if line.strip()}
    assert counted | {"rows": "3", "accepted": "2", "repeated": "1", "published": "2"} == counted
    assert "No times" in out.getvalue(), "the service's database is another one"


@pytest.mark.django_db
def test_the_command_fails_where_a_row_was_refused(url: str, tmp_path: Path) -> None:
    stream = tmp_path / "stream.csv"
    stream.write_text("id,author,time,text\n1,Ada,,one\n2,Bo,,refused\n")
    out = StringIO()
    with pytest.raises(CommandError, match="Not every row"):
        call_command("replay", str(stream), "--url", url, "--key", "k", stdout=out, stderr=StringIO())
    assert "400 invalid_fields" in out.getvalue()


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["--url", "ftp://news.example", "--key", "k"], "address"),
        (["--url", "http://news.example", "--key", "k", "--rate", "0"], "more than 0"),
    ],
)
def test_the_command_says_what_is_wrong_before_it_sends(
    arguments: list[str], problem: str, tmp_path: Path
) -> None:
    stream = tmp_path / "stream.csv"
    stream.write_text("id,author,time,text\n1,Ada,,one\n")
    with pytest.raises(CommandError, match=problem):
        call_command("replay", str(stream), *arguments)
