"""The desk's words for acts, reasons and people."""

from collections.abc import Collection
from dataclasses import dataclass

from moderation.domain.reasons import MACHINE_REASONS, REASONS, ReasonText
from moderation.domain.status import Action, ActorKind, Status
from moderation.models import Decision

OFFERED: tuple[ReasonText, ...] = tuple(r for r in REASONS if r.code not in MACHINE_REASONS | {"undo"})
OFFERED_CODES = frozenset(reason.code for reason in OFFERED)
LABELS = {reason.code: reason.label for reason in REASONS}

DONE = {
    Action.APPROVE: "approved",
    Action.REJECT: "rejected",
    Action.SPAM: "marked as spam",
    Action.DELETE: "deleted",
    Action.HOLD: "held",
    Action.RESTORE: "put back",
}
STANDS = {
    Status.SCREENING: "still being checked",
    Status.HELD: "waiting in the queue",
    Status.PUBLISHED: "published",
    Status.SPAM: "marked as spam",
    Status.REJECTED: "rejected",
    Status.DELETED: "deleted",
    Status.ERASED: "erased",
}
# What a moderator most likely means by rejecting, by what the checks found; the first that fits.
_REASON_BY_FINDING = (
    ("wordlist.threat", "threat"),
    ("wordlist.slur", "hate"),
    ("wordlist.severe", "insult"),
    ("wordlist.strong", "insult"),
    ("duplicates.", "duplicate"),
)


@dataclass(frozen=True, slots=True)
class Act:
    """A button: what it does, with the reason that it gives unless another one is chosen."""

    action: Action
    word: str
    reason: str
    leads_to: Status

    @property
    def value(self) -> str:
        """What the button sends."""
        return f"{self.action}:{self.reason}"

    @property
    def reason_label(self) -> str:
        """The reason as it fits under the button's word."""
        return LABELS[self.reason].partition(":")[0]

    @property
    def stands(self) -> str:
        """The word in the button's place on a comment that stands there already."""
        return STANDS[self.leads_to].capitalize()


def offered_acts(status: Status = Status.HELD, codes: Collection[str] = ()) -> tuple[Act, ...]:
    """The four acts, always in this order, with the reasons most likely meant."""
    was_refused = status in (Status.SPAM, Status.REJECTED)
    return (
        Act(Action.APPROVE, "Approve", "second_look" if was_refused else "fine", Status.PUBLISHED),
        Act(Action.REJECT, "Reject", _reason_to_reject(codes), Status.REJECTED),
        Act(Action.SPAM, "Spam", "spam", Status.SPAM),
        Act(Action.DELETE, "Delete", "author_request", Status.DELETED),
    )


def _reason_to_reject(codes: Collection[str]) -> str:
    for prefix, reason in _REASON_BY_FINDING:
        if any(code.startswith(prefix) for code in codes):
            return reason
    return "off_topic"


def name_actor(decision: Decision) -> str:
    """Who decided: a person's name, a key's, or the machine's part."""
    if decision.actor_user is not None:
        return decision.actor_user.get_username()
    if decision.actor_key is not None:
        return f"the key “{decision.actor_key}”"
    machine = {ActorKind.RULE: "a rule", ActorKind.VERDICT: "the checks"}
    return machine.get(ActorKind(decision.actor_kind), "somebody whose account is gone")


def tell_done(action: str) -> str:
    """`approved`, `marked as spam` and so on."""
    return DONE[Action(action)]


def tell_reason(code: str) -> str:
    """A reason's label; an unknown code speaks for itself."""
    return LABELS.get(code, code)


def count_comments(number: int) -> str:
    """`1 comment`, `3 comments`."""
    return f"{number} comment{'' if number == 1 else 's'}"
