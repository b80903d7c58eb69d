"""How much the same author or the same connection has sent lately."""

from dataclasses import dataclass

from moderation.domain.signals import Axis, Signal
from moderation.engine.facts import Context


@dataclass(frozen=True)
class Rate:
    """Counts before this comment. A connection may be a whole school: it may send twice as much."""

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
    codes = frozenset({"rate.author_burst", "rate.author_day", "rate.ip_burst", "rate.ip_day"})

    def run(self, context: Context) -> list[Signal]:
        """Half weight at the line, full weight at twice the line."""
        rate, options = context.rate, self.options
        counted = (
            ("rate.author_burst", rate.author_last_10_minutes, options.author_burst),
            ("rate.author_day", rate.author_last_day, options.author_day),
            ("rate.ip_burst", rate.ip_last_10_minutes, options.ip_burst),
            ("rate.ip_day", rate.ip_last_day, options.ip_day),
        )
        return [
            Signal(code, Axis.SPAM, 3.0 if count >= 2 * line else 1.5, "rate", params={"count": count})
            for code, count, line in counted
            if count >= line
        ]
