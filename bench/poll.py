"""5,000 open pages: `python3 run.py bench poll [--connections N] [--seconds N] [--json]`.

Starts a service of its own. A process of its own keeps so many connections open, each of which asks for one
thread's JSON every 10 s with the ETag that it has, as the component does. Meanwhile a moderator's key removes
and restores a comment of the thread again and again, and a probe asks four times a second whether it sees
that. Shown: requests without a good answer, the longest time from a decision's answer to the moment at which
the probe sees it, CPU, and the memory of the web process.

Each connection is an open file, of the client and of the web process: both need a limit of open files above
the number of connections (`ulimit -n`, `LimitNOFILE=` of systemd, `ulimits` of compose). Exits with 1 where a
gate was missed.
"""

import argparse
import asyncio
import json
import resource
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import orjson

from bench.cpu import cpu_by_role, use_by_role
from bench.load import closed_loop
from bench.read_sides import Reader, fill_threads
from bench.stack import BenchStack, running_stack
from bench.wire import Answer, Connection, Target, build_request
from tests.stack import BASE

CONNECTIONS, SECONDS, EVERY_S = 5_000, 40.0, 10.0
# Files that a process has open besides its connections.
OTHER_FILES = 500
MOST_DELAY_S, MOST_GROWTH = 1.0, 1.1
PROBE_EVERY_S, DECIDE_EVERY_S = 0.05, 2.0


@dataclass(slots=True)
class Polled:
    """What one run found. Memory of the web process is in MiB."""

    statuses: Counter[str] = field(default_factory=Counter)
    delays_s: list[float] = field(default_factory=list)
    unseen: int = 0
    memory_mib: list[float] = field(default_factory=list)
    cpu_s: float = 0.0
    seconds: float = 0.0

    @property
    def errors(self) -> int:
        """Requests that were not answered by the thread, or by the word that it has not changed."""
        return sum(count for status, count in self.statuses.items() if status not in ("200", "304"))

    @property
    def growth(self) -> float:
        """The memory at the end as a multiple of that when all connections were open."""
        return self.memory_mib[-1] / self.memory_mib[0]

    @property
    def faults(self) -> list[str]:
        """In words, which gates were missed."""
        slow = [delay for delay in self.delays_s if delay > MOST_DELAY_S]
        found = {
            f"{self.errors} errors": self.errors > 0 or not self.statuses,
            f"{len(slow) + self.unseen} changes were not seen in time": bool(slow or self.unseen),
            "no change was probed": not self.delays_s,
            f"memory grew to {self.growth:.2f} times": self.growth > MOST_GROWTH,
        }
        return [fault for fault, is_fault in found.items() if is_fault]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="run.py bench poll", description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--connections", type=int, default=CONNECTIONS)
    parser.add_argument("--seconds", type=float, default=SECONDS)
    parser.add_argument("--client", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.client:
        url, key = options.client
        print(json.dumps(asyncio.run(_poll_all(url, key, options.connections, options.seconds))))
        return
    polled = measure(options.connections, options.seconds)
    print(json.dumps(as_json(polled)) if options.json else "\n".join(report(polled)))
    sys.exit("\n".join(polled.faults) if polled.faults else 0)


def measure(connections: int, seconds: float) -> Polled:
    """Everything, on a fresh service."""
    raise_file_limit(connections + OTHER_FILES)
    polled = Polled(seconds=seconds)
    with running_stack(environment={"TRUSTED_PROXIES": "1"}) as stack:
        fill_threads(stack, 1, 50, 2, "polled")
        fill_threads(stack, 1, 1, 0, "idle")
        command = [sys.executable, "-m", "bench.poll", "--connections", str(connections)]
        command += ["--seconds", str(seconds), "--client", stack.url, stack.keys.public]
        client = subprocess.Popen(command, cwd=BASE, stdout=subprocess.PIPE)
        with client:
            _moderate(stack, polled, seconds)
            told = client.stdout.read() if client.stdout is not None else b""
        polled.statuses = Counter(json.loads(told))
    return polled


def raise_file_limit(wanted: int) -> None:
    """Let this process and those that it starts open so many files. Exits where the system forbids it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft >= wanted or soft == resource.RLIM_INFINITY:
        return
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, max(wanted, hard)))
    except (ValueError, OSError):
        sys.exit(
            f"This needs {wanted} open files and the limit is {hard}: raise it, for example `ulimit -n`."
        )


def _moderate(stack: BenchStack, polled: Polled, seconds: float) -> None:
    """Remove and restore a comment by turns while the connections are open, and probe after each decision."""
    began, before = time.monotonic(), cpu_by_role(stack.pid)
    reader = Reader(stack)
    plain = reader.data("polled").replace(b"gzip, deflate, br", b"identity")
    target, seen = orjson.loads(reader.ask(plain).body)["comments"][-1]["id"], True
    reader.wait(min(EVERY_S + 2, seconds / 2))  # all connections are open
    polled.memory_mib.append(use_by_role(stack.pid)["web"].own)
    while time.monotonic() - began < seconds:
        seen = not seen
        _decide(stack, target, "approve" if seen else "reject", "fine" if seen else "off_topic")
        delay = _wait_until(reader, target, is_shown=seen)
        if delay is None:
            polled.unseen += 1
        else:
            polled.delays_s.append(delay)
        time.sleep(DECIDE_EVERY_S)
    polled.memory_mib.append(use_by_role(stack.pid)["web"].own)
    polled.cpu_s = cpu_by_role(stack.pid)["web"] - before["web"]


def _decide(stack: BenchStack, comment_id: str, action: str, reason: str) -> None:
    body = orjson.dumps({"action": action, "reason": reason})
    request = build_request("POST", f"/api/v1/comments/{comment_id}/decisions", stack.keys.headers, body)
    result = closed_loop(stack.url, lambda _: request, clients=1, requests=1)
    if result.statuses[201] != 1:
        raise RuntimeError(f"The decision was answered {dict(result.statuses)}.")


def _wait_until(reader: Reader, comment_id: str, *, is_shown: bool) -> float | None:
    """Seconds until a reader sees the decision; None after ten times the time that it may take."""
    decided_at = time.monotonic()
    request = reader.data("polled").replace(b"gzip, deflate, br", b"identity")
    while time.monotonic() - decided_at < 10 * MOST_DELAY_S:
        if (comment_id.encode() in reader.ask(request).body) is is_shown:
            return time.monotonic() - decided_at
        time.sleep(PROBE_EVERY_S)
    return None


async def _poll_all(url: str, key: str, connections: int, seconds: float) -> dict[str, int]:
    """Statuses of all requests, by connections that start one after the other within one turn."""
    raise_file_limit(connections + OTHER_FILES)
    statuses: Counter[str] = Counter()
    until = time.monotonic() + seconds
    pollers = (
        _poll(Target.of(url), key, number, number * EVERY_S / connections, until, statuses)
        for number in range(connections)
    )
    await asyncio.gather(*pollers)
    return dict(statuses)


async def _poll(
    target: Target, key: str, number: int, after_s: float, until: float, statuses: Counter[str]
) -> None:
    """One open page: it asks every 10 s with the ETag that it has, and keeps its connection if it can."""
    await asyncio.sleep(after_s)
    etag, line = "", _Line(target)
    while time.monotonic() < until:
        asked_at = time.monotonic()
        try:
            async with asyncio.timeout(10):
                answer = await line.send(_request(key, number, etag))
            statuses[str(answer.status)] += 1
            etag = answer.header("etag") or etag
        except (OSError, TimeoutError) as error:
            statuses[type(error).__name__] += 1
            line.close()
        await asyncio.sleep(max(0.0, asked_at + EVERY_S - time.monotonic()))
    line.close()


class _Line:
    """A kept connection. As in browsers, one that was closed while it was idle is opened again."""

    def __init__(self, target: Target) -> None:
        self._target = target
        self._connection: Connection | None = None

    async def send(self, request: bytes) -> Answer:
        """The answer. Raises OSError where a new connection gets none either."""
        if self._connection is not None:
            with suppress(OSError):
                return await self._connection.send(request)
        loop = asyncio.get_running_loop()
        _, connection = await loop.create_connection(Connection, self._target.host, self._target.port)
        self._connection = connection
        return await connection.send(request)

    def close(self) -> None:
        """End it."""
        if self._connection is not None:
            self._connection.close()
        self._connection = None


def _request(key: str, number: int, etag: str) -> bytes:
    path = f"/embed/{key}/thread.json?url=https%3A%2F%2Fbench.example%2Fpolled-0%2F"
    known = {"If-None-Match": etag} if etag else {}
    network = {"X-Forwarded-For": f"10.{number % 250}.{number // 250}.1"}
    return build_request("GET", path, {"Accept-Encoding": "br", **known, **network})


def report(polled: Polled) -> Iterator[str]:
    """In words, what was found."""
    answers = ", ".join(f"{count} times {status}" for status, count in sorted(polled.statuses.items()))
    yield f"Answers: {answers or 'none'}"
    longest = max(polled.delays_s, default=float("nan"))
    yield (
        f"{len(polled.delays_s)} changes seen, the last after {longest:.2f} s, at most {MOST_DELAY_S:g}; "
        f"{polled.unseen} not seen"
    )
    first, last = polled.memory_mib
    yield f"Memory of the web process: {first:.1f} MiB, then {last:.1f}: at most {MOST_GROWTH} times"
    yield f"CPU of the web process: {polled.cpu_s / polled.seconds:.1%} of a core"
    yield "MISSED: " + "; ".join(polled.faults) if polled.faults else "met"


def as_json(polled: Polled) -> dict[str, Any]:
    """The same figures as plain numbers."""
    return {
        "statuses": dict(polled.statuses),
        "errors": polled.errors,
        "delays_s": [round(delay, 3) for delay in polled.delays_s],
        "unseen": polled.unseen,
        "memory_mib": [round(each, 1) for each in polled.memory_mib],
        "web_cpu_share": round(polled.cpu_s / polled.seconds, 4),
        "faults": polled.faults,
    }


if __name__ == "__main__":
    main()
