"""The decisions that a site's filter learns from, and the training examples that are stored of them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from moderation.domain.labels import labels_of
from moderation.domain.signals import Axis
from moderation.domain.status import Action
from moderation.language.site_filter.features import Features
from moderation.language.site_filter.model import Parts
from moderation.language.site_filter.training import Prediction, TrainingExample
from moderation.models import StoredExample

# Takes the latest decisions of people on a site, a limited number of each person and hour, in one scan of the
# index `decision_by_person`. Then it finds the standing decision on each of these comments: the latest one by
# a person that was not undone. Deleted and erased comments are left out.
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

# The filter is fitted on the latest training examples, at most this many, ...
MOST_EXAMPLES = 2000
# ... and on at most this many of one person and hour, so that nobody displaces the decisions of all others.
_MOST_AN_HOUR = 200
_LOOK_BACK = 3 * MOST_EXAMPLES

# In the order in which `_read_example` reads them.
_EXAMPLE_COLUMNS = (
    "decision_id",
    "features",
    "labels",
    "prior_predictions",
    "moderator_hour",
    "bands",
    "sample_weight",
)


@dataclass(frozen=True, slots=True)
class StandingDecision:
    """A person's decision that stands and gives at least one label."""

    decision_id: UUID
    comment_id: UUID
    revision_id: UUID
    labels: Mapping[Axis, int]
    moderator_hour: str


@dataclass(frozen=True, slots=True)
class DecidedText:
    """The text that a decision was about. `is_sampled`: it was drawn at random for review."""

    body: str
    website: str
    author_key: str
    is_proven: bool
    is_sampled: bool


def standing_decisions(site_id: UUID, since: datetime | None) -> list[StandingDecision]:
    """The latest standing decisions of a site that give labels, in order; only those made after `since`."""
    bounds = {"look_back": _LOOK_BACK, "most_an_hour": _MOST_AN_HOUR, "most": MOST_EXAMPLES}
    with connection.cursor() as cursor:
        cursor.execute(STANDING_SQL, {"site": site_id, "since": since, **bounds})
        rows = cursor.fetchall()
    return [_read_standing(row) for row in rows if labels_of(Action(row[3]), row[4])]


def _read_standing(row: tuple[Any, ...]) -> StandingDecision:
    return StandingDecision(row[0], row[1], row[2], labels_of(Action(row[3]), row[4]), row[5])


def decided_texts(site_id: UUID, revision_ids: Collection[UUID]) -> dict[UUID, DecidedText]:
    """The texts of these revisions of the site."""
    with connection.cursor() as cursor:
        cursor.execute(TEXTS_SQL, {"site": site_id, "ids": list(revision_ids)})
        return {row[0]: DecidedText(*row[1:]) for row in cursor.fetchall()}


def example_versions(site_id: UUID) -> dict[UUID, str]:
    """The decisions that a site has training examples of, with the feature version of each."""
    return dict(StoredExample.objects.filter(site_id=site_id).values_list("decision_id", "feature_version"))


def load_examples(site_id: UUID, without: Collection[UUID]) -> list[TrainingExample]:
    """The site's training examples, except those of the decisions `without`."""
    rows = StoredExample.objects.filter(site_id=site_id).values_list(*_EXAMPLE_COLUMNS)
    return [_read_example(row) for row in rows if row[0] not in without]


def _read_example(row: Sequence[Any]) -> TrainingExample:
    return TrainingExample(
        key=row[0].int,
        features=Features.from_bytes(bytes(row[1])),
        labels={Axis(axis): label for axis, label in row[2].items()},
        prior_predictions={Axis(axis): read_prediction(stored) for axis, stored in row[3].items()},
        moderator_hour=row[4],
        bands=row[5],
        sample_weight=row[6],
    )


def read_prediction(stored: Sequence[Any]) -> Prediction:
    """The prediction that `write_prediction` stored."""
    shared, facts, words, rank = stored
    return Prediction(shared, None if facts is None else Parts(facts, words), rank)


def write_prediction(prediction: Prediction) -> list[float | None]:
    """Four numbers; the two in the middle are None if the filter was not fitted yet."""
    parts = prediction.parts
    facts, words = (parts.facts, parts.words) if parts else (None, None)
    return [prediction.shared, facts, words, prediction.rank]
