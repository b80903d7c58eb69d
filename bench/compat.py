"""What an answer of the compatible services costs: `python3 run.py bench compat`.

Starts a service of its own with two web processes, and the reference of `bench submit` on the same database.
One client, then eight, send texts of 480 characters to each service, to the reference's empty view and to its
lean view (one durable insert), by turns in many short rounds, so that a busy moment of the machine meets all.
Counted is the CPU time per request of the web processes, PostgreSQL and Valkey. In the same rounds other
processes, as many as cores are busy, run all checks and the verdict on such texts: the engine's own time. An
insert is what the lean view costs beyond the empty one. Ratios are medians of the rounds with eight clients,
beside their quartiles. `--clients 8 --rounds 4` measures in a minute.

`--json` prints the figures. Exits with 1 where an answer was wrong or missing; a missed goal is only printed.
"""

import argparse
import json
import math
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from bench.compat_requests import AKISMET, LENGTH, OPENAI, PERSPECTIVE, Kind, requests_of
from bench.compat_sides import Engines, Figures, judging
from bench.cpu import cpu_by_role
from bench.lean import LeanView, measure_requests, spread
from bench.result import Result
from bench.stack import BenchStack, running_reference, running_stack
from bench.submit import Side
from bench.wire import Answer
from moderation.language.models.cascade import is_encoder_used

ROUNDS = 15
CLIENTS = (1, 8)
CORES = 2  # and so many web processes
MOST_P99_MS = 50.0
# Perspective's published peak, and how much of the time a core may be busy.
PEAK_A_DAY, LOAD = 500_000_000, 0.5
ENGINE, EMPTY, LEAN = "engine", "empty view", "lean view"
# What a service may cost, of milliseconds: the engine's own time, the empty view, the lean view.
Allowed = Callable[[float, float, float], float]
GOALS: Mapping[Kind, tuple[str, Allowed]] = {
    PERSPECTIVE: ("1.2 engine + 0.5 empty view", lambda engine, empty, _: 1.2 * engine + 0.5 * empty),
    AKISMET: ("1.5 engine + empty view + insert", lambda engine, _, lean: 1.5 * engine + lean),
    OPENAI: ("1.5 engine + empty view + insert", lambda engine, _, lean: 1.5 * engine + lean),
}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="run.py bench compat", description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--requests", type=int, default=200, help="of each side in each round")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--clients", type=int, nargs="+", default=CLIENTS, help="the last count is judged")
    parser.add_argument("--no-encoder", action="store_true", help="as where onnxruntime is not installed")
    options = parser.parse_args()
    with judging(by_encoder=not options.no_encoder) as environment:
        figures = measure_all(environment, options.clients, options.requests, options.rounds)
        told = [json.dumps([as_json(each) for each in figures])] if options.json else report(figures)
        print("\n".join(told))
    faults = [fault for each in figures for fault in each.faults]
    sys.exit("\n".join(faults) if faults else 0)


def measure_all(
    environment: Mapping[str, str], counts: Sequence[int], requests: int, rounds: int
) -> list[Figures]:
    """Figures for each count of clients, on a fresh service."""
    with running_stack(
        "--web-processes", str(CORES), environment=environment, paused=("workers", "run_jobs")
    ) as stack:
        figures = []
        for clients in counts:
            with Engines(min(clients, CORES), environment) as engines:
                figures.append(measure(stack, engines, requests, rounds, clients))
        return figures


def measure(stack: BenchStack, engines: Engines, requests: int, rounds: int, clients: int) -> Figures:
    """All sides by turns, after a warm-up that is not counted."""
    figures = Figures(clients)
    seeds = enumerate(GOALS, start=10 * clients)
    makers = {kind: requests_of(kind, stack.keys, seed) for seed, kind in seeds}
    with running_reference(stack) as reference:
        view = LeanView(stack, reference)

        def run_all(count: int) -> None:
            figures.add(ENGINE, engines.measure(count))
            figures.add(EMPTY, view.measure_empty(count, clients=clients))
            figures.add(LEAN, view.measure(count, clients=clients))
            for kind, make in makers.items():
                figures.add(kind.name, _measure_kind(stack, kind, make, count, figures))

        run_all(max(requests, 50))
        figures.forget()
        for _ in range(rounds):
            run_all(requests)
    return figures


def _measure_kind(
    stack: BenchStack, kind: Kind, make: Callable[[int], bytes], count: int, figures: Figures
) -> tuple[dict[str, float], Result]:
    right = 0

    def on_answer(_: int, answer: Answer) -> None:
        nonlocal right
        right += answer.status == 200 and kind.is_right(answer)

    measured = measure_requests(
        stack,
        stack.url,
        make,
        lambda: cpu_by_role(stack.pid)["web"],
        count,
        clients=figures.clients,
        on_answer=on_answer,
    )
    if right < count:
        figures.wrong[kind.name] = figures.wrong.get(kind.name, 0) + count - right
    return measured


def cores_for_peak(cpu_ms: float) -> float:
    """How many cores, busy for `LOAD` of the time, carry Perspective's peak."""
    return PEAK_A_DAY / 86_400 * cpu_ms / 1000 / LOAD


def ratios(figures: Figures, kind: Kind) -> tuple[float, float, float]:
    """What the service costs beside what it may cost: the median between the quartiles."""
    allowed = GOALS[kind][1]
    sides = (figures.costs(name) for name in (kind.name, ENGINE, EMPTY, LEAN))
    return spread(
        [cost / allowed(engine, empty, lean) for cost, engine, empty, lean in zip(*sides, strict=True)]
    )


def report(all_figures: Sequence[Figures]) -> Iterator[str]:
    """The table, and for each goal whether it was met with the most clients."""
    yield (
        f"| {LENGTH} characters | clients | CPU ms | web | PostgreSQL | a second of one core "
        "| cores for the peak | p50 ms | p99 ms |"
    )
    yield "|---|---|---|---|---|---|---|---|---|"
    for figures in all_figures:
        yield from (_row(figures, side) for side in figures.sides.values())
    yield ""
    yield f"The encoder is {'' if is_encoder_used() else 'not '}used."
    yield f"Peak: {PEAK_A_DAY:,} analyses a day on cores that are busy for {LOAD:.0%} of the time."
    busiest = all_figures[-1]
    for kind, (told, _) in GOALS.items():
        lower, ratio, upper = ratios(busiest, kind)
        p99 = busiest.sides[kind.name].result.times(200).p99_ms
        quartiles = f"(quartiles {lower:.2f} to {upper:.2f})"
        yield f"{kind.name:<12} {ratio:.2f} {quartiles} of {told}: {_met(ratio <= 1)}"
        yield f"{'':<12} p99 {p99:.1f} ms of {MOST_P99_MS:.0f} ms: {_met(p99 < MOST_P99_MS)}"


def _row(figures: Figures, side: Side) -> str:
    cost, times = side.cpu_ms(), side.result.times()
    parts = [cost, *_parts(side), 1000 / cost, cores_for_peak(cost), times.p50_ms, times.p99_ms]
    told = ("-" if math.isnan(part) else f"{part:.4g}" for part in parts)
    return f"| {side.name} | {figures.clients} | {' | '.join(told)} |"


def _parts(side: Side) -> tuple[float, float]:
    """CPU milliseconds of the web processes and of PostgreSQL, in which nobody else's engine has a part."""
    return (math.nan, math.nan) if side.name == ENGINE else (side.cpu_ms("web"), side.cpu_ms("postgres"))


def _met(is_met: bool) -> str:
    return "met" if is_met else "MISSED"


def as_json(figures: Figures) -> dict[str, Any]:
    """The same figures as plain numbers."""
    sides = {
        name: {
            "cpu_ms": round(side.cpu_ms(), 3),
            "per_second_of_a_core": round(1000 / side.cpu_ms(), 1),
            "cores_for_peak": round(cores_for_peak(side.cpu_ms()), 1),
            **(side.result.as_json() if side.result.sent else {}),
        }
        for name, side in figures.sides.items()
    }
    goals = {kind.name: [round(value, 3) for value in ratios(figures, kind)] for kind in GOALS}
    return {"clients": figures.clients, "sides": sides, "ratios_to_goal": goals, "wrong": figures.wrong}


if __name__ == "__main__":
    main()
