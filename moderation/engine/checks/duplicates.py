"""Finds texts that were submitted to this site before, identically or nearly so."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from moderation.domain.signals import Axis, Param, Signal
from moderation.domain.status import Status
from moderation.engine.facts import Context, EarlierText
from moderation.language.fold.tokens import count_cjk, words


@dataclass(frozen=True)
class Duplicates:
    """Signals copies of the author's own comments, of other authors' comments, and of spam."""

    @dataclass(frozen=True, slots=True)
    class Options:
        near: float = 0.7  # the least similarity at which a text counts as a copy
        min_words: int = 5  # many people write the same short text, such as "thanks for this"
        min_cjk: int = 12  # characters, for texts whose words are not separated by spaces

    options: Options = Options()

    name = "duplicates"
    version = "1"
    axis = Axis.SPAM
    sentences: ClassVar[Mapping[str, str]] = {
        "duplicates.own": "The author posted the same text {count} time(s) before",
        "duplicates.exact": "{count} other comment(s) with the same text",
        "duplicates.near": "{count} other comment(s) with nearly the same text ({percent} %)",
        "duplicates.of_spam": "The text was found to be spam {count} time(s) before",
    }

    def run(self, context: Context) -> list[Signal]:
        """At most one signal for each code; its confidence is the similarity of the nearest copy."""
        alike = [earlier for earlier in context.earlier if earlier.similarity >= self.options.near]
        if not alike:
            return []
        signals = []
        own = [earlier for earlier in alike if earlier.same_author and earlier.similarity >= 1.0]
        if own:
            signals.append(_signal("duplicates.own", 2.0 + min(len(own), 3), own, count=len(own)))
        if not self._is_long_enough(context):
            return signals
        spam = [earlier for earlier in alike if earlier.status == Status.SPAM]
        if spam:
            signals.append(_signal("duplicates.of_spam", 5.0, spam, count=len(spam)))
        others = [earlier for earlier in alike if earlier not in own]
        exact = [earlier for earlier in others if earlier.similarity >= 1.0]
        near = [earlier for earlier in others if earlier.similarity < 1.0]
        if exact:
            signals.append(_signal("duplicates.exact", 1.5 + min(len(exact), 4), exact, count=len(exact)))
        if near:
            signals.append(_signal("duplicates.near", 1.0 + min(len(near), 4), near, count=len(near)))
        return signals

    def _is_long_enough(self, context: Context) -> bool:
        folded = context.normalised.text
        return len(words(folded)) >= self.options.min_words or count_cjk(folded) >= self.options.min_cjk


def _signal(code: str, points: float, alike: list[EarlierText], **params: Param) -> Signal:
    nearest = max(alike, key=lambda earlier: (earlier.similarity, earlier.comment_id))
    return Signal(
        code,
        Axis.SPAM,
        points,
        "campaign",
        confidence=round(nearest.similarity, 3),
        params={**params, "comment": nearest.comment_id, "percent": round(100 * nearest.similarity)},
    )
