"""The corpus on the wire, against the running service: lengths, chunks, slowness, smuggling."""

import json
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from time import monotonic, sleep

import httpx
import pytest

from tests.bad_input.wire import Reply, connect, exchange, head, read_reply
from tests.stack import LiveStack

pytestmark = pytest.mark.slow

LARGEST = 128 * 1024
SECOND = head("GET", "/livez")


def is_well(stack: LiveStack) -> bool:
    """Whether another client is answered."""
    return httpx.get(f"{stack.url}/livez", timeout=20).status_code == 200


# What follows is refused or answered once; that a second request is read out of it would be smuggling.
HEADS: dict[str, tuple[bytes, set[int]]] = {
    "no length": (head(), {401, 411}),
    "length of letters": (head("POST", "/api/v1/comments", "Content-Length: ten") + SECOND, {0, 400}),
    "negative length": (head("POST", "/api/v1/comments", "Content-Length: -5") + SECOND, {0, 400}),
    "length with a plus": (head("POST", "/api/v1/comments", "Content-Length: +5") + b"x" * 5, {0, 400}),
    "length beyond 2^64": (head("POST", "/api/v1/comments", f"Content-Length: {2**70}"), {0, 400, 413}),
    "length of 2^63": (head("POST", "/api/v1/comments", f"Content-Length: {2**63 - 1}"), {0, 400, 413}),
    "two lengths": (
        head("POST", "/api/v1/comments", "Content-Length: 5", "Content-Length: 6") + b"x" * 6,
        {0, 400},
    ),
    "chunks of no size": (
        head("POST", "/api/v1/comments", "Transfer-Encoding: chunked") + b"zz\r\n",
        {0, 400, 401},
    ),
    "chunk of a huge size": (
        head("POST", "/api/v1/comments", "Transfer-Encoding: chunked") + b"f" * 20 + b"\r\n",
        {0, 400, 401, 413},
    ),
    "an encoding that is none": (head("POST", "/api/v1/comments", "Transfer-Encoding: x"), {0, 400, 501}),
    "chunked not last": (
        head("POST", "/api/v1/comments", "Transfer-Encoding: chunked, gzip") + b"0\r\n\r\n",
        {0, 400},
    ),
    "header with a line break": (b"GET / HTTP/1.1\r\nHost: x\r\nA: b\n c\r\n\x00: d\r\n\r\n", {0, 400}),
    "header without a name": (b"GET / HTTP/1.1\r\nHost: x\r\n: y\r\n\r\n", {0, 400}),
    "space before the colon": (b"GET / HTTP/1.1\r\nHost: x\r\nContent-Length : 5\r\n\r\nabcde", {0, 400}),
    "no protocol": (b"GET /\r\n\r\n", {0, 400}),
    "another protocol": (b"GET / HTTP/9.9\r\nHost: x\r\n\r\n", {0, 400, 505}),
    "TLS": (bytes.fromhex("16030100a5010000a10303") + bytes(160), {0, 400}),
    "only bytes": (bytes(range(128, 256)) * 10 + b"\r\n\r\n", {0, 400}),
    "NUL in the path": (b"GET /\x00 HTTP/1.1\r\nHost: x\r\n\r\n", {0, 400}),
    "a path of 100 kB": (head("GET", "/" + "a" * 100_000), {0, 400, 404, 414, 431}),
    "headers of 500 kB": (
        head("GET", "/livez", *[f"X-{n}: {'y' * 5000}" for n in range(100)]),
        {0, 200, 400, 431},
    ),
    "a thousand headers": (head("GET", "/livez", *[f"X-{n}: y" for n in range(1000)]), {0, 200, 400, 431}),
    "no host": (b"GET /livez HTTP/1.1\r\n\r\n", {0, 200, 400}),
    "two hosts": (b"GET /livez HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", {0, 200, 400}),
    "CONNECT": (
        b"CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example:443\r\n\r\n",
        {0, 400, 403, 404, 405},
    ),
    "a whole address": (b"GET http://evil.example/livez HTTP/1.1\r\nHost: x\r\n\r\n", {200, 400, 404}),
    "TRACE": (head("TRACE", "/livez"), {405}),
    "OPTIONS *": (b"OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n", {0, 200, 400, 404, 405}),
    "upgrade": (head("GET", "/livez", "Connection: Upgrade", "Upgrade: h2c"), {200, 400}),
}


def test_no_request_that_is_none_is_taken_for_one(live_stack: LiveStack) -> None:
    with ThreadPoolExecutor(len(HEADS)) as pool:
        replies = pool.map(lambda case: exchange(live_stack.url, case[0]), HEADS.values())
        told = dict(zip(HEADS, replies, strict=True))
    wrong = {
        name: (reply.statuses, reply.raw[:80])
        for name, reply in told.items()
        if reply.status not in HEADS[name][1] or len(reply.statuses) > 1
    }
    assert wrong == {}
    assert is_well(live_stack)


def chunked(size: int, pieces: int) -> bytes:
    return (f"{size:x}\r\n".encode() + b"x" * size + b"\r\n") * pieces


def test_a_length_beside_chunks_smuggles_nothing(live_stack: LiveStack) -> None:
    """RFC 9112, section 6.3: chunks win or the request is refused; the length is never believed."""
    hidden = b"GET /livez HTTP/1.1\r\nHost: x\r\nX-Smuggled: 1\r\n\r\n"
    lines = (f"Content-Length: {len(hidden) + 5}", "Transfer-Encoding: chunked")
    for order in (lines, lines[::-1]):
        reply = exchange(live_stack.url, head("POST", "/api/v1/comments", *order) + b"0\r\n\r\n" + hidden)
        assert reply.status in {0, 400, 401}
        assert reply.is_closed or len(reply.statuses) <= 2, (
            "the rest is a request of the same client, or none"
        )
    lengths = head("POST", "/api/v1/comments", "Content-Length: 0", f"Content-Length: {len(hidden)}")
    assert len(exchange(live_stack.url, lengths + hidden).statuses) <= 1


def test_pipelined_requests_are_answered_in_their_order(live_stack: LiveStack) -> None:
    last = head("GET", "/livez", "Connection: close")
    reply = exchange(live_stack.url, head("GET", "/nothing") + head("GET", "/livez") * 20 + last, within_s=10)
    assert reply.statuses == [404] + [200] * 21


def test_a_length_that_is_smaller_than_the_body_is_no_second_request(live_stack: LiveStack) -> None:
    reply = exchange(live_stack.url, head("POST", "/api/v1/comments", "Content-Length: 2") + b'{"body": "x"}')
    assert reply.statuses in ([401], [401, 400], [400])
    assert is_well(live_stack)


def test_a_body_that_stops_short_of_its_length_is_given_up(live_stack: LiveStack) -> None:
    raw = head("POST", "/api/v1/comments", "Content-Length: 100") + b"{"
    reply = exchange(live_stack.url, raw, within_s=15)
    assert (reply.status, reply.is_closed) == (408, True)
    assert_problem(reply, "too_slow")


def assert_problem(reply: Reply, code: str) -> None:
    top, _, body = reply.raw.partition(b"\r\n\r\n")
    assert b"content-type: application/problem+json" in top
    problem = json.loads(body)
    assert (problem["code"], problem["status"]) == (code, reply.status)
    assert problem["detail"].endswith(".")


def test_chunks_beyond_the_limit_are_refused_before_they_end(live_stack: LiveStack) -> None:
    reply = exchange(
        live_stack.url,
        head("POST", "/api/v1/comments", "Transfer-Encoding: chunked") + chunked(0x2000, 17),
        within_s=8,
    )
    assert reply.status == 413
    assert_problem(reply, "too_large")


def test_three_megabytes_are_refused_before_they_are_sent(live_stack: LiveStack) -> None:
    raw = head("POST", "/api/v1/comments", "Content-Length: 3000000") + b"x" * 1000
    reply = exchange(live_stack.url, raw, within_s=8)
    assert (reply.status, reply.is_closed) == (413, True)
    assert_problem(reply, "too_large")


def test_who_asks_first_is_told_to_go_on_or_refused(live_stack: LiveStack) -> None:
    small = exchange(
        live_stack.url, head("POST", "/api/v1/comments", "Expect: 100-continue", "Content-Length: 2") + b"{}"
    )
    assert [status for status in small.statuses if status != 100] == [401]
    large = exchange(
        live_stack.url, head("POST", "/api/v1/comments", "Expect: 100-continue", "Content-Length: 3000000")
    )
    assert large.status == 413


def test_a_form_that_is_too_large_is_told_so_in_words(live_stack: LiveStack) -> None:
    """Read to its end, as long as that is not too far: a browser that is still sending shows no answer."""
    url = f"{live_stack.url}/articles/the-ferry-that-waits/comments/"
    page = httpx.post(url, data={"comment": "x" * 200_000}, headers={"Accept": "text/html,*/*"}, timeout=20)
    assert page.status_code == 413
    assert page.headers["Content-Type"].startswith("text/html")
    assert "Back button: what you typed is still there" in page.text.replace("&#x27;", "'")
    assert page.headers["Content-Security-Policy"].startswith("default-src 'none'")
    problem = httpx.post(f"{live_stack.url}/api/v1/comments", content=b"x" * 200_000, timeout=20)
    assert (problem.status_code, problem.json()["code"]) == (413, "too_large")


def test_clients_that_send_a_byte_a_second_are_cut_off_and_others_answered_meanwhile(
    live_stack: LiveStack,
) -> None:
    with ExitStack() as stack:
        slow = [stack.enter_context(connect(live_stack.url)) for _ in range(50)]
        for client in slow:
            client.sendall(head("POST", "/api/v1/comments", "Content-Length: 1000"))
        began, answered = monotonic(), 0
        with httpx.Client(base_url=live_stack.url, timeout=10) as other:
            while monotonic() - began < 4:
                for client in slow:
                    client.sendall(b"x")
                answered += other.get("/articles/the-ferry-that-waits/").status_code == 200
                answered += other.post("/api/v1/comments", content=b"{}").status_code == 401
                sleep(1)
        assert answered >= 4
        with ThreadPoolExecutor(50) as pool:
            replies = list(pool.map(lambda client: read_reply(client, within_s=15), slow))
    assert {reply.status for reply in replies} <= {0, 408}
    assert all(reply.is_closed for reply in replies)
    assert max(reply.seconds for reply in replies) < 15
