"""Finds the words that a verdict depends on, by judging the text again without them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache

from moderation.domain.signals import Field, Signal, Span
from moderation.domain.status import Outcome
from moderation.engine.checks.model import Model
from moderation.engine.checks.wordlist import Wordlist
from moderation.engine.facts import Context
from moderation.engine.verdict.policy import Policy
from moderation.engine.verdict.scoring import is_milder, outcome_of, weigh
from moderation.language.fold.normalise import normalise

# The checks that react to words; the signals of all others are kept as they are.
_READERS = (Model(), Wordlist())
_READERS_NAMES = frozenset(check.name for check in _READERS)
# The most spans that are tried: more would be a list of words rather than a reason, and take too long for a
# page.
_MOST_PLACES = 6


@dataclass(frozen=True, slots=True)
class Flip:
    """Without `spans` of the text the outcome would be `outcome`, which is milder."""

    spans: tuple[Span, ...]
    outcome: Outcome


def words_to_flip(context: Context, signals: Sequence[Signal], policy: Policy) -> Flip | None:
    """A minimal set of the marked spans without which the verdict on `signals` is milder; None if there is
    none.

    Judges the text some twenty times at most, which suits the page of one comment but not screening.
    """
    outcome = outcome_of(signals, policy)
    places = _places(signals, policy)

    @cache
    def without(spans: tuple[Span, ...]) -> Outcome:
        return outcome_of(_signals_without(context, signals, spans), policy)

    def flips(spans: tuple[Span, ...]) -> bool:
        return bool(spans) and is_milder(without(spans), outcome)

    needed = next(((place,) for place in places if flips((place,))), places)
    if not flips(needed):
        return None
    for place in reversed(needed):
        fewer = tuple(other for other in needed if other != place)
        if flips(fewer):
            needed = fewer
    return Flip(tuple(sorted(needed, key=lambda span: span.start)), without(needed))


def _places(signals: Sequence[Signal], policy: Policy) -> tuple[Span, ...]:
    """The spans in the body that `_READERS` marked, those with the most points first, without overlaps."""
    ranked = sorted(
        (signal for signal in signals if signal.check in _READERS_NAMES),
        key=lambda signal: -weigh(signal, policy),
    )
    places: list[Span] = []
    for span in (span for signal in ranked for span in signal.spans):
        is_new = all(span.end <= other.start or span.start >= other.end for other in places)
        if span.field == Field.BODY and is_new and len(places) < _MOST_PLACES:
            places.append(span)
    return tuple(places)


def _signals_without(context: Context, signals: Sequence[Signal], spans: Sequence[Span]) -> list[Signal]:
    text = context.text
    for span in sorted(spans, key=lambda span: -span.start):
        text = text[: span.start] + text[span.end :]
    changed = replace(context, text=text, normalised=normalise(text))
    others = [signal for signal in signals if signal.check not in _READERS_NAMES]
    return [*others, *(signal for check in _READERS for signal in check.run(changed))]
