"""The bar that says what was done last and takes it back; it stays until the next act."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import HttpRequest

from moderation.admin.desk.cards import DONE
from moderation.domain.status import Action
from moderation.flow.decide import Decided

_KEY = "desk_last"


@dataclass(frozen=True, slots=True)
class Refusal:
    """A comment that an act did not change, and why."""

    comment_id: str
    why: str


@dataclass(frozen=True, slots=True)
class Bar:
    """What was done last. Without a `batch` there is nothing to undo."""

    text: str
    batch: str = ""
    comment_id: str = ""
    refused: Sequence[Refusal] = ()


def read_bar(request: HttpRequest) -> Bar | None:
    """What this person did last in this session."""
    stored = request.session.get(_KEY)
    if not isinstance(stored, dict):
        return None
    refused = [Refusal(*pair) for pair in stored["refused"]]
    return Bar(stored["text"], stored["batch"], stored["comment"], refused)


def note_decided(request: HttpRequest, action: Action, batch_id: UUID, results: Sequence[Decided]) -> None:
    """Remember an act for the bar."""
    done = [result for result in results if result.decision is not None]
    text = f"{DONE[action.value]}: {_count(len(done))}." if done else "Nothing was changed."
    _store(request, text, batch_id=batch_id if done else None, done=done, results=results)


def note_undone(request: HttpRequest, results: Sequence[Decided]) -> None:
    """Remember that an act was taken back."""
    done = [result for result in results if result.decision is not None]
    text = f"Taken back: {_count(len(done))}." if done else "Nothing could be taken back."
    _store(request, text, batch_id=None, done=done, results=results)


def _store(
    request: HttpRequest,
    text: str,
    *,
    batch_id: UUID | None,
    done: Sequence[Decided],
    results: Sequence[Decided],
) -> None:
    stored: dict[str, Any] = {
        "text": text,
        "batch": str(batch_id or ""),
        "comment": str(done[0].comment_id) if len(done) == 1 else "",
        "refused": [[str(r.comment_id), r.refusal.message] for r in results if r.refusal],
    }
    request.session[_KEY] = stored


def _count(number: int) -> str:
    return f"{number} comment{'' if number == 1 else 's'}"
