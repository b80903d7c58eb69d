"""Calls to servers that are slow, wrong, endless or gone: each ends in time, with a plain reason."""

import socket
import time
from collections.abc import Iterator
from typing import Any

import httpcore
import pytest

from moderation.clients import outside
from moderation.clients.outside import MOST_BYTES, Reply, Request, check_status, look_up, post
from moderation.domain.remote import CallFailed, Failure
from tests.fake_services import (
    Answering,
    FakeServer,
    drips,
    drips_body,
    drips_head,
    hangs,
    hangs_up,
    says,
    serve,
)
from tests.stack import free_port

LIMIT_S = 0.4
LEFT_WITHIN_S = 2.5  # what hangs does so for longer


@pytest.fixture
def server() -> Iterator[FakeServer]:
    with serve(says("hello")) as fake:
        yield fake


def call(url: str, *, timeout_s: float = 5.0) -> Reply:
    return post(Request(f"{url}/path", {"X-One": "1"}, b"body", ()), timeout_s=timeout_s)


def failure_of(url: str, *, timeout_s: float = 5.0) -> Failure:
    with pytest.raises(CallFailed) as caught:
        check_status(call(url, timeout_s=timeout_s))
    return caught.value.failure


def test_an_answer_is_read_whole(server: FakeServer) -> None:
    server.answer = says("fine", x_akismet_Pro_Tip="discard")
    reply = call(server.url)
    assert (reply.status, reply.body) == (200, b"fine")
    assert reply.headers["x-akismet-pro-tip"] == "discard"
    (asked,) = server.asked
    assert (asked.path, asked.body, asked.headers["x-one"]) == ("/path", b"body", "1")
    assert asked.headers["user-agent"] == "comment-moderation"


@pytest.mark.parametrize("slow", [hangs, drips_head, drips_body], ids=lambda slow: slow.__name__)
def test_a_slow_server_is_left_when_the_time_is_up(server: FakeServer, slow: Answering) -> None:
    server.answer = slow
    began = time.monotonic()
    assert failure_of(server.url, timeout_s=LIMIT_S) == Failure.TIMEOUT
    assert time.monotonic() - began < LEFT_WITHIN_S


def test_a_server_that_takes_no_connections_is_left_when_the_time_is_up() -> None:
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        waiting = [socket.socket() for _ in range(3)]
        for each in waiting:  # fill what the system queues for it
            each.setblocking(False)
            each.connect_ex(full.getsockname())
        url = f"http://127.0.0.1:{full.getsockname()[1]}"
        assert failure_of(url, timeout_s=LIMIT_S) == Failure.TIMEOUT
        for each in waiting:
            each.close()


def test_a_server_that_is_down_is_refused_at_once() -> None:
    assert failure_of(f"http://127.0.0.1:{free_port()}") == Failure.REFUSED


def test_a_connection_that_ends_without_an_answer_is_no_answer(server: FakeServer) -> None:
    server.answer = hangs_up
    assert failure_of(server.url) in {Failure.BAD_ANSWER, Failure.REFUSED}


@pytest.mark.parametrize(
    ("status", "failure"),
    [
        (500, Failure.BUSY),
        (503, Failure.BUSY),
        (429, Failure.BUSY),
        (401, Failure.UNAUTHORISED),
        (403, Failure.UNAUTHORISED),
        (400, Failure.BAD_ANSWER),
        (404, Failure.BAD_ANSWER),
        (204, Failure.BAD_ANSWER),
    ],
)
def test_only_a_plain_200_is_an_answer(server: FakeServer, status: int, failure: Failure) -> None:
    server.answer = says("", status)
    assert failure_of(server.url) == failure


def test_a_redirect_is_not_followed(server: FakeServer) -> None:
    with serve(says("secret of the inside")) as inside:
        server.answer = says("", 302, Location=f"{inside.url}/latest/meta-data")
        assert failure_of(server.url) == Failure.BAD_ANSWER
        server.answer = says("", 307, Location=f"{inside.url}/latest/meta-data")
        assert failure_of(server.url) == Failure.BAD_ANSWER
        assert inside.asked == []


def test_a_huge_answer_is_not_read_to_its_end(server: FakeServer) -> None:
    server.answer = says(b"x" * MOST_BYTES)
    assert len(call(server.url).body) == MOST_BYTES
    server.answer = says(b"x" * (MOST_BYTES + 1))
    assert failure_of(server.url) == Failure.BAD_ANSWER


def test_what_is_no_http_is_no_answer(server: FakeServer) -> None:
    server.answer = drips(b"SSH-2.0-OpenSSH_9.2\r\n\r\n")
    assert failure_of(server.url) == Failure.BAD_ANSWER


def test_a_server_without_tls_behind_https_is_refused(server: FakeServer) -> None:
    assert failure_of(server.url.replace("http://", "https://")) == Failure.REFUSED


def test_no_proxy_of_the_environment_is_used(server: FakeServer, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{free_port()}")
    assert call(server.url).body == b"hello"


def test_a_name_that_nobody_knows_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror

    monkeypatch.setattr(outside, "getaddrinfo", unknown)
    assert failure_of("http://nobody.invalid") == Failure.REFUSED


def test_a_resolver_that_hangs_costs_no_more_than_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    def hang(*_: object, **__: object) -> list[Any]:
        time.sleep(LEFT_WITHIN_S + 0.5)
        return []

    monkeypatch.setattr(outside, "getaddrinfo", hang)
    began = time.monotonic()
    assert failure_of("http://slow.invalid", timeout_s=LIMIT_S) == Failure.TIMEOUT
    assert time.monotonic() - began < LEFT_WITHIN_S


def test_the_next_address_of_a_host_is_tried(server: FakeServer, monkeypatch: pytest.MonkeyPatch) -> None:
    addresses = [(2, 1, 6, "", ("127.0.0.2", 0)), (2, 1, 6, "", ("127.0.0.1", 0))]
    monkeypatch.setattr(outside, "getaddrinfo", lambda *_, **__: addresses)
    assert look_up("two.invalid", 80, timeout_s=1) == ["127.0.0.2", "127.0.0.1"]
    assert call(server.url.replace("127.0.0.1", "two.invalid")).body == b"hello"


def test_a_call_without_any_time_left_makes_none(server: FakeServer) -> None:
    assert failure_of(server.url, timeout_s=0) == Failure.TIMEOUT
    assert server.asked == []


def test_a_bug_is_not_taken_for_a_failure(server: FakeServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(httpcore.ConnectionPool, "stream", lambda *_, **__: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        call(server.url)


def test_a_name_that_leads_into_a_private_network_is_not_called_where_only_the_internet_may_be(
    server: FakeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    request = Request(f"{server.url}/path", {}, b"body", ())
    with pytest.raises(CallFailed) as caught:
        post(request, timeout_s=5.0, only_public=True)
    assert caught.value.failure == Failure.NOT_ALLOWED
    monkeypatch.setattr(outside, "is_public", lambda _: True)
    assert post(request, timeout_s=5.0, only_public=True).status == 200
    assert len(server.asked) == 1
