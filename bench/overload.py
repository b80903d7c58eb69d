"""More than the service can take: `python3 run.py bench overload [--seconds 300] [--json]`.

Finds out how many submissions a second a service of its own accepts from clients that wait for their
answers, then sends twice as many by the clock. An empty Django view under the same server meets the
same rate first, on the same idle machine, for comparison.
"""

import argparse
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bench.backlog import BacklogWatch, comments_by_id
from bench.load import TIMEOUT_S, closed_loop, open_loop
from bench.result import Result, Times
from bench.stack import BenchStack, running_reference, running_stack
from bench.texts import Submissions
from bench.wire import Answer, build_request

ALLOWED = frozenset({202, 429, 503})
OVER = 2.0
GOAL_MS = 500.0
_AFTERWARDS = 50


@dataclass(frozen=True, slots=True)
class Figures:
    """What came of one overload."""

    seconds: float
    capacity: float
    empty: Times
    load: Result
    without_retry_after: int
    backlog: list[tuple[float, int]]
    drained_after_s: float
    lost: int
    unasked: int  # stored though nobody was told so, and nobody can have given up waiting for it
    unscreened: int
    after: Result

    @property
    def accepted(self) -> Times:
        """How long those waited who were accepted."""
        return self.load.times(202)

    @property
    def faults(self) -> list[str]:
        """What must not happen and did; the goal for speed is not among it."""
        told = {
            f"answers of status {status}": count
            for status, count in self.load.statuses.items()
            if status not in ALLOWED
        }
        told |= {
            "connections not taken": self.load.refused,
            "connections broken before the answer": self.load.broken,
            "requests without an answer in time": self.load.timed_out,
            "refusals without Retry-After": self.without_retry_after,
            "accepted comments lost": self.lost,
            "comments that nobody submitted": self.unasked,
            "comments never screened": self.unscreened,
            "answers but 202 afterwards": self.after.sent - self.after.statuses[202],
        }
        faults = [f"{count} {what}" for what, count in told.items() if count]
        if self.drained_after_s > self.seconds:
            faults.append(f"the backlog took {self.drained_after_s:.0f} s to go")
        return faults

    @property
    def bound_ms(self) -> float:
        """The goal for the 99th percentile of the accepted."""
        return self.empty.p99_ms + GOAL_MS

    def as_json(self) -> dict[str, Any]:
        """All of it for programs."""
        return {
            "capacity_per_second": round(self.capacity, 1),
            "load": self.load.as_json(),
            "accepted_p50_ms": round(self.accepted.p50_ms, 1),
            "accepted_p99_ms": round(self.accepted.p99_ms, 1),
            "refused_p99_ms": round(self.load.times(429, 503).p99_ms, 1),
            "empty_p99_ms": round(self.empty.p99_ms, 1),
            "goal_ms": round(self.bound_ms, 1),
            "most_backlog": max(count for _, count in self.backlog),
            "drained_after_s": round(self.drained_after_s, 1),
            "after_p99_ms": round(self.after.times().p99_ms, 1),
            "faults": self.faults,
        }


def main() -> None:
    """Measure once and print; exit 1 when something happened that must not."""
    parser = argparse.ArgumentParser(prog="run.py bench overload", description=__doc__)
    parser.add_argument("--seconds", type=float, default=300.0)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with running_stack() as stack:
        figures = measure(stack, options.seconds)
    print(json.dumps(figures.as_json()) if options.json else describe(figures))
    sys.exit(bool(figures.faults))


def measure(
    stack: BenchStack, seconds: float, *, patience: float = 2.0, timeout_s: float = TIMEOUT_S
) -> Figures:
    """Overload `stack` for `seconds` and follow it until it recovers, at most `patience` times as long.

    A request that is not answered within `timeout_s` of the moment at which it was due counts as a fault.
    """
    post = Posts(stack)
    closed_loop(stack.url, post.make, seconds=3)
    capacity = closed_loop(stack.url, post.make, seconds=min(15.0, seconds / 4)).per_second
    watch = BacklogWatch(stack)
    watch.wait_until_drained(within_s=seconds)
    rate = OVER * capacity
    with running_reference(stack) as reference:
        empty = build_request("GET", "/empty")
        closed_loop(reference.url, lambda _: empty, requests=200)
        calm = open_loop(reference.url, lambda _: empty, rate=rate, seconds=min(30.0, seconds / 4))
    before = set(comments_by_id(stack))
    post.accepted.clear()
    with watch.watching():
        load = open_loop(
            stack.url, post.make, rate=rate, seconds=seconds, timeout_s=timeout_s, on_answer=post.note
        )
        drained_after_s = watch.wait_until_drained(within_s=patience * seconds)
    stored = comments_by_id(stack)
    accepted = set(post.accepted)
    after = closed_loop(stack.url, post.make, clients=1, requests=_AFTERWARDS)
    return Figures(
        seconds=seconds,
        capacity=capacity,
        empty=calm.times(200),
        load=load,
        without_retry_after=post.without_retry_after,
        backlog=watch.seen,
        drained_after_s=drained_after_s,
        lost=len(accepted - set(stored)),
        unasked=max(0, len(set(stored) - before - accepted) - load.failures),
        unscreened=sum(status == "screening" for status in stored.values()),
        after=after,
    )


class Posts:
    """Submissions to one service, and what it said of them."""

    def __init__(self, stack: BenchStack) -> None:
        self._build: Callable[[bytes], bytes] = stack.submission
        self._submissions = Submissions()
        self.accepted: list[str] = []
        self.without_retry_after = 0

    def make(self, number: int) -> bytes:
        """The next request."""
        return self._build(self._submissions.next_body())

    def note(self, number: int, answer: Answer) -> None:
        """Keep the ids of what was accepted; a refusal has to say when to come back."""
        if answer.status == 202:
            self.accepted.append(json.loads(answer.body)["id"])
        elif answer.status in (429, 503) and not answer.header("retry-after").isdigit():
            self.without_retry_after += 1


def describe(figures: Figures) -> str:
    """The same for people."""
    load, accepted, refused = figures.load, figures.accepted, figures.load.times(429, 503)
    step = max(1, len(figures.backlog) // 12)
    backlog = "  ".join(f"{at:.0f} s: {count}" for at, count in figures.backlog[::step])
    statuses = ", ".join(f"{count} of {status}" for status, count in load.statuses.items())
    is_met = "met" if accepted.p99_ms <= figures.bound_ms else "MISSED"
    return f"""\
capacity      {figures.capacity:.0f} submissions a second (closed loop, 8 clients)
overload      {load.sent / figures.seconds:.0f} a second for {figures.seconds:.0f} s: {statuses}; \
no answer {load.failures}
accepted      p50 {accepted.p50_ms:.0f} ms, p99 {accepted.p99_ms:.0f} ms, max {accepted.max_ms:.0f} ms
refused       p50 {refused.p50_ms:.0f} ms, p99 {refused.p99_ms:.0f} ms
empty view    p50 {figures.empty.p50_ms:.1f} ms, p99 {figures.empty.p99_ms:.1f} ms at the same rate
goal          accepted p99 <= {figures.bound_ms:.0f} ms: {is_met}
backlog       {backlog}
drained       {figures.drained_after_s:.1f} s after the overload's end
afterwards    p99 {figures.after.times().p99_ms:.0f} ms, one client
faults        {"; ".join(figures.faults) or "none"}"""


if __name__ == "__main__":
    main()
