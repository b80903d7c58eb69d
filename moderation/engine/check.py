"""What a check is."""

from typing import Protocol

from moderation.domain.signals import Axis, Signal
from moderation.engine.facts import Context


class Check(Protocol):
    """One kind of evidence. A check never decides, never raises for any text, and knows no other.

    `codes` are all signal codes it can emit; raise `version` with every change that may change a signal.
    Thresholds and lists of a check sit in its `Options`, a frozen dataclass that is its only constructor
    argument. All of the context is loaded, whatever a check looks at.
    """

    name: str
    version: str
    axis: Axis
    codes: frozenset[str]

    def run(self, context: Context) -> list[Signal]:
        """All findings about `context`, spans in code points of the original text."""
