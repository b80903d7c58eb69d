"""What a submission costs the servers: `python3 run.py bench submit [--requests N] [--json]`.

Starts a service of its own and, on the same database, a lean Django view under the same shell and server
that checks two fields and does one durable ORM insert. Eight clients post to both by turns, so that a
busy moment of the machine meets both. Counted is the CPU time of the web process, PostgreSQL and Valkey
per request, wake-up and job included; the workers stand still meanwhile (`bench screen` measures those).
"""

import argparse
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from statistics import median

import orjson

from bench.cpu import cpu_by_role, cpu_of
from bench.load import closed_loop
from bench.result import Result
from bench.stack import BenchStack, Reference, running_reference, running_stack
from bench.texts import fresh_submissions, fresh_texts
from bench.wire import build_request

CLIENTS = 8
ROUNDS = 7
AUTHORS = 400
GATE, GOAL = 2.5, 1.6
_SERVERS = ("postgres", "valkey")


@dataclass(slots=True)
class Side:
    """One side of the comparison: CPU milliseconds per request of each round, by role."""

    name: str
    rounds: list[dict[str, float]] = field(default_factory=list)
    result: Result = field(default_factory=Result)

    def cpu_ms(self, *roles: str) -> float:
        """The median round."""
        return median(sum(each[role] for role in roles or each) for each in self.rounds)


def main() -> None:
    """Measure both sides and print the ratio, or JSON."""
    parser = argparse.ArgumentParser(prog="run.py bench submit", description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--requests", type=int, default=1000, help="of each side in each of seven rounds")
    parser.add_argument("--keys", action="store_true", help="send an Idempotency-Key with each submission")
    options = parser.parse_args()
    with running_stack(paused=("workers", "run_jobs")) as stack, running_reference(stack) as reference:
        lean, ours = measure(stack, reference, options.requests, has_keys=options.keys)
    report = {
        side.name: {
            "cpu_ms": round(side.cpu_ms(), 3),
            "web_ms": round(side.cpu_ms("web"), 3),
            "postgres_ms": round(side.cpu_ms("postgres"), 3),
            "valkey_ms": round(side.cpu_ms("valkey"), 3),
            "p50_ms": round(side.result.times(202).p50_ms, 1),
            "p99_ms": round(side.result.times(202).p99_ms, 1),
            "accepted": side.result.statuses[202],
        }
        for side in (lean, ours)
    }
    ratio = median(
        sum(mine.values()) / sum(theirs.values())
        for mine, theirs in zip(ours.rounds, lean.rounds, strict=True)
    )
    if options.json:
        print(json.dumps({**report, "ratio": round(ratio, 2), "gate": GATE, "goal": GOAL}))
        return
    for name, figures in report.items():
        print(f"{name:<6} " + "  ".join(f"{key} {value}" for key, value in figures.items()))
    print(f"ratio  {ratio:.2f}, at most {GATE} (goal {GOAL})")


def measure(stack: BenchStack, reference: Reference, requests: int, *, has_keys: bool) -> tuple[Side, Side]:
    """Both sides by turns, after a warm-up that is not counted."""
    ours, lean = Side("submit"), Side("lean")
    bodies = enumerate(fresh_submissions(7, authors=AUTHORS))

    def our_request(_: int) -> bytes:
        number, body = next(bodies)
        return stack.submission(body, idempotency_key=f"key {number}" if has_keys else "")

    lean_body = orjson.dumps({"name": "Ada Reader", "body": next(fresh_texts(1))})
    lean_request = build_request("POST", "/lean", {"Content-Type": "application/json"}, lean_body)

    def run(
        side: Side, url: str, web_pid: Callable[[], float], make: Callable[[int], bytes], count: int
    ) -> None:
        before = _cpu(stack, web_pid)
        result = closed_loop(url, make, clients=CLIENTS, requests=count)
        after = _cpu(stack, web_pid)
        side.rounds.append({role: 1000 * (after[role] - before[role]) / count for role in after})
        side.result.add(result)

    def run_both(count: int) -> None:
        run(lean, reference.url, lambda: cpu_of(reference.pid), lambda _: lean_request, count)
        run(ours, stack.url, lambda: cpu_by_role(stack.pid)["web"], our_request, count)

    run_both(300)
    for side in (lean, ours):
        side.rounds.clear()
    for _ in range(ROUNDS):
        run_both(requests)
    return lean, ours


def _cpu(stack: BenchStack, web_cpu: Callable[[], float]) -> dict[str, float]:
    roles = cpu_by_role(stack.pid)
    return {"web": web_cpu(), **{role: roles[role] for role in _SERVERS}}


if __name__ == "__main__":
    main()
