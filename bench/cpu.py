"""What the parts of a running service use: CPU seconds, memory, open files, connections, threads."""

import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import astuple, dataclass
from pathlib import Path

import psutil

# A part is known by what stands in the command line of a direct child of the supervisor.
_ROLES = {
    "web": "config.web.app:app",
    "workers": "celery",
    "run_jobs": "run_jobs",
    "postgres": "postgres",
    "valkey": "valkey",
}
SUPERVISOR = "supervisor"
_CPUCLOCK_SCHED = 2  # linux/posix-timers.h


@dataclass(frozen=True, slots=True)
class Use:
    """What one part holds at a moment, all its processes together. Memory is in MiB.

    `rss` counts what processes share for each of them, `pss` once; `own` is that part of `pss` which
    is neither a file nor PostgreSQL's buffers: where a leak shows.
    """

    processes: int = 0
    threads: int = 0
    rss: float = 0.0
    pss: float = 0.0
    own: float = 0.0
    files: int = 0
    sockets: int = 0

    def __add__(self, other: "Use") -> "Use":
        return Use(*(mine + theirs for mine, theirs in zip(astuple(self), astuple(other), strict=True)))


def roots_by_role(supervisor_pid: int) -> dict[str, list[psutil.Process]]:
    """The supervisor's direct children by role; the supervisor itself is a role of its own."""
    roots: dict[str, list[psutil.Process]] = {role: [] for role in _ROLES}
    supervisor = psutil.Process(supervisor_pid)
    for child in supervisor.children():
        with suppress(psutil.Error):
            role = _role_of(child)
            if role:
                roots[role].append(child)
    return roots


def _role_of(process: psutil.Process) -> str:
    command = " ".join(process.cmdline())
    return next((role for role, mark in _ROLES.items() if mark in command), "")


def cpu_by_role(supervisor_pid: int) -> dict[str, float]:
    """CPU seconds, user and system, that each role has used since it began.

    A process' children count once they are dead and it has taken leave of them; a part that died
    itself and was started again has left its seconds to the supervisor.
    """
    seconds = {
        role: sum(cpu_of(root.pid) for root in roots) for role, roots in roots_by_role(supervisor_pid).items()
    }
    seconds[SUPERVISOR] = _own_cpu(psutil.Process(supervisor_pid))
    return seconds


def cpu_of(pid: int) -> float:
    """CPU seconds of a process, its living descendants, and those who have ended."""
    return sum(_own_cpu(process) for process in _tree(pid))


def cpu_between(before: Mapping[str, float], after: Mapping[str, float]) -> dict[str, float]:
    """CPU seconds by role from one `cpu_by_role` to a later one, and their `total`."""
    spent = {role: after[role] - before.get(role, 0.0) for role in after}
    return spent | {"total": sum(spent.values())}


def _own_cpu(process: psutil.Process) -> float:
    with suppress(psutil.Error, OSError):
        times = process.cpu_times()
        return clock_of(process.pid) + float(times.children_user + times.children_system)
    return 0.0


def clock_of(pid: int) -> float:
    """CPU seconds of a living process to the nanosecond; /proc tells hundredths of a second only.

    The clock's number is made as in `clock_getcpuclockid` of the C library. Raises OSError for a dead one.
    """
    return time.clock_gettime(~pid << 3 | _CPUCLOCK_SCHED)


def use_by_role(supervisor_pid: int) -> dict[str, Use]:
    """What each role holds right now."""
    return {
        role: sum((use_of(root.pid) for root in roots), Use())
        for role, roots in roots_by_role(supervisor_pid).items()
    }


def use_of(pid: int) -> Use:
    """What a process and its descendants hold right now."""
    total = Use()
    for process in _tree(pid):
        with suppress(psutil.Error, OSError):
            memory = _memory_mib(process.pid)
            files, sockets = _open_files(process.pid)
            total += Use(1, process.num_threads(), *memory, files, sockets)
    return total


def _tree(pid: int) -> Iterator[psutil.Process]:
    with suppress(psutil.Error):
        root = psutil.Process(pid)
        yield root
        yield from root.children(recursive=True)


def _memory_mib(pid: int) -> tuple[float, float, float]:
    """`rss`, `pss` and `own` of one process."""
    kilobytes = {}
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]:
        name, _, value = line.partition(":")
        kilobytes[name] = int(value.split()[0])
    return kilobytes["Rss"] / 1024, kilobytes["Pss"] / 1024, kilobytes["Pss_Anon"] / 1024


def _open_files(pid: int) -> tuple[int, int]:
    """All open files, and those of them that are sockets."""
    links = []
    for entry in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(OSError):  # closed while we looked
            links.append(entry.readlink().name)
    return len(links), sum(link.startswith("socket:") for link in links)
