"""`manage.py serve`: the whole service by one command."""

import signal
from argparse import ArgumentParser
from contextlib import suppress
from types import FrameType
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand

from config.local.banner import build_banner
from config.local.programs import WebAddress
from config.local.servers import owned_servers
from config.local.stack import Stack, StackOptions


class _ToldToStop(Exception):
    """Raised by the first SIGINT, SIGTERM or SIGHUP; later ones change nothing."""


class Command(BaseCommand):
    """Runs database, broker, web, workers and run_jobs, and restarts what ends; Ctrl-C stops everything."""

    help = "Run the service: private servers where none are configured, web, workers, run_jobs."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The address to listen on, and what to do first."""
        parser.add_argument(
            "--host", default="127.0.0.1", help="address to listen on (default: this machine only)"
        )
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument("--web-processes", type=int, default=1)
        parser.add_argument(
            "--workers", type=int, default=2, help="Celery workers for local checks (default: 2)"
        )
        parser.add_argument("--migrate", action="store_true", help="bring the database up to date first")
        parser.add_argument("--demo", action="store_true", help="make sure that the demo site exists")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run until told to stop."""
        web = WebAddress(options["host"], options["port"], options["web_processes"])
        stack_options = StackOptions(web, options["workers"], options["migrate"], options["demo"])
        with owned_servers(settings.VAR_DIR) as servers, suppress(_ToldToStop):
            stack = Stack(stack_options, self.stdout.write)
            for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                signal.signal(each, _stop_once)
            try:
                demo = stack.start(servers)
                self._say_where_things_are(demo)
                stack.look_after()
            finally:
                self.stdout.write("Stopping ...")
                stack.stop()

    def _say_where_things_are(self, demo: dict[str, Any] | None) -> None:
        has_mail_server = bool(settings.EMAIL_URL)
        banner = build_banner(settings.PUBLIC_URL, settings.VAR_DIR, demo, has_mail_server=has_mail_server)
        self.stdout.write(banner)
        self.stdout.flush()


def _stop_once(number: int, frame: FrameType | None) -> None:
    for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(each, signal.SIG_IGN)
    raise _ToldToStop
