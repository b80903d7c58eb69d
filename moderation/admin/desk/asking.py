"""What a moderator's form asks for: which comments in which version, what to do, and why."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.http import Http404, HttpRequest

from moderation.admin.desk.tabs import read_uuid
from moderation.domain.reasons import MACHINE_REASONS, REASONS
from moderation.domain.status import Action
from moderation.flow.decide import PERSONS_ACTIONS, Choice

MOST_AT_ONCE = 100
MOST_NOTE = 1000
OFFERED = tuple(reason for reason in REASONS if reason.code not in MACHINE_REASONS | {"undo"})
# What a single click means.
USUAL_REASON = {
    Action.APPROVE: "fine",
    Action.REJECT: "rules",
    Action.SPAM: "spam",
    Action.DELETE: "rules",
    Action.HOLD: "second_look",
}
_ACTIONS = {action.value: action for action in PERSONS_ACTIONS}
_REASONS = frozenset(reason.code for reason in OFFERED)


class UnclearAsk(Exception):
    """A form that does not say what is wanted; the message says what is missing."""


@dataclass(frozen=True, slots=True)
class Ask:
    """An act on one comment or on several alike."""

    choices: Sequence[Choice]
    action: Action
    reason: str
    note: str
    is_bulk: bool


def read_ask(request: HttpRequest) -> Ask:
    """What the form asks for. Raises `UnclearAsk`."""
    data = request.POST
    is_bulk = "bulk" in data
    picked = data.getlist("shown") if data.get("everything") else data.getlist("pick")
    if not picked:
        raise UnclearAsk("Pick one comment or more first.")
    if len(picked) > MOST_AT_ONCE:
        raise UnclearAsk(f"Pick at most {MOST_AT_ONCE} comments at once.")
    action = _ACTIONS.get(data.get("action", ""))
    if action is None:
        raise UnclearAsk("Say what to do with the comments.")
    reason = data.get("reason") or USUAL_REASON[action]
    if reason not in _REASONS:
        raise UnclearAsk("Pick one of the reasons.")
    note = data.get("note", "").strip()
    if len(note) > MOST_NOTE:
        raise UnclearAsk(f"Keep the note to {MOST_NOTE} characters.")
    return Ask([_read_choice(each) for each in picked], action, reason, note, is_bulk)


def _read_choice(pick: str) -> Choice:
    comment_id, _, version = pick.partition(":")
    found: UUID | None = read_uuid(comment_id)
    if found is None or not version.isdecimal() or len(version) > 9:
        raise Http404("There is no such comment.")
    return Choice(found, int(version))
