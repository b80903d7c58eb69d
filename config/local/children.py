"""Child processes: each in a process group of its own, and ended when its parent ends."""

import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import psutil

# In the environment of our children and of their children, so that a later start can find survivors.
MARK = "SUPERVISED_IN"
_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def _die_with_parent(death_signal: int) -> Callable[[], None]:
    parent = os.getpid()

    def ask_kernel() -> None:
        if _libc is not None:
            _libc.prctl(_PR_SET_PDEATHSIG, death_signal, 0, 0, 0)
        if os.getppid() != parent:  # it ended before it could be asked
            os._exit(1)

    return ask_kernel


def spawn(
    command: Sequence[str],
    *,
    log: Path,
    death_signal: signal.Signals | None = signal.SIGTERM,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
) -> subprocess.Popen[bytes]:
    """Start `command` as the leader of a new process group, its output appended to `log`.

    Call it from the main thread only: the kernel sends `death_signal` when the *thread* that started the
    child ends. With None the child outlives this process.
    """
    log.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with open(log, "ab", opener=_private_opener) as output:
        return subprocess.Popen(  # noqa: S603 - the commands are our own
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=env,
            cwd=cwd,
            process_group=0,
            preexec_fn=None if death_signal is None else _die_with_parent(death_signal),  # noqa: PLW1509
        )


def _private_opener(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def kill_group(pid: int) -> None:
    """Kill what is left of the process group that `pid` leads or has led."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)


def kill_survivors(mark: str) -> None:
    """Kill the processes that a killed supervisor with the same mark has left behind."""
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            if process.pid != os.getpid() and process.environ().get(MARK) == mark:
                process.kill()


def stop(process: subprocess.Popen[bytes], stop_signal: signal.Signals, *, grace_s: float) -> None:
    """Ask `process` to end, wait at most `grace_s` seconds, then kill its whole group."""
    with suppress(ProcessLookupError):
        process.send_signal(stop_signal)
    with suppress(subprocess.TimeoutExpired):
        process.wait(timeout=grace_s)
    kill_group(process.pid)
    process.wait()
