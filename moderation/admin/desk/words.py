"""The desk's words for acts, reasons, statuses and people."""

from collections.abc import Collection
from dataclasses import dataclass

from moderation.domain.reasons import MACHINE_REASONS, REASONS, ReasonText
from moderation.domain.status import STATUS_AFTER, Action, ActorKind, Status
from moderation.models import AuditEvent, Decision

OFFERED: tuple[ReasonText, ...] = tuple(r for r in REASONS if r.code not in MACHINE_REASONS | {"undo"})
OFFERED_CODES = frozenset(reason.code for reason in OFFERED)
_LABELS = {reason.code: reason.label for reason in REASONS}
_DONE = {
    Action.APPROVE: "approved",
    Action.REJECT: "rejected",
    Action.SPAM: "marked as spam",
    Action.DELETE: "deleted",
    Action.HOLD: "put into the queue",
    Action.RESTORE: "put back where it was",
}
SAMPLE_NOTE = (
    "Published by the checks and drawn at random for review; readers can see it. "
    "Approving it confirms that the checks were right."
)
_STANDS = {Status.SCREENING: "being checked", Status.HELD: "held"}
# The most likely reason for a rejection, by what the checks found; the first match counts.
_REASON_BY_FINDING = (
    ("wordlist.threat", "threat"),
    ("wordlist.hatred", "hate"),
    ("wordlist.slur", "hate"),
    ("wordlist.severe", "insult"),
    ("model.threat", "threat"),
    ("model.identity", "hate"),
    ("model.sexual", "sexual"),
    ("model.insult", "insult"),
    ("wordlist.strong", "insult"),
    ("duplicates.", "duplicate"),
)


@dataclass(frozen=True, slots=True)
class Act:
    """A button: its action, and the reason that it gives unless another one is selected."""

    action: Action
    word: str
    reason: str

    @property
    def value(self) -> str:
        """What the button sends."""
        return f"{self.action}:{self.reason}"

    @property
    def reason_label(self) -> str:
        """The short form of the reason, shown under the button's word."""
        return _LABELS[self.reason].partition(":")[0]


def offered_acts(status: Status, codes: Collection[str] = (), *, is_sample: bool = False) -> list[Act]:
    """Four buttons in fixed places: approve, reject, spam, delete. One that would change nothing is replaced
    by the one that returns the comment to the queue; approving a sample confirms the checks. A deletion can
    only be undone.
    """
    if status in (Status.DELETED, Status.ERASED):
        return []
    was_refused = status in (Status.SPAM, Status.REJECTED)
    acts = (
        Act(Action.APPROVE, "Approve", "second_look" if was_refused else "fine"),
        Act(Action.REJECT, "Reject", _reason_to_reject(codes)),
        Act(Action.SPAM, "Spam", "spam"),
        Act(Action.DELETE, "Delete", "rules"),
    )
    if is_sample:
        return list(acts)
    back = Act(Action.HOLD, "Back to queue", "second_look")
    return [back if STATUS_AFTER[act.action] == status else act for act in acts]


def _reason_to_reject(codes: Collection[str]) -> str:
    for prefix, reason in _REASON_BY_FINDING:
        if any(code.startswith(prefix) for code in codes):
            return reason
    return "rules"


def name_actor(decision: Decision) -> str:
    """Who decided: the name of a person or a key, or the part of the service."""
    if decision.actor_user is not None:
        return decision.actor_user.get_username()
    if decision.actor_key is not None:
        return f"the key “{decision.actor_key}”"
    machine = {ActorKind.RULE.value: "a rule", ActorKind.VERDICT.value: "the checks"}
    return machine.get(decision.actor_kind, "a deleted account")


def name_event_actor(event: AuditEvent) -> str:
    """The actor of an audit event."""
    if event.actor_user is not None:
        return event.actor_user.get_username()
    names = {"verdict": "the checks", "key": "a key", "person": "a deleted account"}
    return names.get(event.actor_kind, f"the {event.actor_kind}")


def tell_done(action: str) -> str:
    """`approved`, `marked as spam` and so on."""
    return _DONE[Action(action)]


def tell_reason(code: str) -> str:
    """A reason's label; an unknown code is returned as it is."""
    return _LABELS.get(code, code)


def tell_status(status: str) -> str:
    """A status for people."""
    return _STANDS.get(Status(status), status)


def count_comments(number: int) -> str:
    """`1 comment`, `3 comments`."""
    return f"{number} comment{'' if number == 1 else 's'}"
