"""Finds which training examples to add and to delete so that a site's examples agree with its decisions.

Reads and computes; `refit.py` writes.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from moderation.domain.signals import Axis
from moderation.engine.text.comment_features import extract_features
from moderation.engine.verdict.policy import Policy
from moderation.language.features import exact_hash, fingerprint
from moderation.language.fold.normalise import normalise
from moderation.language.site_filter.features import Features
from moderation.language.site_filter.shared_model import feature_version, predict_shared
from moderation.language.site_filter.training import (
    AXES,
    AxisFilter,
    LearnedFilter,
    Prediction,
    TrainingExample,
    fit_filters,
)
from moderation.models import SiteFilter, StoredExample
from moderation.queries.site_facts import policies_of
from moderation.queries.site_filters import read_filter
from moderation.queries.training_examples import (
    DecidedText,
    StandingDecision,
    decided_texts,
    example_versions,
    load_examples,
    standing_decisions,
    write_prediction,
)

# The most new examples of one run. With more, the filter that was fitted on these predicts the next ones.
MOST_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class ExampleChanges:
    """The result of a run: the refitted filters, examples to add, decisions whose examples are to be deleted.

    `is_more` tells that decisions are left for another run.
    """

    filters: Mapping[Axis, AxisFilter]
    added: Sequence[StoredExample]
    removed: Collection[UUID]
    is_more: bool
    example_count: int


def find_changes(stored: SiteFilter) -> ExampleChanges | None:
    """Compare a site's training examples with its decisions, and refit its filter; None where they agree."""
    standing = {each.decision_id: each for each in standing_decisions(stored.site_id, stored.forgotten_at)}
    known = example_versions(stored.site_id)
    version = feature_version()
    gone = [each for each in known if each not in standing or known[each] != version]
    wanted = [each for each in standing if known.get(each) != version]
    former = read_filter(stored) if stored.feature_version == version else LearnedFilter(0, {})
    if not gone and not wanted and not former.is_broken:
        return None
    new = _build_examples(stored.site_id, [standing[each] for each in wanted[:MOST_AT_ONCE]], former)
    examples = [*load_examples(stored.site_id, set(gone)), *(example for _, example in new)]
    return ExampleChanges(
        filters=fit_filters(examples, former.axes),
        added=[row for row, _ in new],
        removed=gone,
        is_more=len(wanted) > MOST_AT_ONCE,
        example_count=len(examples),
    )


def _build_examples(
    site_id: UUID, decisions: Sequence[StandingDecision], former: LearnedFilter
) -> list[tuple[StoredExample, TrainingExample]]:
    """Examples of decisions that have none yet, with the prediction of the former filter for each."""
    texts = decided_texts(site_id, [each.revision_id for each in decisions])
    policy = policies_of([site_id])[site_id]
    return [
        _build_example(site_id, each, texts[each.revision_id], former, policy)
        for each in decisions
        if each.revision_id in texts
    ]


def _build_example(
    site_id: UUID, decision: StandingDecision, decided: DecidedText, former: LearnedFilter, policy: Policy
) -> tuple[StoredExample, TrainingExample]:
    text = normalise(decided.body)
    shared = predict_shared(text)
    features = extract_features(
        text, shared, website=decided.website, author_key=decided.author_key, is_proven=decided.is_proven
    )
    example = TrainingExample(
        key=decision.decision_id.int,
        features=features,
        labels=decision.labels,
        prior_predictions=_predict(features, {Axis.ABUSE: shared.abuse, Axis.SPAM: shared.spam}, former),
        moderator_hour=decision.moderator_hour,
        bands=fingerprint(text) or (exact_hash(text),),
        sample_weight=_sample_weight(policy) if decided.is_sampled else 1.0,
    )
    return _row_of(site_id, decision, example), example


def _predict(
    features: Features, logits: Mapping[Axis, float], former: LearnedFilter
) -> dict[Axis, Prediction]:
    return {axis: former.on(axis).predict(features, logits[axis]) for axis in AXES}


def _sample_weight(policy: Policy) -> float:
    """The inverse of the sampling probability: 50 at a site that draws 1 comment in 50."""
    return 100.0 / policy.sample_percent if policy.sample_percent else 1.0


def _row_of(site_id: UUID, decision: StandingDecision, example: TrainingExample) -> StoredExample:
    return StoredExample(
        decision_id=decision.decision_id,
        site_id=site_id,
        comment_id=decision.comment_id,
        revision_id=decision.revision_id,
        labels={axis.value: label for axis, label in example.labels.items()},
        prior_predictions={
            axis.value: write_prediction(prior) for axis, prior in example.prior_predictions.items()
        },
        features=example.features.to_bytes(),
        bands=list(example.bands),
        moderator_hour=example.moderator_hour,
        sample_weight=example.sample_weight,
        feature_version=feature_version(),
    )
