"""What a submission costs the servers: `python3 run.py bench submit [--requests N] [--rounds N] [--json]`.

Starts a service of its own and, on the same database, a lean Django view under the same shell and server
that checks two fields and does one durable ORM insert. Eight clients post to both by turns, in many short
rounds, so that a busy moment of the machine meets both. Counted is the CPU time of the web process,
PostgreSQL and Valkey per request, wake-up and job included; the workers stand still meanwhile (`bench screen`
measures those). The ratio is the median of the rounds; the quartiles beside it tell how steady the machine
was.
"""

import argparse
import json
from dataclasses import dataclass, field
from statistics import median

from bench.cpu import cpu_by_role
from bench.lean import LeanView, measure_requests, spread
from bench.result import Result
from bench.stack import BenchStack, Reference, running_reference, running_stack
from bench.texts import fresh_submissions

ROUNDS = 21
AUTHORS = 400
GATE, GOAL = 2.0, 1.6


@dataclass(slots=True)
class Side:
    """One side of the comparison: CPU milliseconds per request of each round, by role."""

    name: str
    rounds: list[dict[str, float]] = field(default_factory=list)
    result: Result = field(default_factory=Result)

    def add(self, measured: tuple[dict[str, float], Result]) -> None:
        """One more round."""
        self.rounds.append(measured[0])
        self.result.add(measured[1])

    def cpu_ms(self, *roles: str) -> float:
        """The median round."""
        return median(sum(each[role] for role in roles or each) for each in self.rounds)


def main() -> None:
    """Measure both sides and print the ratio, or JSON."""
    parser = argparse.ArgumentParser(prog="run.py bench submit", description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--requests", type=int, default=300, help="of each side in each round")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--keys", action="store_true", help="send an Idempotency-Key with each submission")
    options = parser.parse_args()
    with running_stack(paused=("workers", "run_jobs")) as stack, running_reference(stack) as reference:
        lean, ours = measure(stack, reference, options.requests, options.rounds, has_keys=options.keys)
    report = {side.name: describe(side) for side in (lean, ours)}
    pairs = zip(ours.rounds, lean.rounds, strict=True)
    lower, ratio, upper = spread([sum(mine.values()) / sum(theirs.values()) for mine, theirs in pairs])
    if options.json:
        quartiles = [round(lower, 2), round(upper, 2)]
        told = {"ratio": round(ratio, 2), "quartiles": quartiles, "gate": GATE, "goal": GOAL}
        print(json.dumps({**report, **told}))
        return
    for name, figures in report.items():
        print(f"{name:<6} " + "  ".join(f"{key} {value}" for key, value in figures.items()))
    print(f"ratio  {ratio:.2f} (quartiles {lower:.2f} to {upper:.2f}), at most {GATE} (goal {GOAL})")


def describe(side: Side) -> dict[str, float]:
    """What one side cost, and how long its clients waited."""
    return {
        "cpu_ms": round(side.cpu_ms(), 3),
        "web_ms": round(side.cpu_ms("web"), 3),
        "postgres_ms": round(side.cpu_ms("postgres"), 3),
        "valkey_ms": round(side.cpu_ms("valkey"), 3),
        "p50_ms": round(side.result.times(202).p50_ms, 1),
        "p99_ms": round(side.result.times(202).p99_ms, 1),
        "accepted": side.result.statuses[202],
    }


def measure(
    stack: BenchStack, reference: Reference, requests: int, rounds: int, *, has_keys: bool
) -> tuple[Side, Side]:
    """Both sides by turns, after a warm-up that is not counted."""
    ours, lean = Side("submit"), Side("lean")
    view = LeanView(stack, reference)
    bodies = enumerate(fresh_submissions(7, authors=AUTHORS))

    def our_request(_: int) -> bytes:
        number, body = next(bodies)
        return stack.submission(body, idempotency_key=f"key {number}" if has_keys else "")

    def run_both(count: int) -> None:
        lean.add(view.measure(count))
        ours.add(
            measure_requests(stack, stack.url, our_request, lambda: cpu_by_role(stack.pid)["web"], count)
        )

    run_both(300)
    for side in (lean, ours):
        side.rounds.clear()
    for _ in range(rounds):
        run_both(requests)
    return lean, ours


if __name__ == "__main__":
    main()
