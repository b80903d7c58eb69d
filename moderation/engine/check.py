"""What a check is."""

from collections.abc import Mapping
from typing import ClassVar, Protocol

from moderation.domain.signals import CHECK_FAILED, Axis, Param, Signal
from moderation.engine.facts import Context


class Check(Protocol):
    """One kind of evidence. A check never decides, never raises whatever the text, and knows no other check.

    `sentences` names all signal codes that it can emit, each with the sentence that moderators read
    (`{name}` stands for a parameter of the signal, `(s)` for the plural of its `count`).
    Raise `version` with every change that may change a signal.
    Thresholds and lists of a check sit in its `Options`, a frozen dataclass that is its only constructor
    argument. All of the context is loaded, whatever a check looks at.
    """

    name: str
    version: str
    axis: Axis
    sentences: ClassVar[Mapping[str, str]]

    def run(self, context: Context) -> list[Signal]:
        """All findings about `context`, spans in code points of the original text."""


def failed_check(name: str, error: str = "") -> Signal:
    """The signal that a check could not finish. `error` names the error's type only: its message may repeat
    what was written.
    """
    params: dict[str, Param] = {"check": name, "error": error} if error else {"check": name}
    return Signal(CHECK_FAILED, Axis.QUALITY, points=0.0, family="engine", params=params)
