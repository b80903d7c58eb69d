"""Does a series of samples grow? Medians of its thirds tell, so that no single spike does."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Growth:
    """What became of one quantity from the beginning to the end of its series."""

    name: str
    first: float
    last: float

    @property
    def added(self) -> float:
        """By how much it rose over the whole series."""
        return self.last - self.first

    @property
    def share(self) -> float:
        """The same as a share of where it began."""
        return self.added / self.first if self.first else 0.0

    def exceeds(self, *, share: float, least: float) -> bool:
        """True when it rose by more than `share`, and by more than `least`, which is within the noise."""
        return self.added > max(share * self.first, least)


def grow(name: str, series: Sequence[float]) -> Growth:
    """The straight line through the medians of the first and the last third, from end to end."""
    third = max(1, len(series) // 3)
    early, late = statistics.median(series[:third]), statistics.median(series[-third:])
    # The medians lie two thirds of the series apart.
    beyond = (late - early) / 4
    return Growth(name, early - beyond, late + beyond)
