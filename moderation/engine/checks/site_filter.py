"""Signals what the site's own filter predicts; it is fitted on decisions of the site's moderators."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import ClassVar

from moderation.domain.signals import Axis, Param, Signal, Span
from moderation.engine.facts import Context
from moderation.engine.text.comment_features import extract_features
from moderation.language.fold.folded import Normalised
from moderation.language.site_filter.features import DENSE, Features, token_places
from moderation.language.site_filter.model import contributions
from moderation.language.site_filter.shared_model import predict_shared
from moderation.language.site_filter.training import AXES, AxisFilter
from moderation.lib.odds import sigmoid

_AGAINST = {Axis.ABUSE: "site_filter.abuse", Axis.SPAM: "site_filter.spam"}
# The same families as those of the shared model: both read the same words, so they share a cap.
_FAMILIES = {Axis.ABUSE: "model", Axis.SPAM: "link"}


@dataclass(frozen=True)
class SiteFilterCheck:
    """Gives points to comments against which this site's moderators would most likely decide, and takes
    points of the shared model back where they would not. Returns no signal while the site's filter is not in
    use.
    """

    @dataclass(frozen=True, slots=True)
    class Options:
        suspect_at: float = 0.5  # the filter's probability at and above which it gives points
        most_points: float = 5.0  # at probability 1: enough to hold, not enough for spam by itself
        objects_at: float = 0.2  # the shared model's probability at and above which it may give points
        clean_at: float = 0.25  # the filter's probability up to which it takes points back
        most_relief: float = 8.0  # at probability 0; never more than the shared model's points
        half_confidence_examples: int = 20  # training examples at which the confidence is one half
        most_spans: int = 5

    options: Options = Options()

    name = "site_filter"
    version = "1"
    axis = Axis.ABUSE
    sentences: ClassVar[Mapping[str, str]] = {
        "site_filter.abuse": "This site would most likely reject it ({percent} %, from {lessons} decisions)",
        "site_filter.spam": "This site would most likely call it spam "
        "({percent} %, from {lessons} decisions)",
        "site_filter.clean": "This site lets such comments pass "
        "({percent} % against, from {lessons} decisions)",
    }

    def run(self, context: Context) -> list[Signal]:
        """At most one signal for each axis. Raises `ValueError` for a filter that cannot be read."""
        learned = context.site.learned
        if learned is not None and learned.is_broken:
            raise ValueError("the site's filter cannot be read")
        if learned is None or not any(learned.on(axis).is_in_use for axis in AXES):
            return []
        shared = predict_shared(context.normalised)
        features = extract_features(
            context.normalised,
            shared,
            website=context.website,
            author_key=context.author.key,
            is_proven=context.author.is_proven,
        )
        logits = {Axis.ABUSE: shared.abuse, Axis.SPAM: shared.spam}
        found = [
            self._judge(axis, learned.on(axis), features, logits[axis], context.normalised)
            for axis in AXES
            if learned.on(axis).is_in_use
        ]
        return [replace(each, params={**each.params, "filter": learned.version}) for each in found if each]

    def _judge(
        self, axis: Axis, own: AxisFilter, features: Features, shared: float, text: Normalised
    ) -> Signal | None:
        options = self.options
        probability = own.probability(own.predict(features, shared))
        params: dict[str, Param] = {"percent": round(100 * probability), "lessons": own.example_count}
        confidence = round(own.example_count / (own.example_count + options.half_confidence_examples), 3)
        if probability >= options.suspect_at:
            share = (probability - options.suspect_at) / (1 - options.suspect_at)
            points = round(options.most_points * share, 3)
            spans = self._spans(own, features, text)
            return Signal(_AGAINST[axis], axis, points, _FAMILIES[axis], confidence, params, spans)
        if probability <= options.clean_at and sigmoid(shared) >= options.objects_at:
            points = round(options.most_relief * (1 - probability / options.clean_at), 3)
            params["axis"] = axis.value
            return Signal("site_filter.clean", Axis.TRUST, points, "model", confidence, params, relieves=axis)
        return None

    def _spans(self, own: AxisFilter, features: Features, text: Normalised) -> tuple[Span, ...]:
        """The spans of the words and pairs that add most to the logit, in the order of the text."""
        assert own.weights is not None
        adds = contributions(own.weights, features)
        positive = {
            index: add
            for index, add in zip(features.indices.tolist(), adds.tolist(), strict=True)
            if add > 0 and index >= DENSE
        }
        places = [(positive[i], start, end) for i, start, end in token_places(text.text) if i in positive]
        strongest = sorted(places, reverse=True)[: self.options.most_spans]
        return tuple(text.span(start, end) for _, start, end in sorted(strongest, key=lambda p: p[1:]))
