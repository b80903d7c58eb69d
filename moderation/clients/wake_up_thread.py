"""Sends wake-ups from a thread of its own, so that no request waits for the broker."""

import os
import threading
import time
from collections.abc import Callable

# Under load one wake-up serves all comments of this time; an idle service sends it at once.
PAUSE_S = 0.01


class WakeUpThread:
    """A thread that calls what it was asked to call, once for each kind however often it was asked.

    A call that begins after the request serves it, so no wake-up is lost. What is pending when the process
    ends is lost, as any wake-up may be. A forked child starts its own thread.
    """

    def __init__(self) -> None:
        self._wanted: dict[str, Callable[[], object]] = {}
        self._is_wanted = threading.Event()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._pid = 0

    def ask(self, kind: str, send: Callable[[], object]) -> None:
        """Have `send` called soon. It must not raise. Returns at once."""
        self._wanted[kind] = send
        self._is_wanted.set()
        if self._pid != os.getpid() or self._thread is None or not self._thread.is_alive():
            self._start()

    def _start(self) -> None:
        with self._lock:
            if self._pid == os.getpid() and self._thread is not None and self._thread.is_alive():
                return
            thread = threading.Thread(target=self._run, name="wake-ups", daemon=True)
            thread.start()
            self._thread, self._pid = thread, os.getpid()

    def _run(self) -> None:
        while True:
            self._is_wanted.wait()
            self._is_wanted.clear()
            for kind in list(self._wanted):
                send = self._wanted.pop(kind, None)
                if send is not None:
                    send()
            time.sleep(PAUSE_S)
