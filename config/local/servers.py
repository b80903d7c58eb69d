"""Private servers under `var/` for an installation without servers of its own: a real PostgreSQL and a real
Valkey.

Nothing outside `var/` is changed, except for one short folder below the system's temporary folder if the path
of `var/` is too long for a unix socket.
"""

import fcntl
import hashlib
import os
import shutil
import signal
import stat
import subprocess
import tempfile
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from config.local import children, valkey
from config.local.postgres import PrivatePostgres
from config.local.valkey import PrivateValkey
from config.problems import CannotStart

_LONGEST_SOCKET_PATH = 103  # macOS allows 104 bytes with the closing NUL, Linux 108
_READY_WITHIN_S = 30.0


def socket_folder(var: Path) -> Path:
    """The folder of the sockets: in `var/`, or a short folder if the path of `var/` is too long."""
    folder = var / "run"
    if len(os.fsencode(folder / "database" / ".s.PGSQL.5432")) <= _LONGEST_SOCKET_PATH:
        return folder
    name = hashlib.sha256(os.fsencode(var)).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"moderation-{os.geteuid()}-{name}"


def remove_short_folder(var: Path) -> None:
    """Remove the folder outside `var/` once the servers are stopped."""
    folder = socket_folder(var)
    if not folder.is_relative_to(var):
        shutil.rmtree(folder, ignore_errors=True)


def database_socket_folder(var: Path) -> Path:
    """The folder that PostgreSQL calls its host."""
    return socket_folder(var) / "database"


def broker_socket(var: Path) -> Path:
    """The socket of the private broker."""
    return socket_folder(var) / "broker" / "valkey.sock"


def make_folders(var: Path) -> None:
    """Create `var/` and the sockets' folder. Raises CannotStart if they cannot be made private."""
    try:
        var.mkdir(mode=0o711, parents=True, exist_ok=True)  # the servers' user passes through it
        (var / "log").mkdir(mode=0o700, exist_ok=True)
        sockets = socket_folder(var)
        sockets.mkdir(mode=0o711, exist_ok=True)
    except OSError as error:
        raise CannotStart(f"Cannot write below {var}: {error.strerror}. Is the folder yours?") from error
    facts = sockets.lstat()
    if not stat.S_ISDIR(facts.st_mode) or facts.st_uid != os.geteuid() or facts.st_mode & stat.S_IWOTH:
        raise CannotStart(
            f"{sockets} belongs to somebody else. Remove it, or set DATABASE_URL and REDIS_URL."
        )


@dataclass(frozen=True, slots=True)
class Servers:
    """Both private servers of one `var/`. `broker` is None if there is no program for it, or another broker
    is configured.
    """

    var: Path
    database: PrivatePostgres
    broker: PrivateValkey | None
    _children: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @classmethod
    def of(cls, var: Path, *, is_fast: bool = False, has_broker: bool = True) -> "Servers":
        """The servers of `var`, whether started or not."""
        database = PrivatePostgres(var / "postgres", database_socket_folder(var), is_fast=is_fast)
        has_broker = has_broker and valkey.binary() is not None
        broker = PrivateValkey(var / "valkey", broker_socket(var)) if has_broker else None
        return cls(var, database, broker)

    def are_ready(self) -> bool:
        """True when all of them answer."""
        return self.database.is_ready() and (self.broker is None or self.broker.is_ready())

    def start(self, *, dies_with_parent: bool, only: Collection[str] = ("database", "broker")) -> None:
        """Start them and wait until they answer. Raises CannotStart with the end of the log."""
        make_folders(self.var)
        for name, server in (("database", self.database), ("broker", self.broker)):
            if server is None or name not in only:
                continue
            server.prepare()
            log = self.var / "log" / f"{name}.log"
            process = children.spawn(
                server.command(dies_with_parent=dies_with_parent),
                log=log,
                death_signal=signal.SIGTERM if dies_with_parent else None,
            )
            self._children.append(process)
            wait_until(server.is_ready, process, log)
        if "database" in only:
            self.database.create_role_and_database()

    def stop(self) -> None:
        """Stop both, whoever started them."""
        if self.broker is not None:
            self.broker.shut_down()
        self.database.shut_down(within_s=_READY_WITHIN_S)
        for process in self._children:
            process.wait(timeout=_READY_WITHIN_S)
        self._children.clear()
        remove_short_folder(self.var)


def wait_until(is_ready: Callable[[], bool], process: subprocess.Popen[bytes], log: Path) -> None:
    """Wait for a server that was just started. Raises CannotStart if it ends or takes too long."""
    deadline = time.monotonic() + _READY_WITHIN_S
    while not is_ready():
        if process.poll() is not None or time.monotonic() > deadline:
            lines = log.read_text(errors="replace").splitlines()[-5:]
            raise CannotStart(f"A private server did not start; see {log}:\n" + "\n".join(lines))
        time.sleep(0.05)


@contextmanager
def borrowed_servers(var: Path, *, has_broker: bool = True) -> Iterator[None]:
    """Servers for one command: the running ones, or new ones; the last command that leaves stops them."""
    make_folders(var)
    servers = Servers.of(var, has_broker=has_broker)
    with open(var / "start.lock", "w") as starting, open(var / "users.lock", "w") as users:
        fcntl.flock(starting, fcntl.LOCK_EX)
        if try_lock(users):
            if not servers.are_ready():
                servers.start(dies_with_parent=False)
            fcntl.flock(users, fcntl.LOCK_SH)
        else:  # another command or `serve` uses them, and may be restarting one
            fcntl.flock(users, fcntl.LOCK_SH)
            _wait_for_others(servers)
        fcntl.flock(starting, fcntl.LOCK_UN)
        try:
            yield
        finally:
            fcntl.flock(starting, fcntl.LOCK_EX)
            fcntl.flock(users, fcntl.LOCK_UN)
            if try_lock(users):
                servers.stop()


@contextmanager
def owned_servers(var: Path) -> Iterator[Servers]:
    """The servers of `var` for this process to start and supervise. Raises CannotStart if they are in use."""
    make_folders(var)
    with open(var / "start.lock", "w") as starting, open(var / "users.lock", "w") as users:
        fcntl.flock(starting, fcntl.LOCK_EX)
        if not try_lock(users):
            raise CannotStart(f"Another command or service is running on {var}. End it first.")
        fcntl.flock(users, fcntl.LOCK_SH)
        fcntl.flock(starting, fcntl.LOCK_UN)
        try:
            yield Servers.of(var)
        finally:
            remove_short_folder(var)


def try_lock(file: IO[str]) -> bool:
    """Lock `file` exclusively unless another process holds it."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _wait_for_others(servers: Servers) -> None:
    deadline = time.monotonic() + _READY_WITHIN_S
    while not servers.are_ready():
        if time.monotonic() > deadline:
            raise CannotStart(f"The private servers of {servers.var} do not answer; see {servers.var}/log.")
        time.sleep(0.1)
