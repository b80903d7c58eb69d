"""Recognises test markers, with which an operator can verify that screening works."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from moderation.domain.signals import Axis, Field, Signal, Span
from moderation.engine.facts import Context

# GTUBE: https://spamassassin.apache.org/gtube/
GTUBE = "XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X"
SPAM_MARKER = "moderation-test-spam"
HOLD_MARKER = "moderation-test-hold"
SPAM_NAME = "viagra-test-123"  # what testers of Akismet's API send as the name


@dataclass(frozen=True)
class Markers:
    """A marker counts anywhere in the body; the test name counts only as the whole name."""

    @dataclass(frozen=True, slots=True)
    class Options:
        spam_markers: tuple[str, ...] = (SPAM_MARKER, GTUBE)
        hold_markers: tuple[str, ...] = (HOLD_MARKER,)

    options: Options = Options()

    name = "markers"
    version = "1"
    axis = Axis.SPAM
    sentences: ClassVar[Mapping[str, str]] = {
        "test.spam": "The marker for testing spam",
        "test.hold": "The marker for testing holding",
    }

    def run(self, context: Context) -> list[Signal]:
        """One signal for each marker that is found, and one for the test name."""
        signals = [_found("test.spam", 100.0, marker, context) for marker in self.options.spam_markers]
        signals += [_found("test.hold", 3.0, marker, context) for marker in self.options.hold_markers]
        if context.author_name.strip() == SPAM_NAME:
            spans = (Span(0, len(context.author_name), Field.NAME),)
            signals.append(Signal("test.spam", Axis.SPAM, 100.0, "test", spans=spans))
        return [signal for signal in signals if signal]


def _found(code: str, points: float, marker: str, context: Context) -> Signal | None:
    start = context.text.find(marker)
    if start < 0:
        return None
    axis = Axis.SPAM if code == "test.spam" else Axis.QUALITY
    return Signal(code, axis, points, "test", spans=(Span(start, start + len(marker)),))
