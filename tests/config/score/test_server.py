"""The scoring server as a real process, without any other server."""

import json
import os
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import psutil
import pytest

from config.local import children
from moderation.compat.score_keys import make_key
from tests.stack import BASE, free_port

pytestmark = pytest.mark.slow
_STARTS_WITHIN_S = 120  # some 4 s, where nobody else works on the machine


@dataclass(frozen=True)
class ScoreServer:
    """A running scoring server whose environment names a database and a broker at `trap`."""

    url: str
    key: str
    keys_file: Path
    var: Path
    log: Path
    process: subprocess.Popen[bytes]
    trap: socket.socket

    def ask(self, path: str, body: Any = None, *, key: str | None = None) -> tuple[int, Any]:
        """Status and body of an answer."""
        headers = {"Authorization": f"Bearer {key or self.key}", "Content-Type": "application/json"}
        content = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, content, headers)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.read()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ScoreServer]:
    folder = tmp_path_factory.mktemp("score")
    var, log, port = folder / "var", folder / "log", free_port()
    text, key = make_key("test")
    keys_file = folder / "keys"
    keys_file.write_text(key.line)
    with socket.create_server(("127.0.0.1", 0)) as trap:
        trap.setblocking(False)
        where = f"127.0.0.1:{trap.getsockname()[1]}"
        environment = {
            "PATH": os.environ["PATH"],
            "DJANGO_ENV": "production",
            "DJANGO_SETTINGS_MODULE": "config.settings.base",
            "DATABASE_URL": f"postgres://nobody@{where}/none",
            "REDIS_URL": f"redis://{where}/0",
            "SCORE_KEYS_FILE": str(keys_file),
            "VAR_DIR": str(var),
        }
        command = [sys.executable, "-m", "config.score", "--port", str(port)]
        process = children.spawn(command, log=log, env=environment, cwd=BASE)
        try:
            found = ScoreServer(f"http://127.0.0.1:{port}", text, keys_file, var, log, process, trap)
            wait_until_it_answers(found)
            yield found
        finally:
            children.stop(process, signal.SIGTERM, grace_s=15)


def wait_until_it_answers(server: ScoreServer) -> None:
    deadline = monotonic() + _STARTS_WITHIN_S
    while True:
        try:
            assert server.ask("/livez") == (200, b"ok\n")
        except OSError:
            if server.process.poll() is not None or monotonic() > deadline:
                pytest.fail(server.log.read_text())
            sleep(0.05)
            continue
        return


def test_moderations_are_answered(server: ScoreServer):
    status, body = server.ask("/v1/moderations", {"input": "kys, you idiot"})
    assert status == 200
    (result,) = json.loads(body)["results"]
    assert result["flagged"] is True
    assert result["policy"]["outcome"] == "hold"


ANALYZE = {"comment": {"text": "You are an idiot"}, "requestedAttributes": {"TOXICITY": {}}}


def test_perspective_is_answered(server: ScoreServer):
    status, body = server.ask("/v1alpha1/comments:analyze", ANALYZE)
    assert status == 200
    assert json.loads(body)["attributeScores"]["TOXICITY"]["summaryScore"]["value"] > 0.5


def test_the_discovery_document_leads_here(server: ScoreServer):
    status, body = server.ask("/$discovery/rest?version=v1alpha1")
    assert status == 200
    assert json.loads(body)["rootUrl"].rstrip("/") == server.url


def test_no_score_can_be_suggested_where_nothing_is_stored(server: ScoreServer):
    suggestion = ANALYZE | {"attributeScores": {"TOXICITY": {"summaryScore": {"value": 1}}}}
    assert server.ask("/v1alpha1/comments:suggestscore", suggestion)[0] in (403, 404)


def test_no_database_and_no_broker_is_asked_and_nothing_is_written(server: ScoreServer):
    for text in ("Hello", "kys", "Buy http://spam.example"):
        assert server.ask("/v1/moderations", {"input": text})[0] == 200
    with pytest.raises(BlockingIOError):
        server.trap.accept()
    family = [
        psutil.Process(server.process.pid),
        *psutil.Process(server.process.pid).children(recursive=True),
    ]
    there = server.trap.getsockname()[1]
    to = [c.raddr.port for process in family for c in process.net_connections() if c.status == "ESTABLISHED"]
    assert there not in to
    assert not server.var.exists()


def test_it_is_one_web_server_and_no_worker(server: ScoreServer):
    family = psutil.Process(server.process.pid).children(recursive=True)
    commands = {" ".join(process.cmdline()) for process in family}
    assert all("config.score.app:app" in command or "multiprocessing" in command for command in commands)


@pytest.mark.parametrize(
    "path", ["/", "/api/v1/comments", "/admin/", "/readyz", "/metrics", "/1.1/comment-check", "/compat/x"]
)
def test_nothing_else_is_served(server: ScoreServer, path: str):
    assert server.ask(path, {})[0] == 404


def test_a_wrong_key_is_refused(server: ScoreServer):
    status, body = server.ask("/v1/moderations", {"input": "x"}, key="cm_sk_a_b")
    assert status == 401
    assert json.loads(body)["error"]["code"] == "invalid_api_key"


def test_keys_come_and_go_with_their_lines_without_a_restart(server: ScoreServer):
    before = server.keys_file.read_text()
    text, key = make_key("second")
    server.keys_file.write_text(f"{before}\n{key.line}\n")
    wait_for_status(server, text, 200)
    server.keys_file.write_text(before)
    wait_for_status(server, text, 401)
    assert server.ask("/v1/moderations", {"input": "x"})[0] == 200


def wait_for_status(server: ScoreServer, key: str, status: int) -> None:
    deadline = monotonic() + 30
    while server.ask("/v1/moderations", {"input": "x"}, key=key)[0] != status:
        assert monotonic() < deadline
        sleep(0.1)


def test_no_key_and_no_text_is_in_the_log(server: ScoreServer):
    server.ask("/v1/moderations", {"input": "an unusual sentence"})
    server.ask("/v1/moderations/x", {"input": "an unusual sentence"})
    server.ask(f"/v1alpha1/comments:analyze?key={server.key}", {"comment": {"text": "an unusual sentence"}})
    server.ask(f"/v1alpha1/x?key={server.key}", {})
    said = server.log.read_text()
    assert server.key.split("_", 3)[3] not in said
    assert "unusual" not in said
