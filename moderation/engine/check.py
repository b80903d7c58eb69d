"""The interface of a check."""

from collections.abc import Mapping
from typing import ClassVar, Protocol

from moderation.domain.signals import CHECK_FAILED, Axis, Param, Signal
from moderation.engine.facts import Context


class Check(Protocol):
    """Emits signals of one kind of evidence.

    A check never decides on a comment, never raises an exception because of a text, and does not depend on
    other checks. `sentences` has all signal codes that it can emit, each with the sentence that moderators
    read (`{name}` stands for a parameter of the signal, `(s)` for the plural of its `count`). Increase
    `version` with every change that may change a signal. The thresholds and lists of a check are fields of
    its `Options`, a frozen dataclass that is its only constructor argument. The context is always loaded
    completely, whichever parts of it a check reads.
    """

    name: str
    version: str
    axis: Axis
    sentences: ClassVar[Mapping[str, str]]

    def run(self, context: Context) -> list[Signal]:
        """The signals for `context`; spans are in code points of the original text."""


def failed_check(name: str, error: str = "") -> Signal:
    """The signal that a check could not finish. `error` is the type of the exception; its message is left
    out, because it may quote the comment.
    """
    params: dict[str, Param] = {"check": name, "error": error} if error else {"check": name}
    return Signal(CHECK_FAILED, Axis.QUALITY, points=0.0, family="engine", params=params)
