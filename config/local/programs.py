"""The programs of the service and their command lines."""

import signal
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from config.local.supervisor import Program

LOCAL_TASK_LIMIT_S = 15
REMOTE_TASK_LIMIT_S = 60


class PrivateServer(Protocol):
    """What PostgreSQL and Valkey have in common here."""

    stop_signal: signal.Signals

    def prepare(self) -> None:
        """Make and heal its folders."""

    def command(self, *, dies_with_parent: bool) -> list[str]:
        """Its command line."""

    def is_ready(self) -> bool:
        """True when it answers."""


@dataclass(frozen=True, slots=True)
class WebAddress:
    """Where the web server listens, and in how many processes."""

    host: str
    port: int
    processes: int = 1

    @property
    def for_people(self) -> str:
        """The address to type into a browser on this machine."""
        host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(self.host, self.host)  # noqa: S104 - told apart
        return f"http://{f'[{host}]' if ':' in host and not host.startswith('[') else host}:{self.port}"


def server_program(name: str, server: PrivateServer) -> Program:
    """A private server to be supervised."""
    return Program(
        name,
        server.command(dies_with_parent=True),
        stop_signal=server.stop_signal,
        grace_s=20.0,
        prepare=server.prepare,
    )


def web_program(address: WebAddress) -> Program:
    """Granian around `config/web/app.py`."""
    return Program(
        "web",
        [
            *(sys.executable, "-m", "granian", "--interface", "rsgi", "--no-ws"),
            *("--host", address.host, "--port", str(address.port), "--workers", str(address.processes)),
            *("--loop", "asyncio", "--http1-header-read-timeout", "10000"),
            *("--respawn-failed-workers", "--workers-kill-timeout", "8s", "--log-level", "warning"),
            "config.web.app:app",
        ],
    )


def worker_program(queue: str, number: int, *, limit_s: int) -> Program:
    """A Celery worker with one child: only a child can be stopped when a task takes too long."""
    name = f"worker-{queue}-{number}"
    return Program(
        name,
        [
            *(sys.executable, "-m", "celery", "--app", "config.celery", "worker"),
            *("--queues", queue, "--hostname", f"{name}@%h", "--pool", "prefork", "--concurrency", "1"),
            *("--time-limit", str(limit_s), "--without-gossip", "--without-mingle", "--loglevel", "WARNING"),
        ],
    )


def worker_programs(local_workers: int) -> list[Program]:
    """The workers of both queues."""
    numbers = range(1, local_workers + 1)
    local = [worker_program("local", number, limit_s=LOCAL_TASK_LIMIT_S) for number in numbers]
    return [*local, worker_program("remote", 1, limit_s=REMOTE_TASK_LIMIT_S)]


def jobs_program(base_dir: Path) -> Program:
    """The process that looks for due work without a broker."""
    return Program("run_jobs", [sys.executable, str(base_dir / "manage.py"), "run_jobs"])
