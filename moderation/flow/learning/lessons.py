"""Lessons: what has to be learned and unlearned so that a site's filter agrees with its decisions.

Reads and computes; `learn.py` writes.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from moderation.domain.signals import Axis
from moderation.engine.text.comment_features import read_comment
from moderation.engine.verdict.policy import Policy
from moderation.language.features import exact_hash, fingerprint
from moderation.language.fold.normalise import normalise
from moderation.language.site_filter.features import Features
from moderation.language.site_filter.learning import (
    AXES,
    AxisFilter,
    Before,
    LearnedFilter,
    TrainingExample,
    learn,
)
from moderation.language.site_filter.shared_model import reading_version, say_shared
from moderation.models import Lesson, SiteFilter
from moderation.queries.lessons import (
    Said,
    StandingDecision,
    lesson_keys,
    load_lessons,
    standing_decisions,
    texts_of,
    write_before,
)
from moderation.queries.site_facts import policies_of
from moderation.queries.site_filters import read_filter

# New lessons of one run. With more to learn, the filter that has learned these judges the next.
MOST_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Changes:
    """What a run has found: lessons to write, decisions whose lessons go, and whether more is left."""

    filters: Mapping[Axis, AxisFilter]
    new: Sequence[Lesson]
    gone: Collection[UUID]
    is_more: bool
    lessons: int


def find_changes(stored: SiteFilter) -> Changes | None:
    """Compare a site's lessons with its decisions, and make its filter anew; None where they agree."""
    standing = {each.decision_id: each for each in standing_decisions(stored.site_id, stored.forgotten_at)}
    known = lesson_keys(stored.site_id)
    version = reading_version()
    gone = [each for each in known if each not in standing or known[each] != version]
    wanted = [each for each in standing if known.get(each) != version]
    former = read_filter(stored) if stored.read_by == version else LearnedFilter(0, {})
    if not gone and not wanted and not former.is_broken:
        return None
    new = _read_lessons(stored.site_id, [standing[each] for each in wanted[:MOST_AT_ONCE]], former)
    lessons = [*load_lessons(stored.site_id, set(gone)), *(lesson for _, lesson in new)]
    return Changes(
        filters=learn(lessons, former.axes),
        new=[row for row, _ in new],
        gone=gone,
        is_more=len(wanted) > MOST_AT_ONCE,
        lessons=len(lessons),
    )


def _read_lessons(
    site_id: UUID, decisions: Sequence[StandingDecision], former: LearnedFilter
) -> list[tuple[Lesson, TrainingExample]]:
    """Lessons of decisions that were not learned yet, with what the former filter says of each."""
    texts = texts_of(site_id, [each.revision_id for each in decisions])
    policy = policies_of([site_id])[site_id]
    return [
        _read_lesson(site_id, each, texts[each.revision_id], former, policy)
        for each in decisions
        if each.revision_id in texts
    ]


def _read_lesson(
    site_id: UUID, decision: StandingDecision, said: Said, former: LearnedFilter, policy: Policy
) -> tuple[Lesson, TrainingExample]:
    text = normalise(said.body)
    shared = say_shared(text)
    features = read_comment(
        text, shared, website=said.website, author_key=said.author_key, is_proven=said.is_proven
    )
    lesson = TrainingExample(
        key=decision.decision_id.int,
        features=features,
        answers=decision.answers,
        before=_say_before(features, {Axis.ABUSE: shared.abuse, Axis.SPAM: shared.spam}, former),
        shift=decision.shift,
        bands=fingerprint(text) or (exact_hash(text),),
        stands_for=_stands_for(policy) if said.was_drawn else 1.0,
    )
    return _row_of(site_id, decision, lesson), lesson


def _say_before(
    features: Features, logits: Mapping[Axis, float], former: LearnedFilter
) -> dict[Axis, Before]:
    return {axis: former.on(axis).say(features, logits[axis]) for axis in AXES}


def _stands_for(policy: Policy) -> float:
    """A site that draws 1 in 50 has one sample for 50 comments."""
    return 100.0 / policy.sample_percent if policy.sample_percent else 1.0


def _row_of(site_id: UUID, decision: StandingDecision, lesson: TrainingExample) -> Lesson:
    return Lesson(
        decision_id=decision.decision_id,
        site_id=site_id,
        comment_id=decision.comment_id,
        revision_id=decision.revision_id,
        answers={axis.value: answer for axis, answer in lesson.answers.items()},
        before={axis.value: write_before(said) for axis, said in lesson.before.items()},
        features=lesson.features.to_bytes(),
        bands=list(lesson.bands),
        shift=lesson.shift,
        stands_for=lesson.stands_for,
        read_by=reading_version(),
    )
