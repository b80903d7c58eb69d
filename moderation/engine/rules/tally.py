"""Counts how far a rule agrees with people's decisions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from moderation.domain.rules import OUTCOME_OF_ACTION, RuleAction
from moderation.domain.status import Action, Outcome
from moderation.engine.verdict.scoring import SEVERITY

# The most comment ids that are kept for each kind of disagreement.
MOST_DIFFERENCES = 200
REMOVALS = (Action.SPAM.value, Action.REJECT.value)


@dataclass(slots=True)
class Tally:
    """The counts of a backtest so far.

    `matched` counts the comments that the rule matches, and `decided` all comments, by people's action
    (`approve`, `spam`, `reject`). `already` counts matches that the former verdict treated at least as
    strictly as the rule would. `differences` holds the ids of comments that the rule matches and people
    approved, and `missed` those that people removed and the rule does not match: the first
    `MOST_DIFFERENCES` of each.
    """

    matched: dict[str, int] = field(default_factory=dict)
    decided: dict[str, int] = field(default_factory=dict)
    already: int = 0
    differences: list[str] = field(default_factory=list)
    missed: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, counts: Mapping[str, Any], differences: Sequence[str], missed: Sequence[str]) -> "Tally":
        """Restore a tally from its stored parts."""
        return cls(
            matched=dict(counts.get("matched", {})),
            decided=dict(counts.get("decided", {})),
            already=counts.get("already", 0),
            differences=list(differences),
            missed=list(missed),
        )

    def counts(self) -> dict[str, Any]:
        """The counts as plain values for storage."""
        return {"matched": self.matched, "decided": self.decided, "already": self.already}

    def add(self, comment_id: str, did: str, outcome: str, action: RuleAction, *, is_match: bool) -> None:
        """Count one comment: `did` is a person's action, `outcome` the former verdict's outcome (empty
        without a verdict), `action` what the rule would do.
        """
        self.decided[did] = self.decided.get(did, 0) + 1
        if is_match:
            self.matched[did] = self.matched.get(did, 0) + 1
            self.already += _is_as_severe(outcome, action)
        was_removed = did in REMOVALS
        if is_match != was_removed:
            differing = self.missed if was_removed else self.differences
            if len(differing) < MOST_DIFFERENCES:
                differing.append(comment_id)

    @property
    def all_matched(self) -> int:
        """How many comments the rule matches."""
        return sum(self.matched.values())

    @property
    def wrongly_matched(self) -> int:
        """How many of the matched comments people approved."""
        return self.all_matched - _removed(self.matched)

    @property
    def precision(self) -> float | None:
        """The share of the rule's matches that people removed; None if it matches nothing."""
        return _removed(self.matched) / self.all_matched if self.all_matched else None

    @property
    def recall(self) -> float | None:
        """The share of the removed comments that the rule matches; None if people removed nothing."""
        removed = _removed(self.decided)
        return _removed(self.matched) / removed if removed else None


def _removed(numbers: Mapping[str, int]) -> int:
    return sum(numbers.get(action, 0) for action in REMOVALS)


def _is_as_severe(outcome: str, action: RuleAction) -> bool:
    if not outcome:
        return False
    return SEVERITY.index(Outcome(outcome)) >= SEVERITY.index(OUTCOME_OF_ACTION[action])
