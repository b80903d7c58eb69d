"""From analyses to OpenAI's answer. Pure: no Django request, no database."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from moderation.compat.analysis import Analysis
from moderation.compat.openai_moderations.categories import BY_PHRASE, Category
from moderation.compat.openai_moderations.phrases import FoundPhrase, find_phrases
from moderation.compat.openai_moderations.reading import Bundle
from moderation.compat.openai_moderations.scoring import flag_categories, score_categories
from moderation.domain.signals import Axis, Field
from moderation.engine.sentences import say
from moderation.engine.verdict.judging import VerdictReason
from moderation.engine.verdict.policy import Policy
from moderation.engine.verdict.scoring import SEVERITY
from moderation.language.fold.normalise import normalise

MOST_SPANS = 50
_SHOWN_AXES = (Axis.ABUSE, Axis.SPAM)


@dataclass(frozen=True, slots=True)
class JudgedText:
    """One text of a bundle with its analysis and the phrases in it."""

    analysis: Analysis
    phrases: tuple[FoundPhrase, ...]


def judge_text(text: str, analysis: Analysis) -> JudgedText:
    """Add what only phrases tell to the analysis of `text`."""
    return JudgedText(analysis, tuple(find_phrases(normalise(text))))


def build_answer(answer_id: str, model: str, results: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The whole answer. The model is named as the caller named it, although none of OpenAI's was asked."""
    return {"id": f"modr-{answer_id}", "model": model, "results": list(results)}


def build_result(bundle: Bundle, texts: Sequence[JudgedText], policy: Policy) -> dict[str, Any]:
    """One result: of several texts in a bundle the highest score counts.

    `spans`, `reasons`, `policy` and `not_judged` are ours; clients keep them or pass over them.
    """
    scores = dict.fromkeys(Category, 0.0)
    flagged: set[Category] = set()
    for text in texts:
        found = score_categories(text.analysis, text.phrases)
        scores = {category: max(scores[category], found[category]) for category in Category}
        flagged |= flag_categories(text.analysis, found, policy)
    kinds = ["text"] if texts else []
    return {
        "flagged": bool(flagged),
        "categories": {category.value: category in flagged for category in Category},
        "category_scores": {category.value: score for category, score in scores.items()},
        "category_applied_input_types": {category.value: list(kinds) for category in Category},
        "spans": [span for number, text in enumerate(texts) for span in _spans(number, text)][:MOST_SPANS],
        "reasons": [_reason(reason) for text in texts for reason in text.analysis.verdict.reasons],
        "policy": _policy(texts, policy),
        "not_judged": {"images": bundle.images, "by_phrases_only": [each.value for each in BY_PHRASE]},
    }


def _spans(number: int, text: JudgedText) -> Iterator[dict[str, Any]]:
    """Places in the text with that number in its bundle, as half-open ranges of code points."""
    for signal in text.analysis.run.signals:
        for span in signal.spans if signal.axis in _SHOWN_AXES else ():
            if span.field == Field.BODY:
                yield {"text": number, "start": span.start, "end": span.end, "code": signal.code}
    for phrase in text.phrases:
        place = {"start": phrase.span.start, "end": phrase.span.end}
        yield {"text": number, **place, "code": f"phrase.{phrase.category.value}"}


def _reason(reason: VerdictReason) -> dict[str, Any]:
    return {
        "code": reason.code,
        "axis": reason.axis.value,
        "points": reason.points,
        "says": say(reason.code, reason.params),
    }


def _policy(texts: Sequence[JudgedText], policy: Policy) -> dict[str, Any]:
    """The version of the policy, what it makes of the texts (the severest), and the scale of the scores."""
    outcomes = [text.analysis.verdict.outcome for text in texts]
    return {
        "version": policy.version,
        "outcome": max(outcomes, key=SEVERITY.index).value if outcomes else None,
        "scores": texts[0].analysis.version if texts else None,
    }
