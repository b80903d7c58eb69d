"""Signals: what a check reports about a revision."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

# A check that could not finish, and an outside service without an answer on a site that requires one.
CHECK_FAILED = "engine.check_failed"
REMOTE_UNAVAILABLE = "remote.unavailable"
# A reader's comment without the proof of work that its site asks for.
NO_WORK, WRONG_WORK, USED_WORK = "form.no_work", "form.wrong_work", "form.used_work"


class Axis(StrEnum):
    """What a signal is about. Points on `trust` count against suspicion."""

    SPAM = "spam"
    ABUSE = "abuse"
    QUALITY = "quality"
    TRUST = "trust"


class Field(StrEnum):
    """The part of a submission that a span points into."""

    BODY = "body"
    NAME = "name"
    WEBSITE = "website"
    EMAIL = "email"


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of the original text: code points, half open, `text[start:end]`."""

    start: int
    end: int
    field: Field = Field.BODY


Param = str | int | float | bool


@dataclass(frozen=True, slots=True)
class Signal:
    """One finding of one check.

    `code` is stable ("links.shortener"); `points` is 0 or more; `confidence` is 0 to 1; signals of one
    `family` are capped together. One on `trust` that `relieves` an axis takes back points that the shared
    model gave there, at most all of them, and counts nowhere else. `params` fill the sentence that people
    read and never contain an address. The runner sets `check`, `version` and `duration_ms`.
    """

    code: str
    axis: Axis
    points: float
    family: str
    confidence: float = 1.0
    params: Mapping[str, Param] = field(default_factory=dict)
    spans: tuple[Span, ...] = ()
    relieves: Axis | None = None
    check: str = ""
    version: str = ""
    duration_ms: float = 0.0


def signal_to_json(signal: Signal) -> dict[str, Any]:
    """`signal` as plain JSON values, for storage."""
    relief = {"relieves": signal.relieves.value} if signal.relieves else {}
    return {
        "code": signal.code,
        "axis": signal.axis.value,
        "points": signal.points,
        "family": signal.family,
        "confidence": signal.confidence,
        "params": dict(signal.params),
        "spans": [[span.start, span.end, span.field.value] for span in signal.spans],
        "check": signal.check,
        "version": signal.version,
        "duration_ms": round(signal.duration_ms, 3),
        **relief,
    }


def signal_from_json(stored: Mapping[str, Any]) -> Signal:
    """The signal that `signal_to_json` stored."""
    return Signal(
        code=stored["code"],
        axis=Axis(stored["axis"]),
        points=stored["points"],
        family=stored["family"],
        confidence=stored["confidence"],
        params=stored["params"],
        spans=tuple(Span(start, end, Field(name)) for start, end, name in stored["spans"]),
        relieves=Axis(stored["relieves"]) if "relieves" in stored else None,
        check=stored["check"],
        version=stored["version"],
        duration_ms=stored["duration_ms"],
    )
