"""The requests of `bench read`, and how what each costs is measured."""

import json
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote

from bench.cpu import cpu_by_role
from bench.lean import measure_requests
from bench.load import closed_loop
from bench.result import Result
from bench.stack import HOST, BenchStack
from bench.wire import Answer, build_request
from tests.stack import BASE

# What browsers send with a script's request.
BROWSER = {"Accept-Encoding": "gzip, deflate, br", "Sec-Fetch-Site": "cross-site"}
# Changes are looked for every quarter of a second, and what is younger than that is not made again.
_CHANGE_SEEN_WITHIN_S = 0.8
_BUMP = "UPDATE thread SET version = version + 1, changed_at = clock_timestamp() WHERE key LIKE %s"


def page_url(name: str, number: int = 0) -> str:
    """The address of a measured page."""
    return f"https://{HOST}/{name}-{number}/"


def fill_threads(stack: BenchStack, count: int, size: int, replies: int, name: str) -> dict[str, int]:
    """Make published threads; tells how large the texts and names of one are, plain and by gzip."""
    command = [sys.executable, "-m", "bench.read_fill", *map(str, (count, size, replies, name))]
    filled = subprocess.run(
        command, cwd=BASE, env=dict(stack.live.environment), check=True, stdout=subprocess.PIPE, timeout=120
    )
    return dict(json.loads(filled.stdout))


@dataclass(frozen=True, slots=True)
class Reader:
    """Asks the measured service as browsers do."""

    stack: BenchStack

    def page(self, name: str, number: int = 0) -> bytes:
        """A thread as a page in a frame."""
        return self._get("thread", [page_url(name, number)])

    def data(self, name: str, number: int = 0, *, etag: str = "") -> bytes:
        """A thread as JSON, if it has changed since this ETag."""
        headers = {"If-None-Match": etag} if etag else {}
        return self._get("thread.json", [page_url(name, number)], headers)

    def counts(self, name: str, count: int) -> bytes:
        """The counts of so many threads."""
        return self._get("counts.json", [page_url(name, number) for number in range(count)])

    def _get(self, what: str, urls: Sequence[str], headers: dict[str, str] | None = None) -> bytes:
        query = "&".join(f"url={quote(url, safe='')}" for url in urls)
        path = f"/embed/{self.stack.keys.public}/{what}?{query}"
        return build_request("GET", path, {**BROWSER, **(headers or {})})

    def measure(self, requests: Sequence[bytes], count: int) -> tuple[dict[str, float], Result]:
        """CPU milliseconds per request by role: of web process, PostgreSQL and Valkey."""
        return measure_requests(
            self.stack,
            self.stack.url,
            lambda number: requests[number % len(requests)],
            lambda: cpu_by_role(self.stack.pid)["web"],
            count,
        )

    def ask(self, request: bytes) -> Answer:
        """One answer."""
        return ask_for(self.stack.url, request)

    def measure_rebuild(self, name: str, requests: Sequence[bytes]) -> tuple[dict[str, float], Result]:
        """The same of threads that have just changed, so that each request has its page made anew."""
        for request in requests:
            self.ask(request)
        self.change(name)
        return self.measure(requests, len(requests))

    def change(self, name: str) -> None:
        """Count a change of these threads, and wait until the service has seen it."""
        with self.stack.connect() as connection:
            connection.execute(_BUMP, [f"{page_url(name)[:-2]}%"])
        self.wait(_CHANGE_SEEN_WITHIN_S)

    def wait(self, seconds: float) -> None:
        """Let time pass. Somebody must ask for something, or the service does not look for changes."""
        until = time.monotonic() + seconds
        idle = self.data("idle")
        while time.monotonic() < until:
            self.ask(idle)
            time.sleep(0.05)


def ask_for(url: str, request: bytes) -> Answer:
    """The answer to one request."""
    got: list[Answer] = []
    closed_loop(url, lambda _: request, clients=1, requests=1, on_answer=lambda _, answer: got.append(answer))
    if not got:
        raise RuntimeError("It does not answer.")
    return got[0]
