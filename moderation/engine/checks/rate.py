"""Checks how many comments the same author or the same connection has sent lately."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from moderation.domain.signals import Axis, Signal
from moderation.engine.facts import Context


@dataclass(frozen=True)
class Rate:
    """The counts do not include this comment. A connection has higher thresholds than an author, because many
    people may share it, as in a school.
    """

    @dataclass(frozen=True, slots=True)
    class Options:
        author_burst: int = 5
        author_day: int = 40
        ip_burst: int = 10
        ip_day: int = 100

    options: Options = Options()

    name = "rate"
    version = "1"
    axis = Axis.SPAM
    sentences: ClassVar[Mapping[str, str]] = {
        "rate.author_burst": "{count} comments of this author within 10 minutes",
        "rate.author_day": "{count} comments of this author within a day",
        "rate.ip_burst": "{count} comments from this connection within 10 minutes",
        "rate.ip_day": "{count} comments from this connection within a day",
    }

    def run(self, context: Context) -> list[Signal]:
        """One signal for each count at its threshold; its points double at twice the threshold."""
        rate, options = context.rate, self.options
        counted = (
            ("rate.author_burst", rate.author_last_10_minutes, options.author_burst),
            ("rate.author_day", rate.author_last_day, options.author_day),
            ("rate.ip_burst", rate.ip_last_10_minutes, options.ip_burst),
            ("rate.ip_day", rate.ip_last_day, options.ip_day),
        )
        return [
            Signal(code, Axis.SPAM, 3.0 if count >= 2 * threshold else 1.5, "rate", params={"count": count})
            for code, count, threshold in counted
            if count >= threshold
        ]
