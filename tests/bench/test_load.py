"""The load generator: what it counts, and that it does not omit what waits."""

import asyncio
import socket
import time

import pytest

from bench.load import closed_loop, open_loop
from bench.result import summarise
from bench.wire import Answer, build_request, parse_answer
from tests.bench.tiny_server import answer, tiny_server

GET = build_request("GET", "/")


def say(status: int, *more: str):
    async def respond(request: bytes, number: int, writer: asyncio.StreamWriter) -> None:
        writer.write(answer(status, b"{}", *more))

    return respond


async def alternate(request: bytes, number: int, writer: asyncio.StreamWriter) -> None:
    writer.write(answer(202 if number % 2 else 503))


def test_a_closed_loop_sends_as_many_as_asked_on_kept_connections():
    with tiny_server(alternate) as server:
        result = closed_loop(
            server.url,
            lambda number: build_request("POST", f"/{number}", {"A": "b"}, b"x" * number),
            clients=4,
            requests=100,
        )
    assert result.statuses == {202: 50, 503: 50}
    assert (result.sent, result.answered, result.failures) == (100, 100, 0)
    assert server.connections == 4
    assert {request.split(b" ")[1] for request in server.requests} == {b"/%d" % n for n in range(100)}
    assert b"a: b" in server.requests[50].lower()
    assert sorted(len(request.partition(b"\r\n\r\n")[2]) for request in server.requests) == list(range(100))


def test_a_connection_that_was_idle_too_long_is_not_used_again(monkeypatch: pytest.MonkeyPatch):
    """The server may be closing it at this moment."""
    monkeypatch.setattr("bench.load.KEEP_IDLE_S", 0.0)
    with tiny_server(say(200)) as server:
        closed_loop(server.url, lambda _: GET, clients=1, requests=5)
    assert server.connections == 5


def test_a_closed_loop_ends_by_time():
    with tiny_server(say(200)) as server:
        result = closed_loop(server.url, lambda _: GET, clients=2, seconds=0.3)
    assert 0.3 <= result.seconds < 2
    assert result.per_second == pytest.approx(result.answered / result.seconds)
    assert result.answered == len(server.requests) > 0


def test_every_answer_is_handed_over_with_its_number():
    async def echo(request: bytes, number: int, writer: asyncio.StreamWriter) -> None:
        writer.write(answer(200, request.split(b" ")[1]))

    seen: dict[int, bytes] = {}
    with tiny_server(echo) as server:
        closed_loop(
            server.url,
            lambda number: build_request("GET", f"/{number}"),
            requests=20,
            on_answer=lambda number, got: seen.update({number: got.body}),
        )
    assert seen == {number: b"/%d" % number for number in range(20)}


def test_an_open_loop_keeps_to_the_clock():
    with tiny_server(say(200)) as server:
        result = open_loop(server.url, lambda _: GET, rate=200, seconds=0.5)
    assert result.sent == result.answered == 100
    assert result.seconds >= 0.49


def test_latency_counts_from_when_a_request_was_due():
    """One connection, and a server that stops for half a second: those behind waited as well."""

    async def stall_once(request: bytes, number: int, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(0.5 if number == 1 else 0)
        writer.write(answer(200))

    with tiny_server(stall_once) as server:
        result = open_loop(server.url, lambda _: GET, rate=50, seconds=0.5, most_open=1)
    assert server.connections == 1
    waited = sorted(result.latencies[200], reverse=True)
    assert waited[0] >= 0.45
    assert sum(second > 0.2 for second in waited) >= 10, "more than the one that was stopped at"


def test_a_stalled_server_gets_more_requests_and_not_more_connections_than_allowed():
    async def stall(request: bytes, number: int, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(0.3)
        writer.write(answer(200))

    with tiny_server(stall) as server:
        result = open_loop(server.url, lambda _: GET, rate=100, seconds=0.3, most_open=10)
    assert server.most_open == 10
    assert result.answered == 30


def test_time_outs_are_counted_and_end():
    async def silence(request: bytes, number: int, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(30)

    began = time.monotonic()
    with tiny_server(silence) as server:
        result = open_loop(server.url, lambda _: GET, rate=50, seconds=0.2, most_open=3, timeout_s=0.3)
    assert (result.timed_out, result.answered) == (10, 0)
    assert time.monotonic() - began < 5


def test_refused_connections_are_counted():
    with socket.socket() as nobody:  # bound, never listening
        nobody.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{nobody.getsockname()[1]}/"
        result = closed_loop(url, lambda _: GET, clients=2, requests=6)
    assert (result.refused, result.answered, result.sent) == (6, 0, 6)


def test_broken_connections_are_counted_and_the_next_request_gets_another():
    async def break_every_other(request: bytes, number: int, writer: asyncio.StreamWriter) -> None:
        if number % 2:
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab")
            writer.close()
        else:
            writer.write(answer(200))

    with tiny_server(break_every_other) as server:
        result = closed_loop(server.url, lambda _: GET, clients=1, requests=10)
    assert (result.broken, result.statuses) == (5, {200: 5})


def test_a_connection_that_the_server_will_close_is_not_used_again():
    with tiny_server(say(200, "Connection: close")) as server:
        result = closed_loop(server.url, lambda _: GET, clients=1, requests=5)
    assert result.statuses == {200: 5}
    assert server.connections == 5


def test_an_answer_in_pieces_is_put_together():
    async def drip(request: bytes, number: int, writer: asyncio.StreamWriter) -> None:
        for byte in b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n":
            writer.write(bytes([byte]))
            await writer.drain()

    got: list[Answer] = []
    with tiny_server(drip) as server:
        closed_loop(server.url, lambda _: GET, requests=1, on_answer=lambda _, answer: got.append(answer))
    assert [answer.body for answer in got] == [b"abcde"]


@pytest.mark.parametrize("status", [204, 304])
def test_an_answer_without_a_body_ends_with_its_head(status: int):
    data = b'HTTP/1.1 %d X\r\nETag: W/"1"\r\nContent-Length: 9\r\n\r\n' % status
    parsed = parse_answer(data)
    assert parsed is not None
    assert (parsed.status, parsed.body, parsed.header("ETag")) == (status, b"", 'W/"1"')


def test_an_incomplete_answer_is_none():
    whole = b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nRetry-After: 1\r\n\r\nabc"
    assert [parse_answer(whole[:cut]) for cut in range(len(whole))] == [None] * len(whole)
    parsed = parse_answer(whole)
    assert parsed is not None
    assert parsed.header("retry-after") == "1"


def test_percentiles():
    times = summarise(number / 1000 for number in range(1, 101))
    assert (times.answers, times.p50_ms, times.p99_ms, times.max_ms) == (100, 51, 100, 100)
    assert summarise([]).answers == 0
