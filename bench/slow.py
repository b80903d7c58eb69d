"""Whether slow clients slow the others: `python3 run.py bench slow [--json] [--seconds N]`.

The whole service runs in a folder of its own. Two clients read an article and post comments (which
are refused for want of a key, after the key was looked for in the database), by turns alone and
beside 50 clients that send a byte of their body each second. Goal: the 99th percentile at most doubles.
"""

import argparse
import json
import os
import socket
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from statistics import quantiles
from urllib.parse import urlsplit

import httpx

sys.path.insert(0, str(Path(__file__).parent.parent))

from tests.stack import open_for_all, start_stack, stop_stack

SLOW_CLIENTS = 50
OTHERS = 2
ROUNDS = 4
GOAL = 2.0
HEAD = b"POST /api/v1/comments HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n"


def main() -> None:
    """Print median and 99th percentile with and without the slow clients."""
    options = _read_options()
    times: dict[bool, list[float]] = {False: [], True: []}
    with tempfile.TemporaryDirectory(prefix="slow-", dir=_folder()) as folder:
        open_for_all(Path(folder))
        stack = start_stack(Path(folder) / "var", "--demo")
        try:
            _ask_for(stack.url, 2)  # the first requests find cold caches
            for number in range(2 * ROUNDS):
                is_slow = bool(number % 2)
                with _slow_clients(stack.url, SLOW_CLIENTS if is_slow else 0):
                    times[is_slow] += _ask_for(stack.url, options.seconds)
        finally:
            stop_stack(stack)
    report = {
        "slow_clients": SLOW_CLIENTS,
        "without": _summary(times[False]),
        "with": _summary(times[True]),
        "p99_ratio": round(_summary(times[True])["p99_ms"] / _summary(times[False])["p99_ms"], 2),
        "goal": GOAL,
    }
    if options.json:
        print(json.dumps(report, indent=2))
    else:
        for name in ("without", "with"):
            told = ", ".join(f"{key} {value}" for key, value in _summary(times[name == "with"]).items())
            print(f"{name:8} {SLOW_CLIENTS} slow clients: {told}")
        print(f"p99 with / without: {report['p99_ratio']} (goal: at most {GOAL})")


def _read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="run.py bench slow")
    parser.add_argument("--seconds", type=float, default=8.0, help="how long each of the 8 turns lasts")
    parser.add_argument("--json", action="store_true")
    return parser.parse_args()


def _folder() -> str:
    folder = Path(__file__).parent.parent / "var"
    folder.mkdir(exist_ok=True)
    return os.fspath(folder)


def _ask_for(url: str, seconds: float) -> list[float]:
    """Latencies in ms of clients that ask a hundred times a second in all, for a while."""
    times: list[float] = []

    def ask() -> None:
        with httpx.Client(base_url=url, timeout=30) as client:
            until = time.monotonic() + seconds
            while time.monotonic() < until:
                for method, path, status in (
                    ("GET", "/articles/the-ferry-that-waits/", 200),
                    ("POST", "/api/v1/comments", 401),
                ):
                    began = time.monotonic()
                    answer = client.request(method, path, content=b"{}" if method == "POST" else None)
                    times.append(1000 * (time.monotonic() - began))
                    if answer.status_code != status:
                        sys.exit(f"{method} {path} was answered {answer.status_code}")
                    time.sleep(0.02)

    threads = [threading.Thread(target=ask) for _ in range(OTHERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return times


@contextmanager
def _slow_clients(url: str, number: int) -> Iterator[None]:
    """Clients that send a byte a second, and come again when they are cut off."""
    parts, over = urlsplit(url), threading.Event()

    def drip() -> None:
        with ExitStack() as stack:

            def connect() -> socket.socket:
                client = stack.enter_context(socket.create_connection((parts.hostname, parts.port)))
                client.sendall(HEAD)
                return client

            clients = [connect() for _ in range(number)]
            while not over.wait(1):
                for place, client in enumerate(clients):
                    with suppress(OSError):
                        client.sendall(b"x")
                        continue
                    clients[place] = connect()

    thread = threading.Thread(target=drip)
    thread.start()
    try:
        time.sleep(0.5 if number else 0)
        yield
    finally:
        over.set()
        thread.join()


def _summary(times: list[float]) -> dict[str, float]:
    percentiles = quantiles(times, n=100)
    return {"requests": len(times), "p50_ms": round(percentiles[49], 2), "p99_ms": round(percentiles[98], 2)}


if __name__ == "__main__":
    main()
