"""Finds generic praise that fits any article: ordinary in a long text, typical of spam beside a link."""

import re

from moderation.domain.signals import Span
from moderation.language.fold.normalise import Normalised
from moderation.language.fold.tokens import words

_PRAISE = re.compile(
    r"\b(?:(?:great|nice|good|awesome|amazing|excellent|wonderful|fantastic|helpful|informative|useful|superb)"
    r" (?:post|article|blog|site|website|information|info|content|share|read|write-?up|stuff|job|work)"
    r"|thanks? (?:you )?(?:so much )?for (?:sharing|the (?:great|good|nice|useful)|this (?:great|useful))"
    r"|keep (?:up the (?:good|great)|it up|posting)|very (?:informative|helpful|useful)|bookmarked"
    r"|i (?:really )?(?:like|love|enjoy)(?:ed)? (?:your|this) (?:post|blog|article|site))\b"
)


def find_praise(folded: Normalised, *, max_words: int) -> Span | None:
    """The span of the first generic praise; None without one, or in a text of more than `max_words`."""
    match = _PRAISE.search(folded.text)
    if not match or len(words(folded.text)) > max_words:
        return None
    return folded.span(match.start(), match.end())
