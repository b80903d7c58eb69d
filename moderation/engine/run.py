"""Runs the checks on one context and collects all their signals."""

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
    """A version that changes whenever a check is added, removed or moved, or changes its own version."""
    described = ",".join(f"{check.name}={check.version}" for check in checks)
    return "1+" + hashlib.sha256(described.encode()).hexdigest()[:8]


ENGINE_VERSION = engine_version(LOCAL_CHECKS)


def run_checks(context: Context, checks: Sequence[Check] = LOCAL_CHECKS) -> Run:
    """Run every check, whatever the others find. A check that raises an exception gives a failure signal."""
    began = time.perf_counter()
    signals: list[Signal] = []
    failed: list[str] = []
    for check in checks:
        check_began = time.perf_counter()
        try:
            found = check.run(context)
            failpoint("checks.mid_check", check.name, context.text)
        except Exception as error:  # noqa: BLE001 - a bug in a check holds the comment and never loses it
            found = [failed_check(check.name, type(error).__name__)]
            failed.append(check.name)
        duration_ms = (time.perf_counter() - check_began) * 1000
        signals.extend(
            replace(signal, check=check.name, version=check.version, duration_ms=duration_ms)
            for signal in found
        )
    return Run(tuple(signals), tuple(failed), (time.perf_counter() - began) * 1000)


def add_rules(run: Run, context: Context, rules: SiteRules, policy: Policy) -> Run:
    """`run` with the signals of the site's rules. A bug in a rule holds the comment and never loses it."""
    if not (rules.rules or rules.broken):
        return run
    began = time.perf_counter()
    failed = run.failed
    try:
        scores = score(run.signals, policy) if rules.needs_scores else {}
        found = match_rules(context, run.signals, scores, rules)
    except Exception as error:  # noqa: BLE001 - as for a check: reported as a failure signal
        found = [failed_check(site_rules.NAME, type(error).__name__)]
        failed = (*failed, site_rules.NAME)
    took_ms = (time.perf_counter() - began) * 1000
    stamped = tuple(
        replace(signal, check=site_rules.NAME, version=site_rules.VERSION, duration_ms=took_ms)
        for signal in found
    )
    return Run((*run.signals, *stamped), failed, run.duration_ms + took_ms)


def warm_up() -> None:
    """Load lists and models before the first comment. Processes that are forked afterwards share them."""
    text = "A text long enough for its language to be told, so that everything is loaded."
    site = SiteFacts(site_id="", languages=("en",))
    run_checks(Context(text, normalise(text), "A name", "", "mail.example", site))
