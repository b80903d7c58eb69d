"""Rings the bell beside the requests, so that no reader ever waits for the broker."""

import os
import threading
import time
from collections.abc import Callable

# Under load one ring stands for all comments of this time; an idle service rings at once.
PAUSE_S = 0.01


class Ringer:
    """One thread of this process that calls what it was asked to, each kind once however often it was asked.

    What a call was asked for is done by a call that begins later, so no wake-up is lost; what is pending
    when the process ends is, as a lost bell may be. A forked child starts a thread of its own.
    """

    def __init__(self) -> None:
        self._wanted: dict[str, Callable[[], object]] = {}
        self._is_wanted = threading.Event()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._pid = 0

    def ask(self, kind: str, ring: Callable[[], object]) -> None:
        """Have `ring` called soon. It must not raise. Returns at once."""
        self._wanted[kind] = ring
        self._is_wanted.set()
        if self._pid != os.getpid() or self._thread is None or not self._thread.is_alive():
            self._start()

    def _start(self) -> None:
        with self._lock:
            if self._pid == os.getpid() and self._thread is not None and self._thread.is_alive():
                return
            thread = threading.Thread(target=self._run, name="ringer", daemon=True)
            thread.start()
            self._thread, self._pid = thread, os.getpid()

    def _run(self) -> None:
        while True:
            self._is_wanted.wait()
            self._is_wanted.clear()
            for kind in list(self._wanted):
                ring = self._wanted.pop(kind, None)
                if ring is not None:
                    ring()
            time.sleep(PAUSE_S)
