"""Finds words that the site blocks, profanity by severity, threats, and explicit hatred of a group."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import ClassVar

from moderation.domain.signals import Axis, Field, Signal
from moderation.engine.facts import Context
from moderation.engine.text.shipped_lists import (
    MILD,
    SEVERE,
    SLUR,
    STRONG,
    everyday_in,
    hatred,
    profanity_in,
    threats,
)
from moderation.engine.text.word_matching import WordHit
from moderation.language.fold.normalise import Normalised, normalise

_LEVEL_CODES = {
    MILD: "wordlist.mild",
    STRONG: "wordlist.strong",
    SEVERE: "wordlist.severe",
    SLUR: "wordlist.slur",
}


@dataclass(frozen=True)
class Wordlist:
    """Gives one signal for each list or level. Phrases that the site allows take precedence over all lists.

    The options are the points for each distinct word, of which at most four count.
    """

    @dataclass(frozen=True, slots=True)
    class Options:
        blocked: float = 3.0
        mild: float = 0.5  # mild swear words alone hold no comment
        strong: float = 1.25
        severe: float = 2.5
        slur: float = 4.0
        threat: float = 4.0
        hatred: float = 4.0

    options: Options = Options()

    name = "wordlist"
    version = "3"
    axis = Axis.ABUSE
    sentences: ClassVar[Mapping[str, str]] = {
        "wordlist.blocked": "{count} word(s) that this site blocks: {words}",
        "wordlist.threat": "A threat or a wish of death: {words}",
        "wordlist.hatred": "Says that it hates a group of people: {words}",
        "wordlist.mild": "{count} mild swear word(s): {words}",
        "wordlist.strong": "{count} strong swear word(s): {words}",
        "wordlist.severe": "{count} severe insult(s): {words}",
        "wordlist.slur": "{count} slur(s) against a group: {words}",
    }

    def run(self, context: Context) -> list[Signal]:
        """Signals for the body from all lists; for the name only blocked words, severe insults and slurs."""
        signals = self._scan(context.normalised, context, Field.BODY)
        if context.author_name:
            name = self._scan(normalise(context.author_name), context, Field.NAME)
            signals += [s for s in name if s.code in ("wordlist.blocked", "wordlist.severe", "wordlist.slur")]
        return signals

    def _scan(self, text: Normalised, context: Context, field: Field) -> list[Signal]:
        lists = context.site.lists
        allowed = list(lists.allowed_words.find(text)) if lists else []
        signals = []
        if lists:
            hits = _longest(lists.blocked_words.find(text), allowed)
            signals += self._signals("wordlist.blocked", Axis.QUALITY, "list", hits, text, field)
        hits = _longest(threats().find(text), allowed)
        signals += self._signals("wordlist.threat", Axis.ABUSE, "profanity", hits, text, field)
        hits = _longest(hatred().find(text), allowed)
        signals += self._signals("wordlist.hatred", Axis.ABUSE, "profanity", hits, text, field)
        matchers = profanity_in(context.text, context.site.languages)
        profanity = [hit for matcher in matchers for hit in matcher.find(text)]
        everyday = everyday_in(context.text, context.site.languages).find(text)
        hits = _longest(profanity, [*allowed, *everyday])
        for level, code in _LEVEL_CODES.items():
            at_level = [hit for hit in hits if hit.weight == level]
            signals += self._signals(code, Axis.ABUSE, "profanity", at_level, text, field)
        return signals

    def _signals(
        self, code: str, axis: Axis, family: str, hits: list[WordHit], text: Normalised, field: Field
    ) -> list[Signal]:
        if not hits:
            return []
        words = list(dict.fromkeys(hit.shown for hit in hits))
        each: float = getattr(self.options, code.removeprefix("wordlist."))
        return [
            Signal(
                code,
                axis,
                points=each * min(len(words), 4),
                family=family,
                params={"count": len(words), "words": ", ".join(words[:5])},
                spans=tuple(text.span(hit.start, hit.end, field) for hit in hits[:20]),
            )
        ]


def _longest(hits: Iterable[WordHit], allowed: list[WordHit]) -> list[WordHit]:
    """The hits that lie in no longer hit and in no allowed phrase, sorted by their start."""
    kept: list[WordHit] = []
    for hit in sorted(hits, key=lambda hit: (hit.start, -hit.end, -hit.weight)):
        if kept and hit.end <= kept[-1].end:
            continue
        if not any(phrase.start <= hit.start and hit.end <= phrase.end for phrase in allowed):
            kept.append(hit)
    return kept
