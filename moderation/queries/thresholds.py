"""Choices of thresholds for a site, each with its effect on known comments."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

from moderation.engine.verdict.presets import (
    PRESETS,
    Effect,
    Judged,
    Thresholds,
    fit_thresholds,
    measure_effect,
)
from moderation.queries.outcomes import approved_comments, removed_comments
from moderation.queries.site_facts import policies_of

IN_FORCE = "in force"
FITTED = "fitted"


@dataclass(frozen=True, slots=True)
class Way:
    """Thresholds by name (`IN_FORCE`, a preset's or `FITTED`), and their effect under the site's policy on
    published comments and on comments that people removed.
    """

    name: str
    thresholds: Thresholds
    approved: Effect
    removed: Effect


@dataclass(frozen=True, slots=True)
class Comparison:
    """All choices: the thresholds in force first, then the presets, then fitted ones if enough is known."""

    ways: tuple[Way, ...]
    approved: int  # comments that each choice was tried on
    removed: int

    @property
    def in_force(self) -> Thresholds:
        """The thresholds of the current policy."""
        return self.ways[0].thresholds


def compare_thresholds(site_id: UUID, share: float) -> Comparison:
    """Try each choice on a site's latest comments; the fitted one holds at most `share` (0 to 1) of the
    approved.
    """
    policy = policies_of([site_id])[site_id]
    approved, removed = approved_comments(site_id, policy), removed_comments(site_id, policy)
    ways = []
    for name, thresholds in _ways(Thresholds.of(policy), approved, share):
        tried = thresholds.within(policy)
        ways.append(Way(name, thresholds, measure_effect(approved, tried), measure_effect(removed, tried)))
    return Comparison(tuple(ways), len(approved), len(removed))


def _ways(in_force: Thresholds, approved: Sequence[Judged], share: float) -> Iterator[tuple[str, Thresholds]]:
    yield IN_FORCE, in_force
    yield from ((preset.value, thresholds) for preset, thresholds in PRESETS.items())
    fitted = fit_thresholds(approved, share)
    if fitted:
        yield FITTED, fitted
