"""`comments:suggestscore`: from a score that somebody suggests to a moderator's decision. Pure."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from moderation.compat.perspective.context import CommentContext, read_context
from moderation.compat.perspective.errors import refuse_request
from moderation.compat.perspective.mapping import (
    FALLBACK,
    check_served,
    read_comment,
    read_languages,
)
from moderation.compat.perspective.names import SERVED
from moderation.compat.perspective.reading import take_list, take_object, take_share, take_text
from moderation.domain.status import Action
from moderation.engine.attributes import Attribute

# A client like Coral sends 1 for what a moderator rejected and 0 for what one approved.
_AGAINST = 0.5
# The reasons of the attributes that name one, the telling ones first; any other is against the site's rules.
_REASONS: Mapping[Attribute, str] = {
    Attribute.SPAM: "spam",
    Attribute.THREAT: "threat",
    Attribute.IDENTITY_ATTACK: "hate",
    Attribute.SEXUALLY_EXPLICIT: "sexual",
    Attribute.INSULT: "insult",
    Attribute.ATTACK_ON_AUTHOR: "insult",
    Attribute.ATTACK_ON_COMMENTER: "insult",
    Attribute.INCOHERENT: "low_quality",
    Attribute.UNSUBSTANTIAL: "low_quality",
}


@dataclass(frozen=True, slots=True)
class ScoreSuggestion:
    """A checked call: the comment, and the decision that its scores amount to. `key` names the call, so that
    a repeated one stores nothing.
    """

    text: str
    context: CommentContext
    languages: Sequence[str]
    client_token: str
    key: str
    action: Action
    reason: str


def read_suggestion(given: Mapping[str, Any]) -> ScoreSuggestion:
    """The request in a JSON object. Raises `PerspectiveRefused`."""
    text, token = read_comment(given), take_text(given, "clientToken")
    scores = take_object(given, "attributeScores")
    if not scores:
        raise refuse_request("No attribute scores were suggested.", "NO_REQUESTED_ATTRIBUTES")
    action, reason = _decision({_attribute(name): _read_value(name, each) for name, each in scores.items()})
    return ScoreSuggestion(
        text=text,
        context=read_context(given),
        languages=read_languages(given),
        client_token=token,
        key=_name_call(take_text(given, "communityId"), token, text),
        action=action,
        reason=reason,
    )


def write_suggestion(suggestion: ScoreSuggestion, language: str) -> dict[str, Any]:
    """The response to `comments:suggestscore`."""
    detected = [language or FALLBACK]
    answer: dict[str, Any] = {
        "detectedLanguages": detected,
        "requestedLanguages": list(suggestion.languages) or detected,
    }
    return answer | ({"clientToken": suggestion.client_token} if suggestion.client_token else {})


def _attribute(name: str) -> Attribute:
    check_served(name)
    return SERVED[name]


def _read_value(name: str, scores: Any) -> float:
    """The summary, or the highest span where there is no summary."""
    if not isinstance(scores, dict):
        raise refuse_request(f"The scores of attribute {name} must be an object.")
    summary = take_object(scores, "summaryScore")
    if "value" in summary:
        return take_share(summary, "value")
    spans = [span for span in take_list(scores, "spanScores") if isinstance(span, dict)]
    values = [take_share(take_object(span, "score"), "value") for span in spans]
    if not values:
        raise refuse_request(f"No score was suggested for attribute {name}.")
    return max(values)


def _decision(values: Mapping[Attribute, float]) -> tuple[Action, str]:
    against = {attribute for attribute, value in values.items() if value >= _AGAINST}
    if not against:
        return Action.APPROVE, "fine"
    if Attribute.SPAM in against:
        return Action.SPAM, "spam"
    named = (reason for attribute, reason in _REASONS.items() if attribute in against)
    return Action.REJECT, next(named, "rules")


def _name_call(community: str, token: str, text: str) -> str:
    """The same for a repeated call. An edited comment comes under the token of the former one, so the text
    belongs to the name.
    """
    said = orjson.dumps([community, token, text])
    return f"perspective:{hashlib.sha256(said).hexdigest()}"
