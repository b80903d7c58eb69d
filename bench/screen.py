"""What screening costs beside the checks: `python3 run.py bench screen [--burst N] [--json]`.

Starts a service of its own. First one process screens some comments by itself, with a watch on the CPU
time of the engine (folding, fingerprints, checks, policy, Markdown) and on that of all the rest: claims,
facts, and all rows written, PostgreSQL included. It does so in some rounds, and by turns the lean view of
`bench/reference` is measured: the gates are shares of what that costs in the same run. Then a burst that
waits is screened by the workers, while a few readers a second go on submitting: how long it takes beside the
engine's own time, what Celery itself costs a comment, and what readers notice.
"""

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from statistics import median
from typing import Any

from redis import Redis

from bench.backlog import BacklogWatch
from bench.cpu import cpu_by_role
from bench.lean import LeanView, spread
from bench.load import closed_loop, open_loop
from bench.result import Times
from bench.stack import BenchStack, running_reference, running_stack
from bench.texts import fresh_submissions
from config.local.servers import broker_socket
from tests.stack import BASE

# Shares of the lean view: 0.45 ms, 0.25 ms and 0.05 ms where it costs 0.8 ms.
GATE_SHARE, GOAL_SHARE, CELERY_SHARE = 0.56, 0.31, 0.0625
BURST_FACTOR, BURST_MORE_S = 1.5, 1.0
ROUNDS, INSIDE, LEAN = 5, 800, 500
AUTHORS = 2_000
_READERS_PER_S = 10.0
_IDLE_WAKE_UPS = 200
_HEAD_START_S = 0.5


def main() -> None:
    """Measure and print, or JSON."""
    parser = argparse.ArgumentParser(prog="run.py bench screen", description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--burst", type=int, default=10_000)
    options = parser.parse_args()
    with running_stack(paused=("workers", "run_jobs")) as stack:
        source = Source(stack)
        inside = measure_rounds(stack, source)
        before = source.readers(10)
        drain(stack)
        source.fill(options.burst)
        burst = measure_burst(stack, source)
        wake_up_ms = measure_wake_ups(stack)
    celery_ms = wake_up_ms * burst["tasks"] / options.burst
    report: dict[str, Any] = {
        **inside,
        "gate_share": GATE_SHARE,
        "goal_share": GOAL_SHARE,
        "celery_ms": round(celery_ms, 4),
        "celery_share": round(celery_ms / inside["lean_ms"], 4),
        "celery_gate_share": CELERY_SHARE,
        "burst": options.burst,
        "burst_s": burst["seconds"],
        "burst_gate_s": round(BURST_FACTOR * options.burst * inside["engine_ms"] / 1000 + BURST_MORE_S, 1),
        "by_celery": burst["by_celery"],
        "submit_p99_ms_idle": round(before.p99_ms, 1),
        "submit_p99_ms_in_burst": round(burst["readers"].p99_ms, 1),
    }
    if options.json:
        print(json.dumps(report))
        return
    width = max(map(len, report))
    for name, value in report.items():
        print(f"{name:<{width}}  {value}")


class Source:
    """Submissions by some thousand authors, no two alike."""

    def __init__(self, stack: BenchStack) -> None:
        self._stack = stack
        self._bodies = fresh_submissions(11, authors=AUTHORS)

    def fill(self, count: int) -> None:
        """Submit `count` comments as fast as it goes."""
        result = closed_loop(self._stack.url, self._request, clients=8, requests=count)
        assert result.statuses[202] == count, result.as_json()

    def readers(self, seconds: float) -> Times:
        """How long a few readers a second wait for their answers."""
        return open_loop(self._stack.url, self._request, rate=_READERS_PER_S, seconds=seconds).times(202)

    def _request(self, _: int) -> bytes:
        return self._stack.submission(next(self._bodies))


def measure_rounds(stack: BenchStack, source: Source) -> dict[str, Any]:
    """The lean view and one process that screens, by turns: medians, and the overhead as a share."""
    rounds: list[dict[str, float]] = []
    with running_reference(stack) as reference:
        lean = LeanView(stack, reference)
        lean.measure(300)  # warms up
        for _ in range(ROUNDS):
            source.fill(INSIDE)
            lean_ms = sum(lean.measure(LEAN)[0].values())
            inside = measure_inside(stack)
            rounds.append({"lean_ms": lean_ms, **inside, "share": inside["overhead_ms"] / lean_ms})
    lower, _, upper = spread([each["share"] for each in rounds])
    medians = {name: round(median(each[name] for each in rounds), 3) for name in rounds[0]}
    return {**medians, "share_quartiles": [round(lower, 2), round(upper, 2)]}


def measure_inside(stack: BenchStack) -> dict[str, float]:
    """CPU milliseconds per comment of one process that screens all that is due, and of PostgreSQL.

    The first batch is not counted: its connection, and what is loaded with it, belong to what a task costs,
    see `measure_wake_ups`.
    """
    with subprocess.Popen(
        [sys.executable, "-m", "bench.screen_inside"],
        cwd=BASE,
        env=dict(stack.live.environment),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()  # the first batch is done
        before = cpu_by_role(stack.pid)["postgres"]
        output, _ = process.communicate("\n")
    inside: dict[str, float] = json.loads(output)
    postgres_ms = 1000 * (cpu_by_role(stack.pid)["postgres"] - before) / inside["comments"]
    rest_ms = inside["python_ms"] - inside["engine_ms"]
    return {
        "engine_ms": inside["engine_ms"],
        "python_ms": rest_ms,
        "postgres_ms": postgres_ms,
        "overhead_ms": rest_ms + postgres_ms,
    }


def drain(stack: BenchStack) -> None:
    """Have the workers screen what is left, and stop them again."""
    stack.resume("workers", "run_jobs")
    BacklogWatch(stack).wait_until_drained(within_s=60)
    stack.pause("workers", "run_jobs")


def measure_burst(stack: BenchStack, source: Source) -> dict[str, Any]:
    """Wake the workers before a standing burst, and see how long they take while readers go on."""
    tasks = count_tasks(stack)
    with stack.connect() as connection:
        row = connection.execute("SELECT clock_timestamp()").fetchone()
        assert row is not None
        stack.resume("workers")
        time.sleep(_HEAD_START_S)
        stack.resume("run_jobs")  # had it stood beside them, it would have seen them claim
        readers = source.readers(10)
        BacklogWatch(stack).wait_until_drained(within_s=300)
        found = connection.execute(_BURST_SQL, {"moment": row[0]}).fetchone()
        assert found is not None
    return {
        "seconds": round(float(found[0]), 1),
        "by_celery": round(float(found[1]), 3),
        "readers": readers,
        "tasks": count_tasks(stack) - tasks,
    }


_BURST_SQL = """
SELECT extract(epoch FROM max(screening.created_at) - %(moment)s), avg((runner = 'celery')::int)
FROM screening JOIN comment ON comment.id = screening.comment_id
WHERE screening.created_at > %(moment)s AND comment.created_at < %(moment)s
"""


def measure_wake_ups(stack: BenchStack) -> float:
    """CPU milliseconds of the workers for a message that finds nothing to do: Celery, and a look."""
    before = cpu_by_role(stack.pid)["workers"]
    with broker_of(stack) as broker:
        subprocess.run(
            [sys.executable, "-m", "bench.screen_wake_ups", str(_IDLE_WAKE_UPS)],
            cwd=BASE,
            env=dict(stack.live.environment),
            check=True,
        )
        while broker.llen("local"):
            time.sleep(0.1)
    time.sleep(1.0)  # the last ones are under way
    return 1000 * (cpu_by_role(stack.pid)["workers"] - before) / _IDLE_WAKE_UPS


def count_tasks(stack: BenchStack) -> int:
    """Messages that were ever sent to the workers."""
    with broker_of(stack) as broker:
        return int(broker.info("commandstats").get("cmdstat_lpush", {}).get("calls", 0))


@contextmanager
def broker_of(stack: BenchStack) -> Iterator[Any]:
    """The service's broker."""
    broker: Any = Redis(unix_socket_path=str(broker_socket(stack.live.var)))
    try:
        yield broker
    finally:
        broker.close()


if __name__ == "__main__":
    main()
