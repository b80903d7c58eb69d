"""What a moderator's form asks for: which comments in which version, what to do, and why."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.http import Http404, QueryDict

from moderation.admin.desk.tabs import read_uuid
from moderation.admin.desk.words import OFFERED_CODES
from moderation.domain.status import Action
from moderation.flow.comments.decide import PERSONS_ACTIONS, Choice

MOST_AT_ONCE = 100
MOST_NOTE = 1000
_ACTIONS = {action.value: action for action in PERSONS_ACTIONS}


class UnclearAsk(Exception):
    """A form that does not say what is wanted; the message says what is missing."""


@dataclass(frozen=True, slots=True)
class Ask:
    """One action on one or more comments. `chosen` is the reason that the moderator selected, if any.

    `before` is the comment that the list shows after the one acted on; `item` is set on a comment's page.
    """

    choices: Sequence[Choice]
    action: Action
    reason: str
    chosen: str
    note: str
    is_bulk: bool
    before: str
    item: UUID | None


def read_ask(data: QueryDict) -> Ask:
    """What the form asks for. Raises `UnclearAsk`, or `Http404` for values that our forms never send."""
    is_bulk = "bulk" in data
    picked = data.getlist("shown") if is_bulk and data.get("everything") else data.getlist("pick")
    if not picked:
        raise UnclearAsk("Nothing was changed: select at least one comment first.")
    if len(picked) > MOST_AT_ONCE:
        raise UnclearAsk(f"Nothing was changed: select at most {MOST_AT_ONCE} comments at once.")
    name, _, usual = data.get("act", "").partition(":")
    action, chosen = _ACTIONS.get(name), data.get("reason", "")
    if action is None or (chosen or usual) not in OFFERED_CODES:
        raise Http404("There is no such action or reason.")
    note = data.get("note", "").replace("\x00", "").strip()
    if len(note) > MOST_NOTE:
        raise UnclearAsk(f"Nothing was changed: keep the note to {MOST_NOTE} characters.")
    return Ask(
        choices=[_read_choice(each) for each in picked],
        action=action,
        reason=chosen or usual,
        chosen=chosen,
        note=note,
        is_bulk=is_bulk,
        before=str(read_uuid(data.get("before", "")) or ""),
        item=read_uuid(data.get("item", "")),
    )


def _read_choice(pick: str) -> Choice:
    comment_id, _, version = pick.partition(":")
    found = read_uuid(comment_id)
    if found is None or not (version.isascii() and version.isdecimal()) or len(version) > 9:
        raise Http404("There is no such comment.")
    return Choice(found, int(version))
