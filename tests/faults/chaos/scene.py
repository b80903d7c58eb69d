"""One running service as seen by those who torment it: its processes, its database, its broker."""

import json
import signal
import socket
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import cached_property
from typing import Any

import psutil
import psycopg

from config.local.postgres import DATABASE
from config.local.servers import broker_socket, database_socket_folder
from tests.stack import LiveStack

Connection = psycopg.Connection[Any]
# Clients name their networks in X-Forwarded-For, as if behind a proxy: readers are not all one household.
CHAOS_ENVIRONMENT = {"TRUSTED_PROXIES": "1"}
_CLAIMS_SQL = """
CREATE TABLE IF NOT EXISTS chaos_claim (subject_id uuid NOT NULL);
GRANT ALL ON chaos_claim TO PUBLIC;
CREATE OR REPLACE FUNCTION note_claim() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN INSERT INTO chaos_claim VALUES (NEW.subject_id); RETURN NULL; END $$;
CREATE OR REPLACE TRIGGER note_claim AFTER UPDATE ON job FOR EACH ROW
WHEN (NEW.kind = 'screen' AND NEW.lease_token IS NOT NULL
      AND NEW.lease_token IS DISTINCT FROM OLD.lease_token)
EXECUTE FUNCTION note_claim();
"""


class Scene:
    """A service under `serve` with its demo."""

    def __init__(self, stack: LiveStack) -> None:
        self.stack = stack

    @cached_property
    def demo(self) -> dict[str, Any]:
        """Keys and addresses of the demo site."""
        demo: dict[str, Any] = json.loads(self.stack.manage("demo", "--json"))
        return demo

    def connect(self) -> Connection:
        """As the superuser, so that nothing is hidden. Raises `OperationalError` while it is away."""
        folder = database_socket_folder(self.stack.var)
        return psycopg.connect(
            host=str(folder), dbname=DATABASE, user="postgres", connect_timeout=2, autocommit=True
        )

    def ask(self, sql: str, parameters: Sequence[object] = ()) -> list[tuple[Any, ...]] | None:
        """Rows, or None while the database is away."""
        with suppress(psycopg.OperationalError), self.connect() as connection:
            return connection.execute(sql, parameters).fetchall()
        return None

    def count_claims(self) -> None:
        """From now on the database itself writes down every claim of a screening job."""
        with self.connect() as connection:
            connection.execute(_CLAIMS_SQL)

    def programs(self, *names: str) -> list[psutil.Process]:
        """The supervisor's own children whose command line holds one of `names`."""
        return [psutil.Process(pid) for name in names for pid in self._pids(name)]

    def children(self, *names: str) -> list[psutil.Process]:
        """What those children have started themselves."""
        found = []
        for program in self.programs(*names):
            with suppress(psutil.Error):
                found += program.children()
        return found

    def backends(self) -> list[psutil.Process]:
        """PostgreSQL's processes that serve clients of the application."""
        found = []
        for process in self.children("postgres"):
            with suppress(psutil.Error):
                found += [process] if " moderation " in f"{' '.join(process.cmdline())} " else []
        return found

    def flush_broker(self) -> bool:
        """Everything in Valkey is gone. False while it is away."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
            client.settimeout(0.5)
            with suppress(OSError):
                client.connect(str(broker_socket(self.stack.var)))
                client.sendall(b"FLUSHALL\r\n")
                return client.recv(16).startswith(b"+OK")
        return False

    def _pids(self, name: str) -> list[int]:
        with suppress(psutil.Error):
            return self.stack.pids(name)
        return []


def send(process: psutil.Process, number: signal.Signals) -> bool:
    """Send a signal; False when it is gone already."""
    with suppress(psutil.Error):
        process.send_signal(number)
        return True
    return False


def wait_until(is_so: Callable[[], object], *, within_s: float, look_every_s: float = 0.1) -> float:
    """Wait and return the seconds it took. Raises `AssertionError` when the time is up."""
    began = time.monotonic()
    while not is_so():
        assert time.monotonic() - began < within_s, f"not so within {within_s} s"
        time.sleep(look_every_s)
    return time.monotonic() - began
