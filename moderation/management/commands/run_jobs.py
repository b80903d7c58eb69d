"""`manage.py run_jobs`: makes sure that due work is done, with or without a broker."""

import signal
import time
from types import FrameType
from typing import Any

import structlog
from django.core.management.base import BaseCommand, CommandParser
from django.db import DatabaseError, connection

from moderation.engine.run import warm_up
from moderation.flow.jobs.sweep import Sweeper

log = structlog.get_logger(__name__)

LOOK_EVERY_S = 0.5
LOG_EVERY_S = 60.0


class Command(BaseCommand):
    """Reads the job table every half second until it is stopped."""

    help = "Wake workers for due jobs, and run those that no worker comes for. One process; needs no broker."
    requires_system_checks = ()  # the web process has made them

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true", help="look once and return")

    def handle(self, *args: Any, **options: Any) -> None:
        self._stopping = False
        self._logged_at = -LOG_EVERY_S
        signal.signal(signal.SIGTERM, self._stop)
        signal.signal(signal.SIGINT, self._stop)
        warm_up()  # children are forked from here and find everything loaded
        sweeper = Sweeper()
        while not self._stopping:
            self._look(sweeper)
            if options["once"]:
                sweeper.wait()
                break
            time.sleep(LOOK_EVERY_S)
        sweeper.stop()

    def _stop(self, signal_number: int, frame: FrameType | None) -> None:
        self._stopping = True

    def _look(self, sweeper: Sweeper) -> None:
        """If the database is unavailable, wait: the next look opens a new connection."""
        try:
            sweeper.look()
        except DatabaseError as error:
            connection.close()
            if time.monotonic() - self._logged_at > LOG_EVERY_S:
                self._logged_at = time.monotonic()
                log.warning("the database is away", error=type(error).__name__)
