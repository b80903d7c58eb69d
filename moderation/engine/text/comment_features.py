"""Extracts the features of a comment for a site's filter, in the same way for fitting and for predicting."""

from collections.abc import Iterable

from moderation.engine.text.domain_names import registrable_domain
from moderation.engine.text.links import find_links, host_of
from moderation.engine.text.shipped_lists import MILD, SEVERE, SLUR, STRONG, english_profanity
from moderation.language.fold.folded import Normalised
from moderation.language.site_filter.features import (
    Facts,
    Features,
    SharedPrediction,
    build_features,
    share_of_capitals,
)

_LEVELS = (MILD, STRONG, SEVERE, SLUR)


def extract_features(
    text: Normalised, shared: SharedPrediction, *, website: str, author_key: str, is_proven: bool
) -> Features:
    """The features of a comment. `author_key` is any opaque key of its author, never an address."""
    links = find_links(text.original)
    facts = Facts(
        author=author_key,
        is_proven=is_proven,
        domains=tuple(dict.fromkeys(_domain(link.host) for link in links)),
        website_domain=_domain(host_of(website)) if website else "",
        links=len(links),
        capitals=share_of_capitals(text.original),
        profanity=_count_levels(hit.weight for hit in english_profanity().find(text)),
    )
    return build_features(text.text, facts, shared)


def _domain(host: str) -> str:
    return registrable_domain(host) or host


def _count_levels(weights: Iterable[float]) -> tuple[int, ...]:
    found = list(weights)
    return tuple(found.count(level) for level in _LEVELS)
