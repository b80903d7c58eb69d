"""The programs of the service and their command lines."""

import signal
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from config.local.supervisor import Program
from moderation.flow.jobs.kinds import LOCAL, QUEUES, Queue

# Open pages keep their connections: granian would take 1,024 at once and let all others wait. Each is an
# open file, so the limit of open files (`ulimit -n`) has to be higher than what is really used.
MOST_CONNECTIONS, LONGEST_BACKLOG = 8_192, 4_096


class PrivateServer(Protocol):
    """What PostgreSQL and Valkey have in common here."""

    stop_signal: signal.Signals

    def prepare(self) -> None:
        """Create and repair its folders."""

    def command(self, *, dies_with_parent: bool) -> list[str]:
        """Its command line."""

    def is_ready(self) -> bool:
        """True when it answers."""


@dataclass(frozen=True, slots=True)
class WebAddress:
    """The address that the web server listens on, and its number of processes."""

    host: str
    port: int
    processes: int = 1

    @property
    def for_people(self) -> str:
        """The address to type into a browser on this machine."""
        host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(self.host, self.host)  # noqa: S104 - told apart
        return f"http://{f'[{host}]' if ':' in host and not host.startswith('[') else host}:{self.port}"


def server_program(name: str, server: PrivateServer) -> Program:
    """The program of a private server."""
    return Program(
        name,
        server.command(dies_with_parent=True),
        stop_signal=server.stop_signal,
        grace_s=20.0,
        prepare=server.prepare,
    )


def web_program(address: WebAddress, app: str = "config.web.app:app") -> Program:
    """Granian with `config/web/app.py`, or with another application."""
    return Program(
        "web",
        [
            *(sys.executable, "-m", "granian", "--interface", "rsgi", "--no-ws"),
            *("--host", address.host, "--port", str(address.port), "--workers", str(address.processes)),
            *("--backlog", str(LONGEST_BACKLOG), "--backpressure", str(MOST_CONNECTIONS)),
            *("--loop", "asyncio", "--http1-header-read-timeout", "10000"),
            *("--respawn-failed-workers", "--workers-kill-timeout", "8s", "--log-level", "warning"),
            app,
        ],
    )


def worker_part(queue: Queue) -> str:
    """The name of a queue's worker."""
    return f"worker-{queue.name}"


def worker_program(queue: Queue, number: int = 1) -> Program:
    """A Celery worker with one child, because only a child can be stopped when a task takes too long."""
    name = f"{worker_part(queue)}-{number}"
    return Program(
        name,
        [
            *(sys.executable, "-m", "celery", "--app", "config.celery", "worker"),
            *("--queues", queue.name, "--hostname", f"{name}@%h", "--pool", "prefork", "--concurrency", "1"),
            *(
                "--time-limit",
                f"{queue.time_limit_s:g}",
                "--without-gossip",
                "--without-mingle",
                "--loglevel",
                "WARNING",
            ),
        ],
    )


def worker_programs(local_workers: int) -> list[Program]:
    """The workers of all queues: `local_workers` of the queue that people wait for, and one of each other
    queue.
    """
    counts = dict.fromkeys(QUEUES, 1) | {LOCAL: local_workers}
    return [worker_program(queue, 1 + index) for queue, count in counts.items() for index in range(count)]


def jobs_program(base_dir: Path) -> Program:
    """The process that looks for due work without a broker."""
    return Program("run_jobs", [sys.executable, str(base_dir / "manage.py"), "run_jobs"])
