"""Turns stored answers of outside services about this revision into signals, without calling a service."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from moderation.domain.remote import ABUSE_CATEGORIES, NO_CATEGORY, AnswerState, OnFailure, RemoteKind
from moderation.domain.signals import REMOTE_UNAVAILABLE, Axis, Signal
from moderation.engine.facts import Context, RemoteReport

FAMILY = "remote"
SERVICE_NAMES = {RemoteKind.AKISMET.value: "Akismet", RemoteKind.POLICY_MODEL.value: "the policy model"}
_ERRORS = {
    "timeout": "it took too long",
    "refused": "it could not be reached",
    "busy": "it was busy",
    "unauthorised": "it does not know our key",
    "bad_answer": "its answer made no sense",
    "off_schema": "its answer did not keep to the schema",
    "incomplete": "it requires the network that a comment came from, and none was given",
    "breaker_open": "it failed too often lately and is left alone for a while",
    "over_budget": "the calls of the day are used up",
    "not_allowed": "the operator does not allow its host",
    "gave_up": "asking it failed again and again",
}


@dataclass(frozen=True)
class Remote:
    """Turns answers of Akismet and of the policy model into signals.

    A favourable answer gives no signal, so that no answer makes a verdict milder. A missing answer holds the
    comment, unless the site has chosen to ignore failures of the service.
    """

    @dataclass(frozen=True, slots=True)
    class Options:
        spam: float = 4.0  # enough to hold a comment; for spam, local checks must add points
        discard: float = 8.0  # enough for spam: Akismet answered “discard”, that is, blatant spam
        abuse: float = 6.0  # multiplied by the model's confidence: a confidence of 2/3 holds
        quality: float = 4.0  # multiplied likewise
        least_confidence: float = 0.5  # answers below it give no signal

    options: Options = Options()

    name = "remote"
    version = "1"
    axis = Axis.SPAM
    sentences: ClassVar[Mapping[str, str]] = {
        "remote.akismet_spam": "Akismet takes it for spam{sure}",
        "remote.policy_broken": "The policy model says: {category}, {percent} % sure. “{reason}”",
        REMOTE_UNAVAILABLE: "No answer from {service}: {error}",
        "remote.ignored_failure": "No answer from {service}: {error}; this site goes on without it",
    }

    def run(self, context: Context) -> list[Signal]:
        """At most one signal for each service that was asked."""
        found = (self._read(report) for report in context.remote.reports)
        return [signal for signal in found if signal is not None]

    def _read(self, report: RemoteReport) -> Signal | None:
        if report.state == AnswerState.FAILED:
            return _failure(report)
        if report.state != AnswerState.OK:
            return None
        if report.kind == RemoteKind.AKISMET:
            return self._akismet(report)
        return self._policy(report)

    def _akismet(self, report: RemoteReport) -> Signal | None:
        if not report.findings["spam"]:
            return None
        is_blatant = bool(report.findings["discard"])
        points = self.options.discard if is_blatant else self.options.spam
        sure = ", and says that nobody needs to look" if is_blatant else ""
        return Signal("remote.akismet_spam", Axis.SPAM, points, FAMILY, params={"sure": sure})

    def _policy(self, report: RemoteReport) -> Signal | None:
        category, confidence = str(report.findings["category"]), float(report.findings["confidence"])
        if category == NO_CATEGORY or confidence < self.options.least_confidence:
            return None
        is_abuse = category in ABUSE_CATEGORIES
        return Signal(
            "remote.policy_broken",
            Axis.ABUSE if is_abuse else Axis.QUALITY,
            self.options.abuse if is_abuse else self.options.quality,
            FAMILY,
            confidence=confidence,
            params={
                "category": category.replace("_", " "),
                "reason": str(report.findings["reason"]),
                "percent": round(confidence * 100),
            },
        )


def _failure(report: RemoteReport) -> Signal:
    code = REMOTE_UNAVAILABLE if report.on_failure == OnFailure.HOLD else "remote.ignored_failure"
    params = {
        "service": SERVICE_NAMES.get(report.kind, report.kind),
        "error": _ERRORS.get(report.error, report.error),
    }
    return Signal(code, Axis.QUALITY, 0.0, FAMILY, params=params)
