"""A comment as a moderator sees it: text with highlights, reasons in sentences, who wrote it and when."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from moderation.admin.desk.highlights import Highlight, Piece, cut_into_pieces, split_pieces
from moderation.admin.desk.words import (
    SAMPLE_NOTE,
    Act,
    name_actor,
    offered_acts,
    tell_done,
    tell_reason,
    tell_status,
)
from moderation.domain.status import Status
from moderation.engine.sentences import say
from moderation.lib.when import tell_absolute, tell_relative
from moderation.models import Author, Comment, Decision, Screening
from moderation.queries.desk import DeskRow

# From this score on the abuse axis, a text is shown only on request.
SEVERE_AT = 9.0
# Characters that a card shows; the rest of a longer text has to be opened.
SHOWN_AT_ONCE = 1200
EXCERPT = 200


@dataclass(frozen=True, slots=True)
class When:
    """A time as a relative phrase, in full, and in ISO 8601."""

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
class Past:
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
    """Everything that a card shows. `note` says why the comment is listed if that is not obvious; `rest` is
    the part of a long text that is shown only when opened.
    """

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
    past: Past | None
    acts: Sequence[Act]
    note: str
    history: str
    parent_excerpt: str
    has_link: bool
    status: str
    website: Sequence[Piece]

    @property
    def key(self) -> str:
        """The comment's id as forms send it."""
        return str(self.comment.id)

    @property
    def pick(self) -> str:
        """The comment and the version that the moderator sees, as forms send them."""
        return f"{self.comment.id}:{self.comment.version}"


def build_card(row: DeskRow, now: datetime, *, whole: bool = False) -> Card:
    """The card of one comment; `whole` shows a long text in full."""
    comment, screening = row.comment, row.screening
    found = _findings(screening)
    is_current = screening is not None and screening.revision_id == comment.current_revision_id
    marked = found if is_current else []
    body = comment.current_revision.body
    pieces = cut_into_pieces(body, _highlights(marked, "body"))
    text, rest = (pieces, []) if whole else split_pieces(pieces, SHOWN_AT_ONCE)
    abuse = float(screening.scores.get("abuse", 0)) if screening else 0.0
    return Card(
        comment=comment,
        name=cut_into_pieces(comment.author_name, _highlights(marked, "name")),
        text=text,
        rest=rest,
        length=f"{len(body):,}",
        is_severe=abuse >= SEVERE_AT,
        severity=f"{abuse:.1f}",
        when=tell_when(comment.submitted_at, now),
        evidence=[build_evidence(number, one) for number, one in enumerate(found, start=1)],
        evidence_title=_evidence_title(screening, found),
        explanation=_by_numbers(screening.explanation, found) if screening else "",
        past=build_past(row.decision, now) if row.decision else None,
        acts=offered_acts(Status(comment.status), [one["code"] for one in found], is_sample=row.is_sample),
        note=SAMPLE_NOTE if row.is_sample else "",
        history=tell_history(comment.author),
        parent_excerpt=excerpt(comment.parent.current_revision.body) if comment.parent else "",
        has_link=comment.thread.url.startswith(("https://", "http://")),
        status=tell_status(comment.status),
        website=cut_into_pieces(comment.website, _highlights(marked, "website")),
    )


def _by_numbers(explanation: str, found: Sequence[Mapping[str, Any]]) -> str:
    """The explanation with each code replaced by its number in the list of reasons."""
    numbers = {one["code"]: number for number, one in reversed(list(enumerate(found, start=1)))}
    for code in sorted(numbers, key=len, reverse=True):
        explanation = explanation.replace(code, f"reason {numbers[code]}")
    return explanation


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


def build_past(decision: Decision, now: datetime) -> Past:
    """A decision as a line of the history."""
    return Past(
        id=decision.id,
        what=tell_done(decision.action).capitalize(),
        why=tell_reason(decision.reason),
        who=name_actor(decision),
        when=tell_when(decision.created_at, now),
        note=decision.note,
        to_status=decision.to_status,
    )


def tell_when(moment: datetime, now: datetime) -> When:
    """A time as all pages show it."""
    return When(tell_relative(moment, now), tell_absolute(moment), moment.isoformat())


def tell_history(author: Author) -> str:
    """How many of the earlier comments from the author's address were published, rejected or spam."""
    counts = [
        (author.published_count, "published"),
        (author.rejected_count, "rejected"),
        (author.spam_count, "spam"),
    ]
    known = [f"{number} {word}" for number, word in counts if number]
    return ", ".join(known) or "no decisions yet"


def excerpt(text: str) -> str:
    """The beginning of a text on one line."""
    line = " ".join(text.split())
    return line if len(line) <= EXCERPT else f"{line[:EXCERPT].rstrip()}…"


def _findings(screening: Screening | None) -> list[dict[str, Any]]:
    """The signals that carried the verdict or, if none did, everything the checks found."""
    if screening is None:
        return []
    return list(screening.reasons or screening.signals)


def _evidence_title(screening: Screening | None, found: Sequence[Mapping[str, Any]]) -> str:
    if screening is None:
        return "The checks did not finish"
    if not found:
        return "The checks found nothing"
    if not screening.reasons:
        return "What the checks found"
    return {"hold": "Why it was held", "spam": "Why it was marked as spam"}.get(
        screening.outcome, "Why it was rejected"
    )


def _highlights(found: Sequence[Mapping[str, Any]], field: str) -> list[Highlight]:
    return [
        Highlight(start, end, number)
        for number, finding in enumerate(found, start=1)
        for start, end, name in finding["spans"]
        if name == field
    ]
