"""Run checks over one context, and keep everything they say."""

import hashlib
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

from moderation.domain.signals import Axis, Signal
from moderation.engine.check import Check
from moderation.engine.facts import Context, SiteFacts
from moderation.engine.registry import LOCAL_CHECKS
from moderation.engine.verdict.scoring import CHECK_FAILED
from moderation.language.fold.normalise import normalise
from moderation.lib.failpoints import failpoint


@dataclass(frozen=True, slots=True)
class Run:
    """All signals in the order of the checks, and the names of the checks that could not finish."""

    signals: tuple[Signal, ...]
    failed: tuple[str, ...]
    duration_ms: float


def engine_version(checks: Sequence[Check]) -> str:
    """Changes whenever a check is added, removed, or says that it sees differently."""
    described = ",".join(f"{check.name}={check.version}" for check in checks)
    return "1+" + hashlib.sha256(described.encode()).hexdigest()[:8]


ENGINE_VERSION = engine_version(LOCAL_CHECKS)


def run_checks(context: Context, checks: Sequence[Check] = LOCAL_CHECKS) -> Run:
    """Every check runs, whatever the others found; one that raises is named, never silently lost."""
    began = time.perf_counter()
    signals: list[Signal] = []
    failed: list[str] = []
    for check in checks:
        check_began = time.perf_counter()
        try:
            found = check.run(context)
            failpoint("checks.mid_check", check.name, context.text)
        except Exception as error:  # noqa: BLE001 - a check's bug holds the comment, it never loses it
            found = [_check_failed(check, error)]
            failed.append(check.name)
        duration_ms = (time.perf_counter() - check_began) * 1000
        signals.extend(
            replace(signal, check=check.name, version=check.version, duration_ms=duration_ms)
            for signal in found
        )
    return Run(tuple(signals), tuple(failed), (time.perf_counter() - began) * 1000)


def warm_up() -> None:
    """Load lists and models now rather than at the first comment; before a process forks, for all."""
    text = "A text long enough for its language to be told, so that everything is loaded."
    site = SiteFacts(site_id="", languages=("en",))
    run_checks(Context(text, normalise(text), "A name", "", "mail.example", site))


def _check_failed(check: Check, error: Exception) -> Signal:
    """Names the error's type only: its message may repeat what was written."""
    return Signal(
        CHECK_FAILED,
        Axis.QUALITY,
        points=0.0,
        family="engine",
        params={"check": check.name, "error": type(error).__name__},
    )
