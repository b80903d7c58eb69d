"""Between Perspective's requests and responses and our own values. Pure: no request, no database."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from moderation.compat.analysis import Analysis, ToAnalyse
from moderation.compat.perspective.context import CommentContext, read_context, read_text
from moderation.compat.perspective.errors import refuse_request
from moderation.compat.perspective.names import NOT_SERVED, SERVED
from moderation.compat.perspective.reading import (
    take_flag,
    take_list,
    take_object,
    take_share,
    take_text,
)
from moderation.compat.perspective.sentences import Sentence
from moderation.engine.attributes import Attribute

MOST_BYTES = 20_480
MOST_ATTRIBUTES = 100
_MOST_LANGUAGES = 50
_PROBABILITY = "PROBABILITY"
_SCORE_TYPES = ("", "SCORE_TYPE_UNSPECIFIED", _PROBABILITY)
FALLBACK = "en"


@dataclass(frozen=True, slots=True)
class AnalyzeRequest:
    """A checked call of `comments:analyze`. `thresholds` are by the name that was asked for."""

    text: str
    thresholds: Mapping[str, float]
    context: CommentContext
    languages: Sequence[str]
    wants_spans: bool
    client_token: str

    @property
    def to_analyse(self) -> ToAnalyse:
        """The whole comment for the engine."""
        return self.part(self.text)

    def part(self, text: str) -> ToAnalyse:
        """A piece of the comment for the engine, in the same context."""
        context = self.context
        return ToAnalyse(
            text=text, is_reply=context.is_reply, on_article=context.on_article, thread_url=context.url
        )


def read_analyze(given: Mapping[str, Any]) -> AnalyzeRequest:
    """The request in a JSON object. Raises `PerspectiveRefused`."""
    return AnalyzeRequest(
        text=read_comment(given),
        thresholds=_read_attributes(given),
        context=read_context(given),
        languages=read_languages(given),
        wants_spans=take_flag(given, "spanAnnotations"),
        client_token=take_text(given, "clientToken"),
    )


def read_comment(given: Mapping[str, Any]) -> str:
    """The comment's text. Raises `PerspectiveRefused`."""
    text = read_text(take_object(given, "comment"))
    if not text.strip():
        raise refuse_request("Comment must be non-empty.", "COMMENT_EMPTY")
    if len(text.encode()) > MOST_BYTES:
        raise refuse_request(f"Comment text must be at most {MOST_BYTES} bytes in UTF-8.", "COMMENT_TOO_LONG")
    return text


def _read_attributes(given: Mapping[str, Any]) -> dict[str, float]:
    asked = take_object(given, "requestedAttributes")
    if not asked:
        raise refuse_request("No requested attributes were specified.", "NO_REQUESTED_ATTRIBUTES")
    if len(asked) > MOST_ATTRIBUTES:
        raise refuse_request(f"At most {MOST_ATTRIBUTES} attributes can be requested.")
    return {name: _read_threshold(name, options) for name, options in asked.items()}


def check_served(name: str) -> None:
    """Raise `PerspectiveRefused` for an attribute that is not served."""
    if name in NOT_SERVED:
        raise refuse_request(f"Attribute {name} is not served here: no model of this service judges it.")
    if name not in SERVED:
        raise refuse_request(f"Unknown requested attribute: {name[:60]}")


def _read_threshold(name: str, options: Any) -> float:
    check_served(name)
    if options is None or options == {}:
        return 0.0
    if not isinstance(options, dict):
        raise refuse_request(f"The parameters of attribute {name} must be an object.")
    if take_text(options, "scoreType") not in _SCORE_TYPES:
        raise refuse_request(f"Attribute {name} supports the score type {_PROBABILITY} only.")
    return take_share(options, "scoreThreshold")


def read_languages(given: Mapping[str, Any]) -> list[str]:
    """The languages as they were sent. Any is accepted. Raises `PerspectiveRefused`."""
    languages = take_list(given, "languages")
    if len(languages) > _MOST_LANGUAGES or not all(isinstance(each, str) for each in languages):
        raise refuse_request("Field languages must be a list of language codes.")
    return languages


def write_analysis(
    request: AnalyzeRequest, found: Analysis, sentences: Sequence[tuple[Sentence, Mapping[Attribute, float]]]
) -> dict[str, Any]:
    """The response to `comments:analyze`. `sentences` have the spans with their scores, one at least."""
    scores = {
        name: _write_score(SERVED[name], found.scores, sentences)
        for name, threshold in request.thresholds.items()
        if _rounded(found.scores[SERVED[name]]) >= threshold
    }
    detected = [found.language or FALLBACK]
    answer: dict[str, Any] = {
        "attributeScores": scores,
        "languages": list(request.languages) or detected,
        "detectedLanguages": detected,
        "scoring": {
            "version": found.version,
            "languageSupport": found.language_support.value,
            "languageFallback": found.is_fallback or _is_guessed(request, found),
        },
    }
    return answer | ({"clientToken": request.client_token} if request.client_token else {})


def _is_guessed(request: AnalyzeRequest, found: Analysis) -> bool:
    """Whether a text too short to tell was judged as English, though another language was named."""
    names = [name.lower().partition("-")[0] for name in request.languages]
    return not found.language and bool(names) and FALLBACK not in names


def _write_score(
    attribute: Attribute,
    summary: Mapping[Attribute, float],
    sentences: Sequence[tuple[Sentence, Mapping[Attribute, float]]],
) -> dict[str, Any]:
    spans = [
        {"begin": sentence.start, "end": sentence.end, "score": _value(scores[attribute])}
        for sentence, scores in sentences
    ]
    return {"spanScores": spans, "summaryScore": _value(summary[attribute])}


def _value(score: float) -> dict[str, Any]:
    return {"value": _rounded(score), "type": _PROBABILITY}


def _rounded(score: float) -> float:
    return round(score, 7)
