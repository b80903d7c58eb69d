"""Failpoints: named places at which a test can end, delay or damage the running process.

When off, a place costs one comparison. A test switches them on with the environment variable FAILPOINTS,
which names a folder, and puts orders into it: a file `<name>.<anything>` whose first line is an action and
whose other lines must each occur in the place's description of itself. A process takes an order by renaming
it, so that it is carried out only once; `<name>.always` stays. Production refuses to start with FAILPOINTS.
"""

import ctypes
import os
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

DONE = ".done"
ALWAYS = ".always"
_HOG_BYTES = 64 * 1024 * 1024
_HOG_MOST_BYTES = 16 * 1024**3

_folder: Path | None = None


class FailpointError(Exception):
    """What the action `error` raises."""


def failpoint(name: str, *said: str) -> None:
    """Carry out an order for this place, if failpoints are on and there is one. `said` tells passes apart."""
    if _folder is not None:
        _reach(_folder, name, said)


def arm(folder: Path | None) -> None:
    """Look for orders in `folder` from now on; None switches all failpoints off."""
    global _folder  # noqa: PLW0603 - one switch for the process, so that being off costs next to nothing
    _folder = folder


def is_armed() -> bool:
    """Whether a test has switched failpoints on in this process."""
    return _folder is not None


def _reach(folder: Path, name: str, said: tuple[str, ...]) -> None:
    for order in sorted(folder.glob(f"{name}.*")):
        if order.suffix == DONE:
            continue
        action = _take(order, said)
        if action:
            word, _, value = action.partition(" ")
            _ACTIONS[word](value)
            return


def _take(order: Path, said: tuple[str, ...]) -> str:
    """The action of a matching order, or "" if none matches or another process took it first."""
    with suppress(FileNotFoundError):
        action, *wanted = order.read_text(encoding="utf-8").splitlines()
        if not all(any(word in each for each in said) for word in wanted):
            return ""
        if order.suffix != ALWAYS:
            order.rename(order.with_name(f"{order.name}{DONE}"))
        return action
    return ""


def _kill(_: str) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _fail(message: str) -> None:
    raise FailpointError(message)


def _sleep(seconds: str) -> None:
    time.sleep(float(seconds))


def _hang(_: str) -> None:
    while True:
        time.sleep(60)


def _crash(_: str) -> None:
    """Read address 0: what a bug in an extension module does."""
    ctypes.string_at(0)


def _hog(_: str) -> None:
    """Allocate more and more memory and hold it. It is never written to, so that others do not run short."""
    hoard: list[bytes] = []
    while len(hoard) * _HOG_BYTES < _HOG_MOST_BYTES:
        hoard.append(bytes(_HOG_BYTES))


_ACTIONS: dict[str, Callable[[str], None]] = {
    "pass": lambda _: None,
    "kill": _kill,
    "error": _fail,
    "sleep": _sleep,
    "hang": _hang,
    "crash": _crash,
    "hog": _hog,
}
