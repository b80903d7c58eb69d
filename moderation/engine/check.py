"""What a check is."""

from typing import Literal, Protocol

from moderation.domain.signals import Axis, Signal
from moderation.engine.facts import Context

Stage = Literal["local", "remote"]
LOCAL: Stage = "local"
REMOTE: Stage = "remote"  # reads what an outside service has answered before


class Check(Protocol):
    """One kind of evidence. A check never decides, never raises for any text, and knows no other.

    `codes` are all signal codes it can emit; `needs` names what of the context must be loaded
    ("author", "campaign", "domains", "earlier", "form", "rate", "remote"; text, names and site are always
    there); raise `version` with every change that may change a signal. Thresholds and lists of a check sit
    in its `Options`, a frozen dataclass that is its only constructor argument.
    """

    name: str
    version: str
    axis: Axis
    stage: Stage
    needs: frozenset[str]
    codes: frozenset[str]

    def run(self, context: Context) -> list[Signal]:
        """All findings about `context`, spans in code points of the original text."""
