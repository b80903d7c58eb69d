"""What reading costs: `python3 run.py bench read [--requests N] [--rounds N] [--json]`.

Starts a service of its own, fills it with published threads of real comments of 50 words, a third of them
replies, and beside it the reference of `bench submit`, whose empty view is the measure ("hello"): Django
under the same shell and server, without middleware. Eight clients ask for each thing by turns in short
rounds, so that a busy moment of the machine meets all. Counted is the CPU time per request of the web
process, PostgreSQL and Valkey, so it is that of one core. The static file is sent by granian itself: there
is no nginx among our packages. Ratios are medians of the rounds. A rebuild is the first request for a thread
after a change. Last, comments arrive by the API at 50 a second on a thread that is read, and are screened and
published meanwhile.

`--json` prints the figures. A missed goal is only printed; exits with 1 where an answer was wrong.
"""

import argparse
import json
import sys
import threading
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from statistics import median
from typing import Any, NamedTuple

import orjson

from bench.cpu import use_by_role
from bench.lean import LeanView, measure_requests
from bench.load import open_loop
from bench.read_sides import Reader, ask_for, fill_threads, page_url
from bench.result import Result, Times
from bench.stack import BenchStack, Reference, running_reference, running_stack
from bench.wire import build_request

ROUNDS = 9
CHURN, READ_RATE, CHURN_S = 50, 200, 6.0
HELLO, FILE = "hello", "static file"
PAGE_50, DATA_50, COUNTS_20, KNOWN_50 = "page of 50", "JSON of 50", "counts of 20", "304"
PAGE_1000, DATA_1000, WHOLE_1000 = "first page of 1,000", "first JSON of 1,000", "whole JSON of 1,000"
MADE_50, MADE_JSON_50 = "rebuilt page of 50", "rebuilt JSON of 50"
MADE_1000, MADE_JSON_1000 = "rebuilt page, all 1,000", "rebuilt JSON, all 1,000"


class Gate(NamedTuple):
    """What a side may cost at most, as a multiple of another one."""

    side: str
    beside: str
    most: float


GATES = (
    Gate(PAGE_50, HELLO, 0.7),
    Gate(DATA_50, HELLO, 0.7),
    Gate(COUNTS_20, HELLO, 0.7),
    Gate(KNOWN_50, HELLO, 0.6),
    Gate(PAGE_1000, PAGE_50, 1.2),
    Gate(DATA_1000, DATA_50, 1.2),
    Gate(WHOLE_1000, DATA_50, 3.0),
    Gate(MADE_50, HELLO, 25.0),
    Gate(MADE_JSON_50, HELLO, 25.0),
    Gate(MADE_1000, HELLO, 200.0),
    Gate(MADE_JSON_1000, HELLO, 200.0),
)
MOST_P99_RATIO, MOST_BYTES_RATIO = 3.0, 1.15


@dataclass(slots=True)
class Read:
    """What one run found: CPU milliseconds of each side, round by round, and the rest."""

    costs: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    wrong: dict[str, int] = field(default_factory=dict)
    sizes: dict[str, int] = field(default_factory=dict)
    warm: Times | None = None
    churned: Times | None = None
    memory_mib: dict[str, float] = field(default_factory=dict)

    def add(self, side: str, measured: tuple[dict[str, float], Result], status: int = 200) -> None:
        """One more round of a side, whose answers all have this status."""
        cost, result = measured
        self.costs[side].append(sum(cost.values()))
        wrong = result.sent - result.statuses[status]
        if wrong:
            self.wrong[side] = self.wrong.get(side, 0) + wrong

    def ratio(self, side: str, beside: str) -> float:
        """The median over the rounds of both. Rounds that both have are compared one by one."""
        pairs = list(zip(self.costs[side], self.costs[beside], strict=False))
        return median(mine / theirs for mine, theirs in pairs)

    @property
    def p99_ratio(self) -> float:
        """The 99th percentile while comments arrive, as a multiple of that without."""
        assert self.warm is not None
        assert self.churned is not None
        return self.churned.p99_ms / self.warm.p99_ms

    def bytes_ratio(self, what: str) -> float:
        """The size of an answer as a multiple of its texts and names by gzip."""
        return self.sizes[what] / self.sizes["bare_gzip"]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="run.py bench read", description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--requests", type=int, default=300, help="of each side in each round")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    options = parser.parse_args()
    found = measure_all(options.requests, options.rounds)
    print("\n".join([json.dumps(as_json(found))] if options.json else report(found)))
    sys.exit(f"Wrong answers: {found.wrong}" if found.wrong else 0)


def measure_all(requests: int, rounds: int) -> Read:
    """Everything, on a fresh service."""
    found = Read()
    with running_stack(paused=("workers", "run_jobs"), environment={"TRUSTED_PROXIES": "1"}) as stack:
        found.sizes = fill_threads(stack, 20, 50, 2, "fifty")
        for name, number, size, replies in (("long", 1, 1000, 2), ("wide", 4, 1000, 19), ("idle", 1, 1, 0)):
            fill_threads(stack, number, size, replies, name)
        with running_reference(stack) as reference:
            _measure_costs(stack, reference, found, requests, rounds)
        _measure_sizes(Reader(stack), found)
        _measure_churn(stack, found)
    return found


def _measure_costs(stack: BenchStack, reference: Reference, found: Read, requests: int, rounds: int) -> None:
    reader, view = Reader(stack), LeanView(stack, reference)
    warm = {
        PAGE_50: reader.page("fifty"),
        DATA_50: reader.data("fifty"),
        COUNTS_20: reader.counts("fifty", 20),
        PAGE_1000: reader.page("long"),
        DATA_1000: reader.data("long"),
        WHOLE_1000: reader.data("wide"),
    }
    made = {
        MADE_50: ("fifty", [reader.page("fifty", each) for each in range(20)]),
        MADE_JSON_50: ("fifty", [reader.data("fifty", each) for each in range(20)]),
        MADE_1000: ("wide", [reader.page("wide", each) for each in range(4)]),
        MADE_JSON_1000: ("wide", [reader.data("wide", each) for each in range(4)]),
    }
    file = build_request("GET", "/file")
    for request in warm.values():
        reader.ask(request)
    found.memory_mib["before"] = use_by_role(stack.pid)["web"].own
    for each in range(rounds + 1):
        found.add(HELLO, view.measure_empty(requests))
        found.add(FILE, measure_requests(stack, reference.url, lambda _: file, view.web_cpu, requests))
        etag = reader.ask(reader.data("fifty")).header("etag")
        known = reader.measure([reader.data("fifty", etag=etag)], requests)
        found.add(KNOWN_50, known, status=304)
        for side, request in warm.items():
            found.add(side, reader.measure([request], requests))
        if each == 0 or each % 3 == 1:
            for side, (name, asked) in made.items():
                found.add(side, reader.measure_rebuild(name, asked))
        if each == 0:
            found.costs.clear()  # the warm-up
    found.memory_mib["after"] = use_by_role(stack.pid)["web"].own


def _measure_sizes(reader: Reader, found: Read) -> None:
    asked = {"page": reader.page("fifty"), "json": reader.data("fifty")}
    reader.change("fifty")
    for name, request in asked.items():
        found.sizes[f"{name}_new_br"] = len(reader.ask(request).body)
    reader.wait(4.0)  # what stands is compressed once more
    for name, request in asked.items():
        by_gzip = request.replace(b"gzip, deflate, br", b"gzip")
        found.sizes[f"{name}_br"] = len(reader.ask(request).body)
        found.sizes[f"{name}_gzip"] = len(reader.ask(by_gzip).body)


def _measure_churn(stack: BenchStack, found: Read) -> None:
    """Latencies of readers of one thread, first alone, then while comments arrive on it."""
    request = Reader(stack).data("fifty", 1)
    stack.resume("workers", "run_jobs")

    def read() -> Times:
        return open_loop(stack.url, lambda _: request, rate=READ_RATE, seconds=CHURN_S).times(200)

    ask_for(stack.url, request)
    found.warm = read()
    numbers = count(1)

    def submission(_: int) -> bytes:
        return stack.submission(_comment(next(numbers)))

    writer = threading.Thread(
        target=lambda: open_loop(stack.url, submission, rate=CHURN, seconds=CHURN_S + 2)
    )
    writer.start()
    found.churned = read()
    writer.join()


def _comment(number: int) -> bytes:
    return orjson.dumps(
        {
            "thread": {"url": page_url("fifty", 1)},
            "name": f"Reader {number}",
            "email": f"churn{number}@reader.example",
            "body": f"I have seen the ferry come in {number} times, and it was late on most of the days.",
        }
    )


def report(found: Read) -> Iterator[str]:
    """The table, and for each gate whether it was met."""
    yield "| what | CPU ms | times hello |"
    yield "|---|---|---|"
    for side, costs in found.costs.items():
        yield f"| {side} | {median(costs):.4f} | {found.ratio(side, HELLO):.2f} |"
    yield ""
    for gate in GATES:
        ratio = found.ratio(gate.side, gate.beside)
        is_met = _met(ratio <= gate.most)
        yield f"{gate.side}: {ratio:.2f} times {gate.beside}, at most {gate.most:g}: {is_met}"
    yield from _report_rest(found)


def _report_rest(found: Read) -> Iterator[str]:
    assert found.warm is not None
    assert found.churned is not None
    yield (
        f"p99 while {CHURN} comments a second arrive: {found.churned.p99_ms:.1f} ms, alone "
        f"{found.warm.p99_ms:.1f} ms: {found.p99_ratio:.2f} times, at most {MOST_P99_RATIO:g}: "
        f"{_met(found.p99_ratio <= MOST_P99_RATIO)}"
    )
    sizes, ratio = found.sizes, found.bytes_ratio("json_br")
    yield (
        f"JSON of 50 on the wire: {sizes['json_br']} bytes, {ratio:.3f} times the gzip of texts and names "
        f"({sizes['bare_gzip']}), at most {MOST_BYTES_RATIO}: {_met(ratio <= MOST_BYTES_RATIO)}"
    )
    for what in ("json_new_br", "json_gzip", "page_br", "page_new_br", "page_gzip"):
        yield f"{what}: {found.sizes[what]} bytes, {found.bytes_ratio(what):.3f} times"
    memory = found.memory_mib
    yield f"Memory of the web process: {memory['before']:.1f} MiB, {memory['after']:.1f} MiB after all reads"


def _met(is_met: bool) -> str:
    return "met" if is_met else "MISSED"


def as_json(found: Read) -> dict[str, Any]:
    """The same figures as plain numbers."""
    assert found.warm is not None
    assert found.churned is not None
    gates = {
        f"{gate.side} / {gate.beside}": [round(found.ratio(gate.side, gate.beside), 3), gate.most]
        for gate in GATES
    }
    gates["p99 while comments arrive / alone"] = [round(found.p99_ratio, 3), MOST_P99_RATIO]
    gates["JSON on the wire / gzip of texts and names"] = [
        round(found.bytes_ratio("json_br"), 3),
        MOST_BYTES_RATIO,
    ]
    return {
        "cpu_ms": {side: round(median(costs), 4) for side, costs in found.costs.items()},
        "gates": gates,
        "sizes": found.sizes,
        "p99_ms": {"alone": found.warm.p99_ms, "while comments arrive": found.churned.p99_ms},
        "memory_mib": found.memory_mib,
        "wrong": found.wrong,
    }


if __name__ == "__main__":
    main()
