"""The whole service for one measurement, in a `var/` of its own, and what it is compared with."""

import re
import signal
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import psycopg

from bench.cpu import roots_by_role
from bench.wire import build_request
from config.local import children
from config.local.postgres import DATABASE, ROLE
from config.local.programs import WebAddress, web_program
from config.local.servers import database_socket_folder
from tests.stack import BASE, LiveStack, free_port, start_stack, stop_stack

# Where the measured site's pages would be.
HOST = "bench.example"
_STARTS_WITHIN_S = 30


@dataclass(frozen=True, slots=True)
class Keys:
    """The keys of the measured site. A secret one is under no flood limit."""

    public: str
    secret: str

    @property
    def headers(self) -> dict[str, str]:
        """What a site's own server sends with JSON."""
        return {"Authorization": f"Bearer {self.secret}", "Content-Type": "application/json"}


@dataclass(frozen=True, slots=True)
class BenchStack:
    """A running service with a site that has keys."""

    live: LiveStack
    keys: Keys

    @property
    def url(self) -> str:
        """Where its web server listens."""
        return self.live.url

    @property
    def pid(self) -> int:
        """The supervisor's process."""
        return self.live.process.pid

    def connect(self) -> psycopg.Connection[tuple[Any, ...]]:
        """A connection of our own to its database, each statement by itself."""
        folder = database_socket_folder(self.live.var)
        return psycopg.connect(
            host=str(folder), user=ROLE, dbname=DATABASE, autocommit=True, application_name="bench"
        )

    def pause(self, *roles: str) -> None:
        """Stop parts where they stand (`workers`, `run_jobs`): the rest goes on without them."""
        self._signal(signal.SIGSTOP, roles)

    def resume(self, *roles: str) -> None:
        """Let them go on."""
        self._signal(signal.SIGCONT, roles)

    def _signal(self, which: signal.Signals, roles: Sequence[str]) -> None:
        found = roots_by_role(self.pid)
        for root in [root for role in roles for root in found[role]]:
            for process in (root, *root.children(recursive=True)):
                with suppress(psutil.NoSuchProcess):
                    process.send_signal(which)

    def submission(self, body: bytes, *, idempotency_key: str = "") -> bytes:
        """The request that submits a comment, given its JSON."""
        more = {"Idempotency-Key": idempotency_key} if idempotency_key else {}
        return build_request("POST", "/api/v1/comments", {**self.keys.headers, **more}, body)


@contextmanager
def running_stack(
    *options: str, environment: Mapping[str, str] | None = None, paused: Sequence[str] = ()
) -> Iterator[BenchStack]:
    """`manage.py serve` with `options`, a site, and `paused` parts stopped; all removed afterwards."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        Path(folder).chmod(0o755)  # the database's own user passes through
        live = start_stack(Path(folder) / "var", *options, environment=environment)
        stack: BenchStack | None = None
        try:
            stack = BenchStack(live, make_site(live))
            stack.pause(*paused)
            yield stack
        finally:
            if stack is not None:
                stack.resume("web", "workers", "run_jobs", "postgres", "valkey")
            stop_stack(live)


def make_site(live: LiveStack) -> Keys:
    """A site with keys."""
    output = live.manage("add_site", "Measured", "--host", HOST, "--language", "en", within_s=180)
    public, secret = (re.search(rf"{kind} key[^\n]*\n +(\S+)", output) for kind in ("Public", "Secret"))
    assert public is not None, output
    assert secret is not None, output
    return Keys(public[1], secret[1])


@dataclass(frozen=True, slots=True)
class Reference:
    """The running reference server: `/empty` and `/lean`, see `reference/views.py`."""

    url: str
    pid: int


@contextmanager
def running_reference(stack: BenchStack) -> Iterator[Reference]:
    """The reference on the service's own database, started as the service starts its web server."""
    address = WebAddress("127.0.0.1", free_port())
    command = [*web_program(address).command[:-1], "bench.reference.app:app"]
    log = stack.live.var / "log" / "reference.log"
    environment = {**stack.live.environment, "DJANGO_SETTINGS_MODULE": "bench.reference.settings"}
    process = children.spawn(command, log=log, env=environment, cwd=BASE)
    try:
        wait_for_answer(f"{address.for_people}/empty", log)
        yield Reference(address.for_people, process.pid)
    finally:
        children.stop(process, signal.SIGTERM, grace_s=10)


def wait_for_answer(url: str, log: Path) -> None:
    """Return when `url` answers 200."""
    deadline = time.monotonic() + _STARTS_WITHIN_S
    while True:
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except OSError as error:
            is_up = isinstance(error, urllib.error.HTTPError)
            if is_up or time.monotonic() > deadline:
                raise RuntimeError(f"It does not answer; its log:\n{log.read_text()}") from error
            time.sleep(0.1)
