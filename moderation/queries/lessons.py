"""What a site's people have decided that its filter learns from, and the lessons that it has."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from moderation.domain.signals import Axis
from moderation.domain.status import Action
from moderation.domain.teaching import answers_of
from moderation.language.site_filter.features import Features
from moderation.language.site_filter.learning import Before, Lesson
from moderation.language.site_filter.model import Parts
from moderation.models import Lesson as LessonRow
from moderation.queries.lessons_sql import STANDING_SQL, TEXTS_SQL

# The filter is made of so many of the latest lessons, ...
MOST_LESSONS = 2000
# ... of one person and hour no more than these, so that nobody flushes all others out.
_MOST_AN_HOUR = 200
_LOOK_BACK = 3 * MOST_LESSONS


@dataclass(frozen=True, slots=True)
class Standing:
    """A person's decision that stands and teaches something."""

    decision_id: UUID
    comment_id: UUID
    revision_id: UUID
    answers: Mapping[Axis, int]
    shift: str


@dataclass(frozen=True, slots=True)
class Said:
    """The text that a decision was about. `was_drawn`: it came before a person by the draw."""

    body: str
    website: str
    author_key: str
    is_proven: bool
    was_drawn: bool


def standing_decisions(site_id: UUID, since: datetime | None) -> list[Standing]:
    """The latest of a site's decisions that teach, in order; only those made after `since`."""
    bounds = {"look_back": _LOOK_BACK, "most_an_hour": _MOST_AN_HOUR, "most": MOST_LESSONS}
    with connection.cursor() as cursor:
        cursor.execute(STANDING_SQL, {"site": site_id, "since": since, **bounds})
        rows = cursor.fetchall()
    return [_read_standing(row) for row in rows if answers_of(Action(row[3]), row[4])]


def _read_standing(row: tuple[Any, ...]) -> Standing:
    return Standing(row[0], row[1], row[2], answers_of(Action(row[3]), row[4]), row[5])


def texts_of(site_id: UUID, revision_ids: Collection[UUID]) -> dict[UUID, Said]:
    """What was written in these revisions of the site."""
    with connection.cursor() as cursor:
        cursor.execute(TEXTS_SQL, {"site": site_id, "ids": list(revision_ids)})
        return {row[0]: Said(*row[1:]) for row in cursor.fetchall()}


def lesson_keys(site_id: UUID) -> dict[UUID, str]:
    """Which decisions a site has learned from, and what read each."""
    return dict(LessonRow.objects.filter(site_id=site_id).values_list("decision_id", "read_by"))


def load_lessons(site_id: UUID, without: Collection[UUID]) -> list[Lesson]:
    """The site's lessons, except those of these decisions."""
    columns = ("decision_id", "features", "answers", "before", "shift", "bands", "stands_for")
    rows = LessonRow.objects.filter(site_id=site_id).values_list(*columns)
    return [_read_lesson(row) for row in rows if row[0] not in without]


def _read_lesson(row: Sequence[Any]) -> Lesson:
    return Lesson(
        key=row[0].int,
        features=Features.from_bytes(bytes(row[1])),
        answers={Axis(axis): answer for axis, answer in row[2].items()},
        before={Axis(axis): read_before(said) for axis, said in row[3].items()},
        shift=row[4],
        bands=row[5],
        stands_for=row[6],
    )


def read_before(stored: Sequence[Any]) -> Before:
    """What `write_before` stored."""
    shared, facts, words, rank = stored
    return Before(shared, None if facts is None else Parts(facts, words), rank)


def write_before(before: Before) -> list[float | None]:
    """Four numbers; the middle ones are None where the filter was silent."""
    parts = before.parts
    return [before.shared, parts.facts if parts else None, parts.words if parts else None, before.rank]
