"""A comment as a moderator sees it: text with marks, reasons in sentences, who wrote it and when."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from moderation.admin.desk.marks import Mark, Piece, cut_into_pieces, split_pieces
from moderation.checks.sentences import say
from moderation.domain.reasons import REASONS
from moderation.domain.status import ActorKind, Status
from moderation.lib.when import tell_absolute, tell_relative
from moderation.models import Author, Comment, Decision, Screening
from moderation.queries.desk import DeskRow

# Points on the axis of abuse from which a text is shown only on request.
SEVERE_AT = 9.0
# Characters that a card shows at once; who wants the rest opens it.
SHOWN_AT_ONCE = 1200
EXCERPT = 200
LABELS = {reason.code: reason.label for reason in REASONS}
DONE = {
    "approve": "Approved",
    "reject": "Rejected",
    "spam": "Marked as spam",
    "delete": "Deleted",
    "hold": "Put into the queue",
    "restore": "Restored",
}


@dataclass(frozen=True, slots=True)
class When:
    """A moment in words, exactly, and for machines."""

    relative: str
    absolute: str
    iso: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """One finding: its number, what it says, its points, and the pieces of the body it names."""

    number: int
    sentence: str
    points: str
    code: str
    axis: str
    is_marked: bool


@dataclass(frozen=True, slots=True)
class Act:
    """A decision in words."""

    id: UUID
    what: str
    why: str
    who: str
    when: When
    note: str
    to_status: str


@dataclass(frozen=True, slots=True)
class Card:
    """Everything that a card shows. `rest` is what a long text shows only when opened."""

    comment: Comment
    name: Sequence[Piece]
    text: Sequence[Piece]
    rest: Sequence[Piece]
    length: str
    is_severe: bool
    severity: str
    when: When
    evidence: Sequence[Evidence]
    evidence_title: str
    explanation: str
    act: Act | None
    history: str
    parent_excerpt: str
    has_link: bool

    @property
    def pick(self) -> str:
        """The comment and the version that the moderator sees, as forms send them."""
        return f"{self.comment.id}:{self.comment.version}"


def build_card(row: DeskRow, now: datetime, *, whole: bool = False) -> Card:
    """The card of one comment; `whole` shows a long text at once."""
    comment, screening = row.comment, row.screening
    found = _findings(screening)
    body = comment.current_revision.body
    pieces = cut_into_pieces(body, _marks(found, "body"))
    text, rest = (pieces, []) if whole else split_pieces(pieces, SHOWN_AT_ONCE)
    abuse = float(screening.scores.get("abuse", 0)) if screening else 0.0
    return Card(
        comment=comment,
        name=cut_into_pieces(comment.author_name, _marks(found, "name")),
        text=text,
        rest=rest,
        length=f"{len(body):,}",
        is_severe=abuse >= SEVERE_AT,
        severity=f"{abuse:.1f}",
        when=tell_when(comment.submitted_at, now),
        evidence=[build_evidence(number, one) for number, one in enumerate(found, start=1)],
        evidence_title=_evidence_title(screening, found),
        explanation=screening.explanation if screening else "",
        act=build_act(row.decision, now) if row.decision else None,
        history=tell_history(comment.author),
        parent_excerpt=excerpt(comment.parent.current_revision.body) if comment.parent else "",
        has_link=comment.thread.url.startswith(("https://", "http://")),
    )


def build_evidence(number: int, finding: Mapping[str, Any]) -> Evidence:
    """One stored reason or signal in words."""
    return Evidence(
        number=number,
        sentence=say(finding["code"], finding["params"]),
        points=f"{finding['points']:.1f}",
        code=finding["code"],
        axis=finding["axis"],
        is_marked=bool(finding["spans"]),
    )


def build_act(decision: Decision, now: datetime) -> Act:
    """A decision as a line of the history."""
    return Act(
        id=decision.id,
        what=DONE.get(decision.action, decision.action),
        why=LABELS.get(decision.reason, decision.reason),
        who=_who(decision),
        when=tell_when(decision.created_at, now),
        note=decision.note,
        to_status=decision.to_status,
    )


def tell_when(moment: datetime, now: datetime) -> When:
    """A moment as all pages show it."""
    return When(tell_relative(moment, now), tell_absolute(moment), moment.isoformat())


def tell_history(author: Author) -> str:
    """What became of the author's comments so far, counted by the address they give."""
    counts = [
        (author.published_count, "published"),
        (author.rejected_count, "rejected"),
        (author.spam_count, "spam"),
    ]
    known = [f"{number} {word}" for number, word in counts if number]
    return ", ".join(known) or "nothing decided yet"


def excerpt(text: str) -> str:
    """The beginning of a text on one line."""
    line = " ".join(text.split())
    return line if len(line) <= EXCERPT else f"{line[:EXCERPT].rstrip()}…"


def _findings(screening: Screening | None) -> list[dict[str, Any]]:
    """What carried the verdict; where nothing did, whatever the checks saw."""
    if screening is None:
        return []
    return list(screening.reasons or screening.signals)


def _evidence_title(screening: Screening | None, found: Sequence[Mapping[str, Any]]) -> str:
    if screening is None:
        return "The checks did not finish"
    if not found:
        return "The checks found nothing"
    if not screening.reasons:
        return "What the checks saw"
    return {"hold": "Why it was held", "spam": "Why it was taken for spam"}.get(
        screening.outcome, "Why it was rejected"
    )


def _marks(found: Sequence[Mapping[str, Any]], field: str) -> list[Mark]:
    return [
        Mark(start, end, number)
        for number, finding in enumerate(found, start=1)
        for start, end, name in finding["spans"]
        if name == field
    ]


def _who(decision: Decision) -> str:
    if decision.actor_kind != ActorKind.PERSON:
        return "the checks"
    if decision.actor_user is not None:
        return decision.actor_user.get_username()
    return f"key “{decision.actor_key}”" if decision.actor_key is not None else "a former account"


def tell_status(status: str) -> str:
    """A status for people."""
    return {Status.HELD.value: "in the queue", Status.SCREENING.value: "being screened"}.get(status, status)
