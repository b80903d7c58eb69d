"""What the lean view of `bench/reference` costs: the measure of other costs in the same run.

A machine that is shared or hot makes everything dearer by turns, so that milliseconds of two runs say little
about each other. What a thing costs beside the lean view, in short rounds by turns, says more.
"""

from collections.abc import Callable, Sequence
from statistics import median, quantiles

import orjson

from bench.cpu import cpu_by_role, cpu_of
from bench.load import OnAnswer, closed_loop
from bench.result import Result
from bench.stack import BenchStack, Reference
from bench.texts import fresh_texts
from bench.wire import build_request

CLIENTS = 8
_SERVERS = ("postgres", "valkey")
_EMPTY = build_request("GET", "/empty")


class LeanView:
    """The running reference, asked for one durable insert after the other."""

    def __init__(self, stack: BenchStack, reference: Reference) -> None:
        self._stack, self._reference = stack, reference
        body = orjson.dumps({"name": "Ada Reader", "body": next(fresh_texts(1))})
        self._request = build_request("POST", "/lean", {"Content-Type": "application/json"}, body)

    def measure(self, count: int, *, clients: int = CLIENTS) -> tuple[dict[str, float], Result]:
        """CPU milliseconds per request by role, and how `count` requests went."""
        return self._measure(self._request, count, clients)

    def measure_empty(self, count: int, *, clients: int = CLIENTS) -> tuple[dict[str, float], Result]:
        """The same of the view that does nothing."""
        return self._measure(_EMPTY, count, clients)

    def _measure(self, request: bytes, count: int, clients: int) -> tuple[dict[str, float], Result]:
        return measure_requests(
            self._stack, self._reference.url, lambda _: request, self.web_cpu, count, clients=clients
        )

    def web_cpu(self) -> float:
        """CPU seconds of the reference's web process so far."""
        return cpu_of(self._reference.pid)


def measure_requests(
    stack: BenchStack,
    url: str,
    make: Callable[[int], bytes],
    web_cpu: Callable[[], float],
    count: int,
    *,
    clients: int = CLIENTS,
    on_answer: OnAnswer | None = None,
) -> tuple[dict[str, float], Result]:
    """CPU milliseconds per request of web, PostgreSQL and Valkey, and how `count` requests went."""

    def cpu() -> dict[str, float]:
        roles = cpu_by_role(stack.pid)
        return {"web": web_cpu(), **{role: roles[role] for role in _SERVERS}}

    before = cpu()
    result = closed_loop(url, make, clients=clients, requests=count, on_answer=on_answer)
    after = cpu()
    return {role: 1000 * (after[role] - before[role]) / count for role in after}, result


def spread(values: Sequence[float]) -> tuple[float, float, float]:
    """The median between the lower and the upper quartile."""
    if len(values) < 2:
        return values[0], values[0], values[0]
    lower, _, upper = quantiles(values, n=4, method="inclusive")
    return lower, median(values), upper
