"""A small TCP proxy before a unix socket, which can refuse, cut, or swallow what passes."""

import select
import socket
import threading
from contextlib import suppress
from pathlib import Path
from typing import Self

_BUFFER = 65536


class Proxy:
    """Listens on a port of this machine; as a context manager it closes everything at the end."""

    def __init__(self, target: Path) -> None:
        self._target = target
        self._lock = threading.Lock()
        self._pairs: list[tuple[socket.socket, socket.socket]] = []
        self._silent: set[socket.socket] = set()
        self._listener = self._listen(0)
        self.port: int = self._listener.getsockname()[1]
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._run, name="proxy")

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._closed.set()
        self._thread.join()
        self.cut()
        self._listener.close()

    def refuse(self) -> None:
        """Nobody listens any more, and all connections end."""
        with self._lock:
            self._listener.close()
        self.cut()

    def take(self) -> None:
        """Listen again."""
        with self._lock:
            self._listener = self._listen(self.port)

    def cut(self) -> None:
        """End all connections; new ones are taken."""
        with self._lock:
            for pair in self._pairs:
                for end in pair:
                    end.close()
            self._pairs.clear()
            self._silent.clear()

    def half_open(self) -> int:
        """What is connected now goes silent, without an end: how many. New connections work."""
        with self._lock:
            self._silent |= {end for pair in self._pairs for end in pair}
            return len(self._pairs)

    @property
    def connections(self) -> int:
        """How many pass through now."""
        with self._lock:
            return len(self._pairs)

    def _listen(self, port: int) -> socket.socket:
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", port))
        listener.listen(128)
        listener.setblocking(False)
        return listener

    def _run(self) -> None:
        while not self._closed.is_set():
            with self._lock:
                ends = {a: b for pair in self._pairs for a, b in (pair, pair[::-1]) if a not in self._silent}
                listening = [self._listener] if self._listener.fileno() >= 0 else []
            try:
                ready, _, _ = select.select([*listening, *ends], [], [], 0.02)
            except (OSError, ValueError):  # one was closed while we looked
                continue
            for each in ready:
                with self._lock:
                    if each is self._listener:
                        self._accept()
                    elif each.fileno() >= 0 and each not in self._silent:
                        self._pass_on(each, ends[each])

    def _accept(self) -> None:
        with suppress(OSError):
            client, _ = self._listener.accept()
            server = socket.socket(socket.AF_UNIX)
            server.settimeout(1.0)
            try:
                server.connect(str(self._target))
            except OSError:
                client.close()
                server.close()
                return
            client.settimeout(1.0)
            self._pairs.append((client, server))

    def _pass_on(self, source: socket.socket, sink: socket.socket) -> None:
        try:
            data = source.recv(_BUFFER)
            if data:
                sink.sendall(data)
                return
        except OSError:
            pass
        source.close()
        sink.close()
        self._pairs = [pair for pair in self._pairs if source not in pair]
