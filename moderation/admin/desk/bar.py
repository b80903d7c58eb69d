"""The bar that reports the last action and offers to undo it. It stays until the next action."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any
from uuid import UUID

from django.http import HttpRequest

from moderation.admin.desk.asking import Ask
from moderation.admin.desk.words import count_comments, name_actor, tell_done, tell_reason, tell_status
from moderation.domain.errors import NotFound
from moderation.flow.comments.decide import Decided
from moderation.lib.clock import now
from moderation.lib.when import tell_relative
from moderation.queries.desk import DeskRow, desk_rows

_KEY = "desk_last"


@dataclass(frozen=True, slots=True)
class Bar:
    """The last action. Without a `batch` there is nothing to undo. In a list the bar is shown above the
    comment `before`, where the one acted on was. `refused` holds pairs of id and sentence.
    """

    text: str
    batch: str = ""
    sites: Sequence[str] = ()
    comment: str = ""
    before: str = ""
    note: str = ""
    refused: Sequence[Sequence[str]] = ()


_FIELDS = frozenset(field.name for field in fields(Bar))


def read_bar(request: HttpRequest) -> Bar | None:
    """What this person did last in this session. Another release may have stored it with other fields:
    unknown ones are ignored, and without a text there is no bar.
    """
    stored = request.session.get(_KEY)
    if not isinstance(stored, dict) or "text" not in stored:
        return None
    return Bar(**{name: value for name, value in stored.items() if name in _FIELDS})


def note_decided(
    request: HttpRequest, ask: Ask, batch_id: UUID, results: Sequence[Decided], sites: Mapping[UUID, UUID]
) -> None:
    """Store a decision for the bar."""
    done = [result.comment_id for result in results if result.decision is not None]
    text = "Nothing was changed."
    if done:
        text = f"{count_comments(len(done))} {tell_done(ask.action)} ({tell_reason(ask.reason)})."
    refused = tell_refused(results, sites)
    _store(
        request,
        text=text,
        batch=str(batch_id) if done else "",
        sites=sorted({str(sites[comment_id]) for comment_id in done}),
        comment=str(done[0]) if len(done) == 1 else "",
        before=ask.before,
        note=ask.note if refused else "",
        refused=refused,
    )


def note_undone(request: HttpRequest, results: Sequence[Decided], sites: Mapping[UUID, UUID]) -> None:
    """Store an undo for the bar."""
    done = [str(result.comment_id) for result in results if result.decision is not None]
    text = "Nothing could be undone."
    if done:
        where = "is back where it was" if len(done) == 1 else "are back where they were"
        text = f"Undone: {count_comments(len(done))} {where}."
    one = done[0] if len(done) == 1 else ""
    _store(request, text=text, comment=one, before=one, refused=tell_refused(results, sites))


def tell_refused(results: Sequence[Decided], sites: Mapping[UUID, UUID]) -> list[list[str]]:
    """The id of each comment that was not changed, with a sentence on why and on who changed it."""
    refused = [result for result in results if result.refusal is not None]
    ids = [result.comment_id for result in refused]
    rows = desk_rows(list(set(sites.values())), ids) if ids else {}
    return [
        [str(result.comment_id), _tell_refusal(result, rows.get(result.comment_id))] for result in refused
    ]


def _tell_refusal(result: Decided, row: DeskRow | None) -> str:
    assert result.refusal is not None
    if row is None or isinstance(result.refusal, NotFound):
        return "The comment is no longer there."
    sentence = f"{row.comment.author_name or 'Anonymous'}: {result.refusal.message}"
    sentence += f" It is {tell_status(row.comment.status)} now"
    if row.decision is None:
        return f"{sentence}."
    age = tell_relative(row.decision.created_at, now())
    return f"{sentence}: {tell_done(row.decision.action)} by {name_actor(row.decision)}, {age}."


def _store(request: HttpRequest, **values: Any) -> None:
    request.session[_KEY] = values
