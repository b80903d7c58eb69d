"""Checks the author's record on this site."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from moderation.domain.signals import Axis, Signal
from moderation.engine.facts import Context


@dataclass(frozen=True)
class History:
    """A bad record counts for every author, and a good one only for authors with a proven address."""

    @dataclass(frozen=True, slots=True)
    class Options:
        full_trust_at: int = 6  # published comments; fewer give a proportional part of the trust
        most_trust: float = 2.0

    options: Options = Options()

    name = "history"
    version = "1"
    axis = Axis.TRUST
    sentences: ClassVar[Mapping[str, str]] = {
        "history.spam": "{count} of the author's {of} comments were spam",
        "history.rejected": "{count} of the author's {of} comments were rejected",
        "history.published": "{count} comment(s) of this proven author were published",
    }

    def run(self, context: Context) -> list[Signal]:
        """Points depend on shares of the record: one bad comment in a long good record counts little."""
        author = context.author
        total = author.published + author.rejected + author.spam
        signals = []
        if author.spam:
            points = 1.0 + 4.0 * author.spam / total
            signals.append(
                Signal(
                    "history.spam", Axis.SPAM, points, "history", params={"count": author.spam, "of": total}
                )
            )
        if author.rejected:
            points = 0.5 + 3.0 * author.rejected / total
            params = {"count": author.rejected, "of": total}
            signals.append(Signal("history.rejected", Axis.QUALITY, points, "history", params=params))
        if author.is_proven and author.published:
            share = min(1.0, author.published / self.options.full_trust_at)
            points = self.options.most_trust * share * author.published / total
            signals.append(
                Signal("history.published", Axis.TRUST, points, "history", params={"count": author.published})
            )
        return signals
