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
from moderation.language.site_filter.learning import Before, TrainingExample
from moderation.language.site_filter.model import Parts
from moderation.models import Lesson

# The latest of a site's persons' decisions, of each person and hour no more than so many, in one walk
# along `decision_by_person`; then for each of their comments the decision that stands: the latest of a
# person that was not undone. What is gone teaches nothing.
STANDING_SQL = """
WITH latest AS MATERIALIZED (
    SELECT id, comment_id, actor_user_id, actor_key_id, created_at FROM decision
    WHERE site_id = %(site)s AND actor_kind = 'person'
    ORDER BY id DESC LIMIT %(look_back)s
), counted AS (
    SELECT comment_id, row_number() OVER (ORDER BY id DESC) AS place, row_number() OVER (
        PARTITION BY actor_user_id, actor_key_id, date_trunc('hour', created_at) ORDER BY id DESC
    ) AS number
    FROM latest
), touched AS MATERIALIZED (
    SELECT comment_id FROM counted WHERE number <= %(most_an_hour)s
    GROUP BY comment_id ORDER BY min(place) LIMIT %(most)s
), standing AS (
    SELECT DISTINCT ON (comment_id) decision.*
    FROM touched JOIN decision USING (comment_id)
    WHERE actor_kind = 'person' AND action <> 'restore'
      AND NOT EXISTS (SELECT 1 FROM decision AS back WHERE back.reverses_id = decision.id)
    ORDER BY comment_id, comment_version DESC
)
SELECT standing.id, standing.comment_id, standing.revision_id, standing.action, standing.reason,
       concat_ws('/', standing.actor_user_id::text, standing.actor_key_id::text,
                 floor(extract(epoch FROM standing.created_at) / 3600)::bigint::text)
FROM standing JOIN comment ON comment.id = standing.comment_id
WHERE comment.status NOT IN ('deleted', 'erased')
  AND standing.created_at > COALESCE(%(since)s::timestamptz, '-infinity')
ORDER BY standing.id
"""

TEXTS_SQL = """
SELECT revision.id, revision.body, comment.website, comment.author_id::text, author.is_proven,
       EXISTS (SELECT 1 FROM review_item WHERE comment_id = comment.id AND queue = 'sample')
FROM revision
JOIN comment ON comment.id = revision.comment_id
JOIN author ON author.id = comment.author_id
WHERE revision.id = ANY(%(ids)s::uuid[]) AND revision.site_id = %(site)s
"""

# The filter is made of so many of the latest lessons, ...
MOST_LESSONS = 2000
# ... of one person and hour no more than these, so that nobody flushes all others out.
_MOST_AN_HOUR = 200
_LOOK_BACK = 3 * MOST_LESSONS


@dataclass(frozen=True, slots=True)
class StandingDecision:
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


def standing_decisions(site_id: UUID, since: datetime | None) -> list[StandingDecision]:
    """The latest of a site's decisions that teach, in order; only those made after `since`."""
    bounds = {"look_back": _LOOK_BACK, "most_an_hour": _MOST_AN_HOUR, "most": MOST_LESSONS}
    with connection.cursor() as cursor:
        cursor.execute(STANDING_SQL, {"site": site_id, "since": since, **bounds})
        rows = cursor.fetchall()
    return [_read_standing(row) for row in rows if answers_of(Action(row[3]), row[4])]


def _read_standing(row: tuple[Any, ...]) -> StandingDecision:
    return StandingDecision(row[0], row[1], row[2], answers_of(Action(row[3]), row[4]), row[5])


def texts_of(site_id: UUID, revision_ids: Collection[UUID]) -> dict[UUID, Said]:
    """What was written in these revisions of the site."""
    with connection.cursor() as cursor:
        cursor.execute(TEXTS_SQL, {"site": site_id, "ids": list(revision_ids)})
        return {row[0]: Said(*row[1:]) for row in cursor.fetchall()}


def lesson_keys(site_id: UUID) -> dict[UUID, str]:
    """Which decisions a site has learned from, and what read each."""
    return dict(Lesson.objects.filter(site_id=site_id).values_list("decision_id", "read_by"))


def load_lessons(site_id: UUID, without: Collection[UUID]) -> list[TrainingExample]:
    """The site's lessons, except those of these decisions."""
    columns = ("decision_id", "features", "answers", "before", "shift", "bands", "stands_for")
    rows = Lesson.objects.filter(site_id=site_id).values_list(*columns)
    return [_read_lesson(row) for row in rows if row[0] not in without]


def _read_lesson(row: Sequence[Any]) -> TrainingExample:
    return TrainingExample(
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
