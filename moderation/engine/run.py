"""Run checks over one context, and keep everything they say."""

import hashlib
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

from moderation.domain.signals import Signal
from moderation.engine.check import Check, failed_check
from moderation.engine.facts import Context, SiteFacts
from moderation.engine.registry import LOCAL_CHECKS
from moderation.engine.rules import site_rules
from moderation.engine.rules.site_rules import SiteRules, match_rules
from moderation.engine.verdict.policy import Policy
from moderation.engine.verdict.scoring import score
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
    """Every check runs, whatever the others found; one that raises is reported, never silently dropped."""
    began = time.perf_counter()
    signals: list[Signal] = []
    failed: list[str] = []
    for check in checks:
        check_began = time.perf_counter()
        try:
            found = check.run(context)
            failpoint("checks.mid_check", check.name, context.text)
        except Exception as error:  # noqa: BLE001 - a check's bug holds the comment, it never loses it
            found = [failed_check(check.name, type(error).__name__)]
            failed.append(check.name)
        duration_ms = (time.perf_counter() - check_began) * 1000
        signals.extend(
            replace(signal, check=check.name, version=check.version, duration_ms=duration_ms)
            for signal in found
        )
    return Run(tuple(signals), tuple(failed), (time.perf_counter() - began) * 1000)


def add_rules(run: Run, context: Context, rules: SiteRules, policy: Policy) -> Run:
    """`run` with the matches of the site's rules. A bug in a rule holds the comment and never loses it."""
    if not (rules.rules or rules.broken):
        return run
    began = time.perf_counter()
    failed = run.failed
    try:
        scores = score(run.signals, policy) if rules.needs_scores else {}
        found = match_rules(context, run.signals, scores, rules)
    except Exception as error:  # noqa: BLE001 - as for a check: named, never silently lost
        found = [failed_check(site_rules.NAME, type(error).__name__)]
        failed = (*failed, site_rules.NAME)
    took_ms = (time.perf_counter() - began) * 1000
    stamped = tuple(
        replace(signal, check=site_rules.NAME, version=site_rules.VERSION, duration_ms=took_ms)
        for signal in found
    )
    return Run((*run.signals, *stamped), failed, run.duration_ms + took_ms)


def warm_up() -> None:
    """Load lists and models now rather than at the first comment; before a process forks, for all."""
    text = "A text long enough for its language to be told, so that everything is loaded."
    site = SiteFacts(site_id="", languages=("en",))
    run_checks(Context(text, normalise(text), "A name", "", "mail.example", site))
