"""`manage.py run_part NAME`: one part of the service, for a supervisor of your own."""

import os
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management import BaseCommand

from config.local import programs
from config.local.supervisor import Program
from config.settings.keys import ensure_keys_fit
from moderation.flow.jobs.kinds import QUEUES

_WORKERS = {programs.worker_part(queue): queue for queue in QUEUES}


class Command(BaseCommand):
    """Becomes the program that `serve` would start."""

    help = "Run one part of the service in the foreground; `run_jobs` is the remaining one."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The part, and the address of the web server."""
        parser.add_argument("part", choices=["web", *_WORKERS])
        parser.add_argument("--host", default="0.0.0.0")  # noqa: S104 - inside a container
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument("--web-processes", type=int, default=1)

    def handle(self, *args: Any, **options: Any) -> None:
        """Replace this process."""
        ensure_keys_fit()
        sys.stdout.flush()
        command = self._program(options).command
        os.execv(command[0], list(command))  # noqa: S606 - our own command

    def _program(self, options: dict[str, Any]) -> Program:
        if options["part"] == "web":
            return programs.web_program(
                programs.WebAddress(options["host"], options["port"], options["web_processes"])
            )
        return programs.worker_program(_WORKERS[options["part"]])
