"""What came of a run of requests: answers by status, latencies, and what got no answer."""

import math
from array import array
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple


class Times(NamedTuple):
    """How long answers took, in milliseconds."""

    answers: int
    p50_ms: float
    p99_ms: float
    max_ms: float


@dataclass(slots=True)
class Result:
    """What came of one run. Latencies are kept in seconds, by status."""

    seconds: float = 0.0
    sent: int = 0
    refused: int = 0  # the server took no connection
    broken: int = 0  # the connection ended before the answer
    timed_out: int = 0
    latencies: dict[int, "array[float]"] = field(default_factory=lambda: defaultdict(lambda: array("d")))

    @property
    def statuses(self) -> Counter[int]:
        """How many answers of each status."""
        return Counter({status: len(taken) for status, taken in sorted(self.latencies.items())})

    @property
    def answered(self) -> int:
        """Answers of any status."""
        return sum(self.statuses.values())

    @property
    def failures(self) -> int:
        """Requests without an answer."""
        return self.refused + self.broken + self.timed_out

    @property
    def per_second(self) -> float:
        """Answers a second."""
        return self.answered / self.seconds if self.seconds else 0.0

    def times(self, *statuses: int) -> Times:
        """Latencies of these statuses; of all answers without any."""
        chosen = [taken for status, taken in self.latencies.items() if not statuses or status in statuses]
        return summarise(second for taken in chosen for second in taken)

    def as_json(self) -> dict[str, Any]:
        """All of it as plain numbers."""
        return {
            "seconds": round(self.seconds, 2),
            "sent": self.sent,
            "per_second": round(self.per_second, 1),
            "statuses": {str(status): count for status, count in self.statuses.items()},
            "refused": self.refused,
            "broken": self.broken,
            "timed_out": self.timed_out,
            **{name: round(value, 2) for name, value in self.times()._asdict().items()},
        }


def summarise(seconds: Iterable[float]) -> Times:
    """Median, 99th percentile and maximum; of nothing they are NaN."""
    ordered = sorted(seconds)
    if not ordered:
        return Times(0, math.nan, math.nan, math.nan)
    at = [ordered[min(len(ordered) - 1, int(len(ordered) * share))] for share in (0.5, 0.99, 1.0)]
    return Times(len(ordered), *(value * 1000 for value in at))
