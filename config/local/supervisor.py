"""Keeps a set of programs running: restarts those that end, and stops all of them cleanly.

It has one thread and no Django. Each program is the leader of its own process group and is told by the kernel
when this process ends; see `config/local/children.py`.
"""

import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from config.local import children
from config.settings.env import inherited

_FIRST_PAUSE_S = 0.2
_LONGEST_PAUSE_S = 5.0
_HEALTHY_AFTER_S = 10.0
_LOG_LIMIT_BYTES = 5 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Program:
    """A program to keep running. `prepare` runs before every start and repairs what a crash left behind."""

    name: str
    command: Sequence[str]
    stop_signal: signal.Signals = signal.SIGTERM
    grace_s: float = 10.0
    prepare: Callable[[], None] | None = None


@dataclass(slots=True)
class _Child:
    program: Program
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    start_again_at: float = 0.0
    failures: int = field(default=0)


class Supervisor:
    """Runs programs with their output in `logs`/<name>.log; reports events to `report`.

    Processes that a killed supervisor of the same `logs` left behind are killed first.
    """

    def __init__(self, logs: Path, *, cwd: Path, report: Callable[[str], None]) -> None:
        self.logs = logs
        children.kill_survivors(str(logs))
        self.cwd = cwd
        self.report = report
        self._children: list[_Child] = []

    def start(self, program: Program) -> subprocess.Popen[bytes]:
        """Start `program` and keep it running from now on."""
        child = _Child(program)
        self._children.append(child)
        return self._spawn(child)

    def log_of(self, name: str) -> Path:
        """The log file of a program."""
        return self.logs / f"{name}.log"

    def look_after(self) -> None:
        """Look at all programs once, and restart those that ended, after a growing pause. Call it often."""
        for child in self._children:
            if child.process is None:
                if time.monotonic() >= child.start_again_at:
                    self._spawn(child)
            elif child.process.poll() is not None:
                self._plan_restart(child, child.process)
        for child in self._children:
            _bound_log(self.log_of(child.program.name))

    def stop(self) -> None:
        """Stop all programs: first those that use the servers, then the servers, the last started first."""
        self._stop([c for c in self._children if c.program.prepare is None])
        for child in reversed(self._children):
            self._stop([child])
        self._children = []

    def _stop(self, chosen: Sequence["_Child"]) -> None:
        """Stop `chosen` at the same time; kill those that do not end."""
        self._children = [c for c in self._children if c not in chosen]
        running = [(c.program, c.process) for c in chosen if c.process is not None]
        for program, process in running:
            if process.poll() is None:
                process.send_signal(program.stop_signal)
        asked_at = time.monotonic()
        for program, process in running:
            left_s = asked_at + program.grace_s - time.monotonic()
            children.stop(process, program.stop_signal, grace_s=max(left_s, 0))

    @property
    def names(self) -> list[str]:
        """The programs in the order of their start."""
        return [child.program.name for child in self._children]

    def _spawn(self, child: _Child) -> subprocess.Popen[bytes]:
        program = child.program
        if program.prepare is not None:
            program.prepare()
        child.process = children.spawn(
            program.command,
            log=self.log_of(program.name),
            death_signal=program.stop_signal,
            # Programs with `prepare` are left alone by `kill_survivors`, because a database needs a gentler
            # end.
            env=None if program.prepare else {**inherited(), children.MARK: str(self.logs)},
            cwd=self.cwd,
        )
        child.started_at = time.monotonic()
        return child.process

    def _plan_restart(self, child: _Child, process: subprocess.Popen[bytes]) -> None:
        children.kill_group(process.pid)  # otherwise its children would live on beside its successor
        was_healthy = time.monotonic() - child.started_at > _HEALTHY_AFTER_S
        child.failures = 1 if was_healthy else child.failures + 1
        pause_s = min(_FIRST_PAUSE_S * 2 ** (child.failures - 1), _LONGEST_PAUSE_S)
        child.process = None
        child.start_again_at = time.monotonic() + pause_s
        log = self.log_of(child.program.name)
        self.report(f"{child.program.name} {_say_end(process.returncode)}; starting it again. See {log}")


def _say_end(returncode: int) -> str:
    if returncode < 0:
        return f"was ended by {signal.Signals(-returncode).name}"
    return f"ended with exit code {returncode}"


def _bound_log(log: Path) -> None:
    """Move a log that is too long to `<name>.log.1`. Programs append to it, so the file itself must stay."""
    if not log.exists() or log.stat().st_size <= _LOG_LIMIT_BYTES:
        return
    log.with_suffix(".log.1").write_bytes(log.read_bytes())
    log.with_suffix(".log.1").chmod(0o600)
    with open(log, "r+b") as file:
        file.truncate(0)
