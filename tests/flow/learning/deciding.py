"""A site whose people decide on held comments, and what its filter learned from these decisions."""

from collections.abc import Sequence
from random import Random
from typing import Any
from uuid import UUID

from moderation.domain.status import Action
from moderation.flow.comments.decide import Choice, decide
from moderation.flow.learning.refit import refit_due
from moderation.flow.record import SYSTEM, Actor
from moderation.flow.site.settings import change_policy
from moderation.models import Comment, Decision, Job, Screening, Site, SiteFilter, StoredExample
from tests.builders import build_site, submit_screened

DISLIKED = "bicycle"
# With this many decisions the filter is fitted and its probabilities are calibrated.
ENOUGH = 90
_WORDS = [
    "council", "bridge", "river", "tenants", "market", "school", "library",
    "garden", "winter", "ferry", "harbour", "station", "museum", "theatre",
    "orchard", "valley", "summer", "bakery", "tunnel", "tower", "village",
    "castle", "meadow", "island", "forest",
]  # fmt: skip


def premoderated(*named: str, **fields: Any) -> Site:
    """A site at which every comment waits for a person, who may then decide on it."""
    site = build_site(*named, **fields)
    change_policy(site.id, actor=SYSTEM, settings={"premoderate": True})
    return site


def text(number: int) -> str:
    """A text unlike the others, every second one with the disliked word."""
    words = Random(number).sample(_WORDS, 8)
    return f"The {' '.join(words)} of {number} {DISLIKED if number % 2 else ''}".strip()


def write(site: Site, number: int, **changes: Any) -> Comment:
    url = f"https://{site.hosts[0]}/page"
    return submit_screened(site, text(number), email=f"reader{number}@reader.example", url=url, **changes)


def run_jobs() -> None:
    Job.objects.filter(kind="learn").update(due_at="2020-01-01T00:00:00Z")
    refit_due(runner="run_jobs")


def rule(site: Site, comment: Comment, actor: Actor, action: Action, reason: str = "rules") -> Decision:
    return decide(Choice(comment.id), site_id=site.id, action=action, reason=reason, actor=actor)


def decide_by_taste(site: Site, actor: Actor, count: int = ENOUGH, *, first: int = 0) -> list[Decision]:
    """Decisions of somebody who rejects whatever mentions bicycles, with a refit after every ten."""
    made = []
    for number in range(first, first + count):
        action = Action.REJECT if number % 2 else Action.APPROVE
        made.append(rule(site, write(site, number), actor, action))
        if len(made) % 10 == 0 or len(made) == count:
            run_jobs()
    return made


def signals_of(comment: Comment) -> dict[str, dict[str, Any]]:
    found = Screening.objects.filter(comment=comment).latest("created_at").signals
    return {each["code"]: each for each in found if each["code"].startswith("site_filter.")}


def stored(site: Site) -> SiteFilter:
    return SiteFilter.objects.get(site=site)


def example_of(decision: Decision) -> StoredExample:
    return StoredExample.objects.get(decision_id=decision.id)


def learned_ids(site: Site) -> set[UUID]:
    return set(StoredExample.objects.filter(site=site).values_list("decision_id", flat=True))


def content(site: Site) -> Sequence[object]:
    row = stored(site)
    axes = {axis: {**stored, "validation": None} for axis, stored in row.axes.items()}
    return (row.example_count, axes, bytes(row.abuse_weights), bytes(row.spam_weights))
