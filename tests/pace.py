"""What a piece of work costs, measured against a loop that runs beside it: bounds for any machine."""

import sys
import time
from collections.abc import Callable

_ROUNDS = 20_000


def count_loops(work: Callable[[], object], *, tries: int = 5) -> float:
    """The CPU time of `work` in units of a fixed loop of plain Python, each at its quickest of `tries`.

    The loop takes some 2 ms. Both are timed by turns, so that what slows the machine down slows both.
    """
    tracer = sys.gettrace()
    sys.settrace(None)  # a measurement of coverage would be timed too
    try:
        timed = [(_cost_s(_loop), _cost_s(work)) for _ in range(tries)]
    finally:
        sys.settrace(tracer)
    return min(cost_s for _, cost_s in timed) / min(loop_s for loop_s, _ in timed)


def _loop() -> int:
    total = 0
    for number in range(_ROUNDS):
        total += len(str(number)) ^ number & 7
    return total


def _cost_s(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began
