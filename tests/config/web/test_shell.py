"""The server shell on real sockets: limits, deadlines, and others undisturbed."""

import asyncio
import json
import select
import signal
import socket
import sys
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from time import monotonic, sleep
from typing import Any, cast

import httpx
import pytest

from config.local import children
from config.web import shell as shell_module
from config.web.refusals import BUSY, TOO_SLOW
from config.web.shell import Shell
from tests.stack import BASE, free_port


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """Where granian serves `small_shell.py`."""
    chosen = free_port()
    log = tmp_path_factory.mktemp("shell") / "granian.log"
    granian = [sys.executable, "-m", "granian", "--interface", "rsgi", "--no-ws", "--loop", "asyncio"]
    process = children.spawn(
        [*granian, "--port", str(chosen), "tests.config.web.small_shell:app"], log=log, cwd=BASE
    )
    deadline = monotonic() + 20
    while True:
        try:
            httpx.get(f"http://127.0.0.1:{chosen}/", timeout=2)
            break
        except httpx.TransportError:
            assert process.poll() is None, log.read_text()
            assert monotonic() < deadline, log.read_text()
            sleep(0.1)
    yield chosen
    children.stop(process, signal.SIGTERM, grace_s=5)


@pytest.fixture
def client(port: int) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=10) as client:
        yield client


def assert_problem(answer: httpx.Response, status: int, code: str) -> None:
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert (problem["code"], problem["status"]) == (code, status)
    assert problem["detail"].endswith(".")


def test_the_request_reaches_the_application_whole(client: httpx.Client):
    headers = {"X-One": "1", "Cookie": "a=b", "Content-Type": "text/plain", "X_Forwarded_For": "6.6.6.6"}
    told = client.post("/caf%C3%A9/x?q=%20a", content=b"12345", headers=headers).json()
    assert told["PATH_INFO"].encode("latin-1").decode() == "/café/x"
    assert (told["REQUEST_METHOD"], told["QUERY_STRING"]) == ("POST", "q=%20a")
    assert (told["CONTENT_TYPE"], told["CONTENT_LENGTH"], told["body"]) == ("text/plain", "5", 5)
    assert (told["HTTP_X_ONE"], told["HTTP_COOKIE"], told["REMOTE_ADDR"]) == ("1", "a=b", "127.0.0.1")
    assert "HTTP_X_FORWARDED_FOR" not in told, "a name with underscores passes for the one with hyphens"


def test_headers_that_repeat_are_kept_apart_in_the_answer(client: httpx.Client):
    assert client.get("/").headers.get_list("set-cookie") == ["a=1", "b=2"]


def test_the_largest_body_is_taken(client: httpx.Client):
    assert client.post("/", content=b"x" * 128 * 1024).json()["body"] == 128 * 1024


def test_a_larger_body_is_refused_by_its_announced_length(client: httpx.Client):
    assert_problem(client.post("/", content=b"x" * (128 * 1024 + 1)), 413, "too_large")


def test_a_person_in_a_browser_is_refused_in_words(client: httpx.Client):
    """A browser shows no answer while it is still sending: what is not much too large is read to its end."""
    for size in (128 * 1024 + 1, 1024 * 1024):
        answer = client.post("/", content=b"x" * size, headers={"Accept": "text/html,*/*;q=0.8"})
        assert (answer.status_code, answer.headers["content-type"]) == (413, "text/html; charset=utf-8")
        assert "what you typed is still there" in answer.text
        assert "frame-ancestors" not in answer.headers["content-security-policy"]
        assert "x-frame-options" not in answer.headers
    assert_problem(
        client.post("/api/", content=b"x" * size, headers={"Accept": "text/html"}), 413, "too_large"
    )


def test_a_body_of_megabytes_is_refused_before_it_is_sent(port: int):
    with socket.create_connection(("127.0.0.1", port), timeout=5) as client:
        client.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3000000\r\n\r\nx")
        answer = b"".join(iter(lambda: client.recv(4096), b""))
    assert answer.startswith(b"HTTP/1.1 413")


def test_a_larger_body_is_refused_when_its_length_is_not_announced(port: int):
    with socket.create_connection(("127.0.0.1", port), timeout=5) as client:
        client.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
        for _ in range(17):
            client.sendall(b"2000\r\n" + b"x" * 0x2000 + b"\r\n")
        assert b"413" in client.recv(4096).split(b"\r\n")[0]


def test_a_body_that_takes_too_long_is_refused_and_the_connection_closed(port: int):
    with socket.create_connection(("127.0.0.1", port), timeout=5) as client:
        client.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nx")
        answer = b"".join(iter(lambda: client.recv(4096), b""))
    assert answer.startswith(b"HTTP/1.1 408")
    assert b'"code":"too_slow"' in answer


def test_half_a_body_is_none(port: int):
    """A reader whose connection breaks must not have half a comment stored."""
    with socket.create_connection(("127.0.0.1", port), timeout=5) as client:
        client.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\ncomment=half")
        client.shutdown(socket.SHUT_WR)
        answer = b"".join(iter(lambda: client.recv(4096), b""))
    assert not answer or answer.startswith(b"HTTP/1.1 400"), answer


def test_clients_that_send_a_byte_a_second_stop_nobody(port: int, client: httpx.Client):
    def cost_s() -> float:
        started = monotonic()
        for _ in range(20):
            assert client.get("/").status_code == 200
        return monotonic() - started

    alone_s = cost_s()
    with ExitStack() as stack:
        for _ in range(50):
            slow = stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=5))
            slow.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nx")
        assert cost_s() < 20 * alone_s


def test_answers_from_memory_pass_by_busy_threads(port: int, client: httpx.Client):
    with ThreadPoolExecutor(8) as pool:
        waiting = [pool.submit(httpx.get, f"http://127.0.0.1:{port}/slow", timeout=10) for _ in range(8)]
        sleep(0.1)
        answer = client.get("/fast", headers={"If-None-Match": "tag"})
        assert (answer.text, answer.headers["x-asked"]) == ("from memory", "tag")
        assert not any(each.done() for each in waiting)
        assert {each.result().status_code for each in waiting} == {200}
    assert client.post("/fast").json()["REQUEST_METHOD"] == "POST", "only reads are answered from memory"


def test_more_than_can_be_answered_in_time_is_refused_at_once(port: int):
    url = f"http://127.0.0.1:{port}/slow"
    with ThreadPoolExecutor(30) as pool:
        answers = list(pool.map(lambda _: httpx.get(url, timeout=60), range(30)))
    refused = [answer for answer in answers if answer.status_code != 200]
    assert 1 <= len(refused) <= 30 - 8 - 2
    assert_problem(refused[0], 503, "busy")
    assert refused[0].headers["retry-after"] == "1"


@pytest.mark.parametrize("pause_s", [0.0, 0.05])
def test_a_refusal_before_the_body_was_read_reaches_the_client(port: int, pause_s: float):
    """However late the body follows its headers: an answer, not a reset."""
    with ExitStack() as stack:
        others = [
            stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=20)) for _ in range(30)
        ]
        for busy in others:
            busy.sendall(b"GET /slow HTTP/1.1\r\nHost: x\r\n\r\n")
        assert select.select(others, [], [], 10)[0], "the first refusals: it is full"
        client = stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=10))
        client.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9000\r\n\r\n")
        sleep(pause_s)
        client.sendall(b"x" * 9000)
        answer = client.recv(4096)
        told = {busy.recv(4096)[9:12] for busy in others}
    assert answer.startswith(b"HTTP/1.1 503")
    assert b"retry-after: 1" in answer.lower()
    assert told == {b"200", b"503"}


def test_an_error_of_the_application_is_told_without_its_words(client: httpx.Client):
    answer = client.get("/error")
    assert_problem(answer, 500, "error")
    assert "as asked" not in answer.text


def test_files_leave_whole(client: httpx.Client):
    text = (Path(__file__).parent / "small_shell.py").read_text()
    assert client.get("/file").text == text
    assert client.get("/part").text == text


def test_an_answer_without_end_is_an_error_and_not_a_full_memory(client: httpx.Client):
    assert_problem(client.get("/endless"), 500, "error")


def test_every_response_is_closed(client: httpx.Client):
    client.get("/to-be-closed")
    client.get("/endless")
    closed = json.loads(client.get("/closed").content)
    assert {"/to-be-closed", "/endless"} <= set(closed)


def test_only_so_many_bodies_wait_in_memory_at_once(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(shell_module, "MOST_BODIES", 2)
    shell = Shell(lambda *_: [], threads=1, body_within_s=1.0)

    async def never() -> AsyncIterator[bytes]:
        yield b"x"
        await asyncio.Event().wait()

    async def send_three() -> list[object]:
        sent = [asyncio.create_task(shell._read_body(10, cast("Any", never()))) for _ in range(3)]
        return [await each for each in sent]

    with ThreadPoolExecutor(1) as thread:  # a browser's loop may run in this one
        first = thread.submit(lambda: asyncio.run(send_three())).result()
        second = thread.submit(lambda: asyncio.run(send_three())).result()
    assert first == [TOO_SLOW, TOO_SLOW, BUSY]
    assert second == first, "those that ended make room"
