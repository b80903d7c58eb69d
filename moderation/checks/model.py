"""What the trained models see: insults, attacks on groups, threats, sexual remarks, advertising."""

from collections.abc import Mapping
from dataclasses import dataclass

from moderation.checks.check import LOCAL
from moderation.checks.context import Context
from moderation.domain.signals import Axis, Param, Signal
from moderation.language.cascade import is_encoder_used, weights_version
from moderation.language.heads import ABUSE_HEADS, LANGUAGE_HEADS, Head
from moderation.language.judgement import AxisLogit, Judgement, explain_axis, judge

_ATTACKS = (Head.INSULT, Head.IDENTITY, Head.THREAT)
# These two heads know words rather than intentions: they name a text where no attack is likely.
_WORDS = (Head.SEXUAL, Head.PROFANITY)
# The model reads links too: both together count no more than links alone can.
_FAMILIES = {Axis.ABUSE: "model", Axis.SPAM: "link"}
_LIKELY = 0.5
_SAID_FROM = 0.8  # of the points that hold: a weak hint would only add up with other weak hints


@dataclass(frozen=True)
class Model:
    """At most one signal an axis; its code is the head that is most likely.

    Points grow with the calibrated log-odds through two anchors: what one harmless comment in
    100 passes, and what one in 1,000 passes. What is far under the first is kept quiet. Of the pooled
    answer and the single heads that may speak up by themselves, the highest counts.
    """

    @dataclass(frozen=True, slots=True)
    class Options:
        # Under the usual line for holding: the heads below and the word list hold too, and all
        # together should hold one harmless comment in 100.
        abuse_at_100: float = 3.4
        abuse_at_1000: float = 7.0
        most_abuse: float = 9.0
        head_at_100: float = 1.5
        head_at_1000: float = 4.0
        threat_at_100: float = 2.5  # a threat that is missed costs most
        threat_at_1000: float = 5.5
        most_head: float = 7.0
        language_most: float = 5.0  # heads of other languages hold, and never more
        spam_at_100: float = 1.4  # half is missing to a hold: links and phrases have their own say
        spam_at_1000: float = 3.5
        most_spam: float = 4.0

        def anchors_of(self, head: Head) -> tuple[float, float]:
            """The points of a head at one harmless comment in 100 and in 1,000."""
            if head == Head.THREAT:
                return self.threat_at_100, self.threat_at_1000
            return self.head_at_100, self.head_at_1000

    options: Options = Options()

    name = "model"
    version = f"2.{weights_version()}{'+encoder' if is_encoder_used() else ''}"
    axis = Axis.ABUSE
    stage = LOCAL
    needs = frozenset[str]()
    codes = frozenset(
        {"model.spam", "model.unjudged", "model.abuse", *(f"model.{head.value}" for head in ABUSE_HEADS)}
    )

    def run(self, context: Context) -> list[Signal]:
        """The abuse of the text and its advertising; and whether its language could be judged."""
        judgement = judge(context.normalised)
        return [*self._abuse(context, judgement), *self._spam(context, judgement)]

    def _abuse(self, context: Context, judgement: Judgement) -> list[Signal]:
        if judgement.abuse is None:
            return [Signal("model.unjudged", Axis.QUALITY, 0.0, "model")]
        options = self.options
        language = judgement.language
        is_english = language not in LANGUAGE_HEADS
        most = options.most_abuse if is_english else options.language_most
        found, code = judgement.abuse, "model.abuse"
        points = grade(found, options.abuse_at_100, options.abuse_at_1000, most)
        if is_english:
            code = f"model.{_name(judgement.heads).value}"
        for head, line in judgement.lines.items():
            alone = grade(line, *options.anchors_of(head), options.most_head)
            if alone > points:
                found, code, points = line, f"model.{head.value}", alone
        if points == 0:
            return []
        return [_signal(found, code, Axis.ABUSE, points, context, language=language)]

    def _spam(self, context: Context, judgement: Judgement) -> list[Signal]:
        options = self.options
        points = grade(judgement.spam, options.spam_at_100, options.spam_at_1000, options.most_spam)
        if points == 0:
            return []
        return [_signal(judgement.spam, "model.spam", Axis.SPAM, points, context)]


def grade(axis: AxisLogit, at_100: float, at_1000: float, most: float) -> float:
    """Points of a log-odds: linear through both anchors, 0 well under `at_100`, at most `most`."""
    width = max(axis.one_in_1000 - axis.one_in_100, 0.5)
    points = at_100 + (at_1000 - at_100) * (axis.logit - axis.one_in_100) / width
    return round(min(points, most), 2) if points >= at_100 * _SAID_FROM else 0.0


def _name(heads: Mapping[Head, float]) -> Head:
    """The head that names the abuse of an English text."""
    likeliest = max(_ATTACKS, key=lambda head: heads[head])
    if heads[likeliest] >= _LIKELY:
        return likeliest
    return max((likeliest, *_WORDS), key=lambda head: heads[head])


def _signal(
    found: AxisLogit, code: str, axis: Axis, points: float, context: Context, **params: Param
) -> Signal:
    judgement = judge(context.normalised)
    return Signal(
        code,
        axis,
        points,
        _FAMILIES[axis],
        params=params | _odds(found),
        spans=explain_axis(context.normalised, judgement, found.row),
    )


def _odds(found: AxisLogit) -> dict[str, Param]:
    """How many harmless comments score as high: words that a moderator can weigh."""
    if found.logit >= found.one_in_1000:
        return {"rarity": "fewer than 1 in 1,000"}
    return {"rarity": "fewer than 1 in 100" if found.logit >= found.one_in_100 else "more than 1 in 100"}
