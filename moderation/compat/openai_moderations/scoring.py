"""From an analysis to OpenAI's categories: scores, and which of them count as flagged. Pure.

A category that our models judge is flagged where the site's own policy would hold, or refuse, the text as
abuse; the scores tell which categories that is about. A category that only phrases speak for is flagged where
one of them was found.
"""

from collections.abc import Iterable, Mapping

from moderation.compat.analysis import Analysis
from moderation.compat.openai_moderations.categories import BY_PHRASE, Category
from moderation.compat.openai_moderations.phrases import FoundPhrase
from moderation.compat.verdicts import is_abuse
from moderation.engine.attributes import Attribute
from moderation.engine.verdict.policy import Policy

# Of what nothing was found; not 0, which OpenAI never sends for a text.
NOT_DETECTED = 0.0001
PHRASE = 0.9
FLAGGED_FROM = 0.5

# A category is also meant where a phrase speaks for one of these.
_FOLLOWS_FROM: Mapping[Category, tuple[Category, ...]] = {
    Category.SELF_HARM: (Category.SELF_HARM_INTENT, Category.SELF_HARM_INSTRUCTIONS),
    Category.ILLICIT: (Category.ILLICIT_VIOLENT,),
    Category.SEXUAL: (Category.SEXUAL_MINORS,),
    Category.VIOLENCE: (Category.VIOLENCE_GRAPHIC,),
}


def score_categories(analysis: Analysis, phrases: Iterable[FoundPhrase]) -> dict[Category, float]:
    """A score from 0 to 1 for each category."""
    scores = dict.fromkeys(Category, 0.0) | _by_model(analysis.scores)
    found = {phrase.category for phrase in phrases}
    for category in Category:
        if found.intersection((category, *_FOLLOWS_FROM.get(category, ()))):
            scores[category] = max(scores[category], PHRASE)
    return {category: round(max(score, NOT_DETECTED), 6) for category, score in scores.items()}


def _by_model(scores: Mapping[Attribute, float]) -> dict[Category, float]:
    threat, attack = scores[Attribute.THREAT], scores[Attribute.IDENTITY_ATTACK]
    return {
        Category.HARASSMENT: max(scores[Attribute.INSULT], scores[Attribute.TOXICITY]),
        Category.HARASSMENT_THREATENING: threat,
        Category.HATE: attack,
        Category.HATE_THREATENING: min(attack, threat),
        Category.SEXUAL: scores[Attribute.SEXUALLY_EXPLICIT],
        Category.VIOLENCE: threat,
    }


def flag_categories(
    analysis: Analysis, scores: Mapping[Category, float], policy: Policy
) -> frozenset[Category]:
    """The categories that are flagged, by the site's policy."""
    likely = {category for category, score in scores.items() if score >= FLAGGED_FROM}
    by_phrase = {category for category in likely if _is_by_phrase(category, analysis)}
    if not is_abuse(analysis.verdict, analysis.run.signals, policy):
        return frozenset(by_phrase)
    judged = [category for category in Category if category not in BY_PHRASE]
    strongest = max(judged, key=lambda category: scores[category])
    return frozenset(likely | {strongest})


def _is_by_phrase(category: Category, analysis: Analysis) -> bool:
    """Whether a likely category was found by a phrase and not by the models alone."""
    return category in BY_PHRASE or _by_model(analysis.scores)[category] < FLAGGED_FROM
