"""The models' judgement of one text: a probability for each head, and a logit for each of abuse and spam.

The linear layer judges every text, and the encoder also judges English texts about which it is uncertain.
English texts (and those too short for language detection) are judged by the English heads; German, Arabic,
French and Korean ones by a head of their own; those in other languages by the spam head only.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from moderation.domain.signals import Span
from moderation.language.features import detect_language
from moderation.language.fold.normalise import Normalised
from moderation.language.models.cascade import (
    ask_encoder,
    calibration,
    combine_abuse,
    combine_head,
    is_encoder_used,
    thresholds_of,
)
from moderation.language.models.hashing import Grams, hash_grams
from moderation.language.models.heads import ABUSE_HEADS, LANGUAGE_HEADS, SINGLE_HEADS, Head
from moderation.language.models.linear import ABUSE, linear_model
from moderation.language.models.shape import shape_features
from moderation.language.models.spans import strongest_spans
from moderation.lib.odds import sigmoid

_ENGLISH = "en"
_SCRIPTS = {
    "ko": re.compile("[\uac00-\ud7af\u1100-\u11ff\u3130-\u318f]"),
    "ar": re.compile("[\u0620-\u064a]"),
}
_NOT_ARABIC = re.compile(
    "[\u067e\u0686\u0698\u06a9\u06af\u06cc\u0679\u0688\u0691\u06ba\u06d2]"
)  # letters of Persian and Urdu
_SURE = 0.8  # with a lower probability, a detected language other than English is ignored


@dataclass(frozen=True, slots=True)
class AxisLogit:
    """The logit of one text on one axis or for one head.

    `logit` is calibrated: its sigmoid is a probability on a usual mix of comments. One harmless comment in
    100 exceeds the logit `one_in_100`, and one in 1,000 exceeds `one_in_1000`.
    """

    row: str  # the row of weights: "abuse", or the value of a head
    logit: float
    one_in_100: float
    one_in_1000: float


@dataclass(frozen=True, slots=True)
class Judgement:
    """The predictions for one text.

    `language` is that of the heads that judged abuse: "en", one of `LANGUAGE_HEADS`, or "" where none can;
    then `abuse` is None. `heads` are the calibrated probabilities of the heads that were used, `single_heads`
    the log-odds of the English `SINGLE_HEADS`, and `has_second_opinion` tells whether the encoder was used.
    """

    language: str
    heads: Mapping[Head, float]
    abuse: AxisLogit | None
    spam: AxisLogit
    grams: Grams
    single_heads: Mapping[Head, AxisLogit] = field(default_factory=dict)
    has_second_opinion: bool = False


def judge(text: Normalised) -> Judgement:
    """The judgement of a folded text. Cached, so that the same text is judged only once."""
    return _judge(text.original, is_encoder_used(), _NotInCacheKey(text))


def explain_axis(text: Normalised, judgement: Judgement, row: str) -> tuple[Span, ...]:
    """The spans of the original text that add most to the logit of a row of weights, the strongest first."""
    return strongest_spans(text, judgement.grams, linear_model().contributions(judgement.grams, row))


class _NotInCacheKey:
    """Passes a folded text to the cached function, whose cache key is to contain the original text only."""

    def __init__(self, text: Normalised) -> None:
        self.text = text

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _NotInCacheKey)

    def __hash__(self) -> int:
        return 0


@lru_cache(maxsize=16)
def _judge(_original: str, _with_encoder: bool, unkeyed: _NotInCacheKey) -> Judgement:
    text = unkeyed.text
    model = linear_model()
    grams = hash_grams(text.text, shape_features(text))
    logits = model.judge(grams)
    known = model.header["calibration"]
    log_odds = {row: _calibrated(known[row], logits[row]) for row in known}
    spam = _axis(Head.SPAM, known[Head.SPAM], logits[Head.SPAM])
    heads = {Head.SPAM: sigmoid(log_odds[Head.SPAM])}
    language = _judged_as(text)
    abuse = second = None
    single_heads = {}
    if language == _ENGLISH:
        second = ask_encoder(text.text, logits[ABUSE], known[ABUSE])
        combined = {head: combine_head(log_odds[head], second, head) for head in ABUSE_HEADS}
        heads |= {head: sigmoid(value) for head, value in combined.items()}
        single_heads = {
            head: AxisLogit(head, combined[head], *thresholds_of(head, is_combined=second is not None))
            for head in SINGLE_HEADS
        }
        if second:
            abuse = _axis(ABUSE, calibration(), combine_abuse(logits[ABUSE], second))
        else:
            abuse = _axis(ABUSE, known[ABUSE], logits[ABUSE])
    elif language:
        heads[LANGUAGE_HEADS[language]] = sigmoid(log_odds[language])
        abuse = _axis(language, known[language], logits[language])
    return Judgement(language, heads, abuse, spam, grams, single_heads, second is not None)


def _judged_as(text: Normalised) -> str:
    """The language as which a text is judged for abuse; empty where no head can judge it.

    For a short text its script is more reliable than language detection. A text that is English only after
    folding is disguised English.
    """
    original = text.original
    for language, script in _SCRIPTS.items():
        count = len(script.findall(original))
        if count and count * 2 > sum(map(str.isalpha, original)):
            return language if language != "ar" or not _NOT_ARABIC.search(original) else ""
    found = detect_language(original)
    if found is None or found[0] == _ENGLISH or found[1] < _SURE:
        return _ENGLISH
    folded = detect_language(text.text)
    if folded and folded[0] == _ENGLISH and folded[1] >= _SURE:
        return _ENGLISH
    return found[0] if found[0] in LANGUAGE_HEADS else ""


def _axis(row: str, known: Mapping[str, float], logit: float) -> AxisLogit:
    thresholds = [_calibrated(known, known[share]) for share in ("one_in_100", "one_in_1000")]
    return AxisLogit(row, _calibrated(known, logit), *thresholds)


def _calibrated(known: Mapping[str, float], logit: float) -> float:
    return max(-30.0, min(30.0, known["a"] * logit + known["b"]))
