"""The models' judgement of one text: a probability for each head, and an axis logit for abuse and spam.

The linear layer always speaks, the encoder where that is unsure of an English text. English (and what is too
short to tell) is judged by the English heads; German, Arabic, French and Korean by a head of their own; of
any other language only the spam head is asked.
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
    is_encoder_used,
    join,
    join_head,
    line_of,
)
from moderation.language.models.hashing import Grams, hash_grams
from moderation.language.models.heads import ABUSE_HEADS, LANGUAGE_HEADS, LINE_HEADS, Head
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
)  # Persian, Urdu
_SURE = 0.8  # below this a detected language other than English counts as not detected


@dataclass(frozen=True, slots=True)
class AxisLogit:
    """One axis of one text. `logit` is calibrated: its sigmoid is a probability on a usual mix of
    comments. `one_in_100` and `one_in_1000` are the logits that so many harmless comments pass.
    """

    row: str  # of the weights: "abuse", "spam" or a language
    logit: float
    one_in_100: float
    one_in_1000: float


@dataclass(frozen=True, slots=True)
class Judgement:
    """`language` is the head's that judged abuse: "en", one of `LANGUAGE_HEADS`, or "" where none
    could; then `abuse` is None. `heads` are calibrated probabilities of the heads that were asked;
    `lines` has those English heads that may speak up by themselves, `has_second_opinion` tells
    whether the encoder was asked too.
    """

    language: str
    heads: Mapping[Head, float]
    abuse: AxisLogit | None
    spam: AxisLogit
    grams: Grams
    lines: Mapping[Head, AxisLogit] = field(default_factory=dict)
    has_second_opinion: bool = False


def judge(text: Normalised) -> Judgement:
    """The judgement of a folded text; cached, so that the same text is judged only once."""
    return _judge(text.original, is_encoder_used(), _Held(text))


def explain_axis(text: Normalised, judgement: Judgement, row: str) -> tuple[Span, ...]:
    """The places of the original text that speak most for a row of weights, the strongest first."""
    return strongest_spans(text, judgement.grams, linear_model().contributions(judgement.grams, row))


class _Held:
    """Carries a folded text past the cache, whose key is the original alone."""

    def __init__(self, text: Normalised) -> None:
        self.text = text

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Held)

    def __hash__(self) -> int:
        return 0


@lru_cache(maxsize=16)
def _judge(_original: str, _with_encoder: bool, held: _Held) -> Judgement:
    model = linear_model()
    grams = hash_grams(held.text.text, shape_features(held.text))
    logits = model.judge(grams)
    known = model.header["calibration"]
    odds = {row: _calibrated(known[row], logits[row]) for row in known}
    spam = _axis(Head.SPAM, known[Head.SPAM], logits[Head.SPAM])
    heads = {Head.SPAM: sigmoid(odds[Head.SPAM])}
    language = _judged_as(held.text)
    abuse = second = None
    lines = {}
    if language == _ENGLISH:
        second = ask_encoder(held.text.text, logits[ABUSE], known[ABUSE])
        joined = {head: join_head(odds[head], second, head) for head in ABUSE_HEADS}
        heads |= {head: sigmoid(value) for head, value in joined.items()}
        lines = {
            head: AxisLogit(head, joined[head], *line_of(head, is_joined=second is not None))
            for head in LINE_HEADS
        }
        if second:
            abuse = _axis(ABUSE, calibration(), join(logits[ABUSE], second))
        else:
            abuse = _axis(ABUSE, known[ABUSE], logits[ABUSE])
    elif language:
        heads[LANGUAGE_HEADS[language]] = sigmoid(odds[language])
        abuse = _axis(language, known[language], logits[language])
    return Judgement(language, heads, abuse, spam, grams, lines, second is not None)


def _judged_as(text: Normalised) -> str:
    """Which head may judge abuse. A script tells more of a short text than the statistics do; and
    what turns into English when it is folded was English in disguise.
    """
    original = text.original
    for language, script in _SCRIPTS.items():
        if len(script.findall(original)) * 2 > sum(character.isalpha() for character in original):
            return language if language != "ar" or not _NOT_ARABIC.search(original) else ""
    found = detect_language(original)
    if found is None or found[0] == _ENGLISH or found[1] < _SURE:
        return _ENGLISH
    plainly = detect_language(text.text)
    if plainly and plainly[0] == _ENGLISH and plainly[1] >= _SURE:
        return _ENGLISH
    return found[0] if found[0] in LANGUAGE_HEADS else ""


def _axis(row: str, known: Mapping[str, float], logit: float) -> AxisLogit:
    passes = [_calibrated(known, known[share]) for share in ("one_in_100", "one_in_1000")]
    return AxisLogit(row, _calibrated(known, logit), *passes)


def _calibrated(known: Mapping[str, float], logit: float) -> float:
    return max(-30.0, min(30.0, known["a"] * logit + known["b"]))
