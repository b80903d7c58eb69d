"""The shared model as a site's own filter sees it: logits and heads, and which model it is."""

from functools import cache

from moderation.language.fold.folded import Normalised
from moderation.language.models.cascade import is_encoder_used, weights_version
from moderation.language.models.judgement import judge
from moderation.language.site_filter.features import VERSION, Shared

# Where the shared model has no opinion, as on abuse in a language that it does not read: what is
# true of comments at large, one in twenty.
NO_OPINION = -3.0


def say_shared(text: Normalised) -> Shared:
    """What the shared model says of a text; it is worked out once, however many ask."""
    judgement = judge(text)
    abuse = judgement.abuse.logit if judgement.abuse else NO_OPINION
    return Shared(abuse, judgement.spam.logit, judgement.heads)


def reading_version() -> str:
    """Changes when a comment would be read otherwise than before: by features or by shared model."""
    return _version(is_encoder_used())


@cache
def _version(with_encoder: bool) -> str:
    return f"{VERSION}/{weights_version()}{'+encoder' if with_encoder else ''}"
