"""Half of what the service can take, for long: `python3 run.py bench soak [--minutes 60] [--json]`.

The whole service with its workers under a usual day's mix of requests. Memory, files, connections and
threads of all parts are sampled every few seconds; after a warm-up nothing of it may grow.
"""

import argparse
import json
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from bench.cpu import Use, use_by_role
from bench.load import closed_loop, open_loop
from bench.mix import Mix
from bench.result import Result
from bench.series import Growth, grow
from bench.stack import BenchStack, running_stack

SAMPLE_EVERY_S = 3.0
# Connections from the load generator itself: few, so that they say nothing about the service.
_MOST_OPEN = 32
_WARM_UP_SHARE, _LEAST_WARM_UP_S = 0.15, 60.0
# Of memory, a tenth; less than this many MiB is noise: the caches of PostgreSQL's twenty processes.
_MEMORY_SHARE, _MEMORY_LEAST = 0.10, 8.0
# In its first minutes a service still fills what is bounded: PostgreSQL's 64 MB and plans, pages in memory.
_FILLS_FOR_S, _FILLING_LEAST = 1200.0, 40.0
# Of anything that is counted: what comes and goes with each task.
_COUNT_SHARE, _COUNT_LEAST = 0.10, 4.0
# While a service fills, of the files of workers alone: the first child of each is forked before its parent
# has all its files open; the next inherit them.
_INHERITED_FILES = 20.0
_CONNECTIONS = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'moderation'"


@dataclass(slots=True)
class Samples:
    """What was seen at each look."""

    at: list[float] = field(default_factory=list)
    uses: list[dict[str, Use]] = field(default_factory=list)
    database_connections: list[int] = field(default_factory=list)

    def since(self, second: float) -> "Samples":
        """Those of the time after the warm-up."""
        start = next((number for number, at in enumerate(self.at) if at >= second), len(self.at))
        return Samples(self.at[start:], self.uses[start:], self.database_connections[start:])

    def series(self, role: str, quantity: str) -> list[float]:
        """One quantity of one role over time."""
        return [float(getattr(use[role], quantity)) for use in self.uses]


@dataclass(frozen=True, slots=True)
class Figures:
    """What came of one soak."""

    rate: float
    load: Result
    told: dict[str, int]
    samples: Samples

    @property
    def memory(self) -> list[Growth]:
        """The parts' own memory."""
        roles = self.samples.uses[0]
        return [grow(f"{role} memory (MiB)", self.samples.series(role, "own")) for role in roles]

    @property
    def counts(self) -> list[Growth]:
        """Files, connections, threads. The web's own sockets are its clients' affair; those to the
        servers are counted there.
        """
        found = [grow("database connections", self.samples.database_connections)]
        for role in self.samples.uses[0]:
            files = self.samples.series(role, "files")
            if role == "web":
                sockets = self.samples.series(role, "sockets")
                files = [every - socket for every, socket in zip(files, sockets, strict=True)]
            if role != "postgres":  # opens a table's file when it needs it, up to a bound, in each backend
                found.append(grow(f"{role} files", files))
            found.append(grow(f"{role} threads", self.samples.series(role, "threads")))
        return [*found, grow("broker connections", self.samples.series("valkey", "sockets"))]

    @property
    def faults(self) -> list[str]:
        """What grew, and answers that should not be."""
        is_filled = self.load.seconds > _FILLS_FOR_S
        least = _MEMORY_LEAST if is_filled else _FILLING_LEAST
        files = _COUNT_LEAST if is_filled else _INHERITED_FILES
        grown = [each for each in self.memory if each.exceeds(share=_MEMORY_SHARE, least=least)]
        for each in self.counts:
            least_count = files if each.name == "workers files" else _COUNT_LEAST
            grown += [each] if each.exceeds(share=_COUNT_SHARE, least=least_count) else []
        faults = [f"{each.name} grew from {each.first:.1f} to {each.last:.1f}" for each in grown]
        errors = {
            status: count for status, count in self.load.statuses.items() if status >= 500 and status != 503
        }
        faults += [f"{count} answers of status {status}" for status, count in errors.items()]
        return faults + ([f"{self.load.failures} requests without an answer"] if self.load.failures else [])

    def as_json(self) -> dict[str, Any]:
        """All of it for programs."""
        return {
            "rate": round(self.rate, 1),
            "load": self.load.as_json(),
            "told": self.told,
            "growth": {
                each.name: {"first": round(each.first, 1), "last": round(each.last, 1)}
                for each in (*self.memory, *self.counts)
            },
            "faults": self.faults,
        }


def main() -> None:
    """Measure once and print; exit 1 when something grew."""
    parser = argparse.ArgumentParser(prog="run.py bench soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with running_stack(environment=ENVIRONMENT) as stack:
        figures = measure(stack, options.minutes * 60)
    print(json.dumps(figures.as_json()) if options.json else describe(figures))
    sys.exit(bool(figures.faults))


# Readers come from many networks: behind a proxy the mix can say so.
ENVIRONMENT = {"TRUSTED_PROXIES": "1"}


def measure(stack: BenchStack, seconds: float) -> Figures:
    """Load `stack` for `seconds`, warm-up included."""
    mix = Mix(stack)
    capacity = closed_loop(stack.url, mix.make, seconds=min(15.0, seconds / 12), on_answer=mix.note)
    rate = capacity.per_second / 2
    mix.told.clear()
    samples = Samples()
    with sampling(stack, samples):
        load = open_loop(
            stack.url, mix.make, rate=rate, seconds=seconds, most_open=_MOST_OPEN, on_answer=mix.note
        )
    told = {f"{kind} {status}": count for (kind, status), count in sorted(mix.told.items())}
    return Figures(rate, load, told, samples.since(max(_LEAST_WARM_UP_S, seconds * _WARM_UP_SHARE)))


@contextmanager
def sampling(stack: BenchStack, samples: Samples) -> Iterator[None]:
    """Look every few seconds from another thread."""
    is_over = threading.Event()

    def look() -> None:
        began = time.monotonic()
        with stack.connect() as connection:
            while not is_over.wait(SAMPLE_EVERY_S):
                row = connection.execute(_CONNECTIONS).fetchone()
                samples.at.append(time.monotonic() - began)
                samples.uses.append(use_by_role(stack.pid))
                samples.database_connections.append(int(row[0]) if row else 0)

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield
    finally:
        is_over.set()
        thread.join()


def describe(figures: Figures) -> str:
    """The same for people."""
    load = figures.load
    times = load.times()
    rows = [
        f"{each.name:<24}{each.first:>9.1f}{each.last:>9.1f}{each.share:>9.1%}"
        for each in (*figures.memory, *figures.counts)
    ]
    answers = ", ".join(f"{name}: {count}" for name, count in figures.told.items())
    waited = f"p50 {times.p50_ms:.0f} ms, p99 {times.p99_ms:.0f} ms; no answer {load.failures}"
    return "\n".join(
        [
            f"load    {figures.rate:.0f} a second for {load.seconds:.0f} s; {waited}",
            f"answers {answers}",
            f"{'':<24}{'first':>9}{'last':>9}{'growth':>9}",
            *rows,
            f"faults  {'; '.join(figures.faults) or 'none'}",
        ]
    )


if __name__ == "__main__":
    main()
