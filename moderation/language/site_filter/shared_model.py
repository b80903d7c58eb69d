"""The shared model as a site's filter uses it: its logits and heads, and the version of the features."""

from functools import cache

from moderation.language.fold.folded import Normalised
from moderation.language.models.cascade import is_encoder_used, weights_version
from moderation.language.models.judgement import judge
from moderation.language.site_filter.features import VERSION, SharedPrediction

# The logit where the shared model makes no prediction, as on abuse in a language that it was not trained on:
# the base rate among comments, one in twenty.
BASE_RATE_LOGIT = -3.0


def predict_shared(text: Normalised) -> SharedPrediction:
    """The shared model's prediction for a text. `judge` caches it, so repeated calls are cheap."""
    judgement = judge(text)
    abuse = judgement.abuse.logit if judgement.abuse else BASE_RATE_LOGIT
    return SharedPrediction(abuse, judgement.spam.logit, judgement.heads)


def feature_version() -> str:
    """A version that changes whenever a comment's features would change, by code or by the shared model."""
    return _version(is_encoder_used())


@cache
def _version(with_encoder: bool) -> str:
    return f"{VERSION}/{weights_version()}{'+encoder' if with_encoder else ''}"
