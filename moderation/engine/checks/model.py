"""Signals what the trained models predict: insults, attacks on groups, threats, sexual remarks, spam."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from moderation.domain.signals import Axis, Param, Signal
from moderation.engine.facts import Context
from moderation.language.models.cascade import is_encoder_used, weights_version
from moderation.language.models.heads import LANGUAGE_HEADS, Head
from moderation.language.models.judgement import AxisLogit, Judgement, explain_axis, judge

_ATTACKS = (Head.INSULT, Head.IDENTITY, Head.THREAT)
# These two heads react to words rather than intentions. They name the abuse only where no attack is likely.
_WORDS = (Head.SEXUAL, Head.PROFANITY)
# The spam head has link features, so it shares a family, and thus a cap, with the `links` check.
_FAMILIES = {Axis.ABUSE: "model", Axis.SPAM: "link"}
_LIKELY = 0.5  # probability
Anchors = tuple[float, float]
# The least part of the points at the first anchor that gives a signal: weaker signals would only add up with
# other weak ones.
_LEAST_PART = 0.8


@dataclass(frozen=True)
class Model:
    """Gives at most one signal for each axis; its code names the head.

    Points are linear in the calibrated log-odds and are fixed at two anchors: the log-odds that one harmless
    comment in 100 exceeds, and those that one in 1,000 exceeds. Log-odds far below the first anchor give no
    signal. The points for abuse are the highest among those of the pooled logit and of `SINGLE_HEADS`.
    """

    @dataclass(frozen=True, slots=True)
    class Options:
        """A pair holds the points at the log-odds that one harmless comment in 100, and in 1,000, exceeds."""

        # The first is below the default threshold for holding: the heads below and the word list hold
        # comments as well, and all together should hold little more than one harmless comment in 100.
        abuse: Anchors = (3.0, 7.0)
        most_abuse: float = 9.0
        insult: Anchors = (2.4, 5.0)
        identity: Anchors = (3.3, 6.0)  # many of the rows that are negative for this head are other attacks
        threat: Anchors = (3.2, 6.0)  # a missed threat does the most harm
        sexual: Anchors = (1.5, 4.0)
        most_head: float = 7.0
        unconfirmed: float = 0.85  # the factor of a head's points where the encoder was not used
        language: Anchors = (4.0, 5.0)
        most_language: float = 5.0  # heads of other languages hold comments at most
        spam: Anchors = (1.4, 3.5)  # half of what holds a comment: links and phrases give points of their own
        most_spam: float = 4.0

        def anchors_of(self, head: Head) -> Anchors:
            """The anchors of one of `SINGLE_HEADS`."""
            return {
                Head.INSULT: self.insult,
                Head.IDENTITY: self.identity,
                Head.THREAT: self.threat,
                Head.SEXUAL: self.sexual,
            }[head]

    options: Options = Options()

    name = "model"
    version = f"2.{weights_version()}{'+encoder' if is_encoder_used() else ''}"
    axis = Axis.ABUSE
    sentences: ClassVar[Mapping[str, str]] = {
        "model.insult": "Reads like an insult ({rarity} harmless comments do)",
        "model.identity": "Reads like an attack on a group of people ({rarity} harmless comments do)",
        "model.threat": "Reads like a threat ({rarity} harmless comments do)",
        "model.profanity": "Swears a lot ({rarity} harmless comments do so much)",
        "model.sexual": "Reads like a sexual remark ({rarity} harmless comments do)",
        "model.abuse": "Reads like abuse in its language ({language}; {rarity} harmless comments do)",
        "model.spam": "Reads like advertising ({rarity} harmless comments do)",
        "model.unjudged": "Written in a language in which abuse is found by word lists only",
    }

    def run(self, context: Context) -> list[Signal]:
        """At most one signal about abuse, or about a language that cannot be judged, and one about spam."""
        judgement = judge(context.normalised)
        return [*self._abuse(context, judgement), *self._spam(context, judgement)]

    def _abuse(self, context: Context, judgement: Judgement) -> list[Signal]:
        if judgement.abuse is None:
            return [Signal("model.unjudged", Axis.QUALITY, 0.0, "model")]
        options = self.options
        language = judgement.language
        found = judgement.abuse
        if language in LANGUAGE_HEADS:
            code, points = "model.abuse", grade(found, options.language, options.most_language)
        else:
            code = f"model.{_name(judgement.heads).value}"
            points = grade(found, options.abuse, options.most_abuse)
        for head, single in judgement.single_heads.items():
            alone = self._grade_alone(head, single, judgement)
            if alone > points:
                found, code, points = single, f"model.{head.value}", alone
        if points == 0:
            return []
        return [_signal(found, code, Axis.ABUSE, points, context, language=language)]

    def _grade_alone(self, head: Head, single: AxisLogit, judgement: Judgement) -> float:
        """The points that one head gives by itself. They are lower without the encoder, because the linear
        layer reacts to words rather than intentions.
        """
        options = self.options
        points = grade(single, options.anchors_of(head), options.most_head)
        if judgement.has_second_opinion:
            return points
        return 0.0 if head in _WORDS else round(points * options.unconfirmed, 2)

    def _spam(self, context: Context, judgement: Judgement) -> list[Signal]:
        options = self.options
        points = grade(judgement.spam, options.spam, options.most_spam)
        if points == 0:
            return []
        return [_signal(judgement.spam, "model.spam", Axis.SPAM, points, context)]


def grade(axis: AxisLogit, anchors: Anchors, most: float) -> float:
    """Points for log-odds: linear through both anchors, 0 well below the first, at most `most`."""
    at_100, at_1000 = anchors
    width = max(axis.one_in_1000 - axis.one_in_100, 0.5)
    points = at_100 + (at_1000 - at_100) * (axis.logit - axis.one_in_100) / width
    return round(min(points, most), 2) if points >= at_100 * _LEAST_PART else 0.0


def _name(heads: Mapping[Head, float]) -> Head:
    """The head that names the abuse of an English text."""
    likeliest = max(_ATTACKS, key=lambda head: heads[head])
    if heads[likeliest] >= _LIKELY:
        return likeliest
    return max((likeliest, *_WORDS), key=lambda head: heads[head])


def _signal(
    found: AxisLogit, code: str, axis: Axis, points: float, context: Context, **params: Param
) -> Signal:
    text = context.normalised
    spans = explain_axis(text, judge(text), found.row) if context.marks_words else ()
    return Signal(code, axis, points, _FAMILIES[axis], params=params | _rarity(found), spans=spans)


def _rarity(found: AxisLogit) -> dict[str, Param]:
    """How many harmless comments have such a high logit, in words for moderators."""
    if found.logit >= found.one_in_1000:
        return {"rarity": "fewer than 1 in 1,000"}
    return {"rarity": "fewer than 1 in 100" if found.logit >= found.one_in_100 else "more than 1 in 100"}
