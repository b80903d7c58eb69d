"""Characters that hide what a text says: invisible, foreign, stacked, turned round or styled."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from moderation.checks.check import LOCAL
from moderation.checks.context import Context
from moderation.checks.shipped_lists import english_profanity, pitches
from moderation.checks.word_matching import WordHit
from moderation.domain.signals import Axis, Param, Signal, Span
from moderation.language.confusables import BLANKS, LOOKALIKES

# Between letters of these scripts joiners and fillers mean nothing and can only split a word.
_PLAIN = "a-zA-Z\u00c0-\u024f\u0370-\u03ff\u0400-\u04ff"
_HIDERS = "\u00ad\u034f\u115f\u1160\u180e\u200b-\u200f\u2060-\u2064\u3164\ufeff\uffa0"
_INVISIBLE = re.compile(f"(?<=[{_PLAIN}])[{_HIDERS}]+(?=[{_PLAIN}])")
_TAGS = re.compile("(?<!\U0001f3f4)[\U000e0001-\U000e007f]+")  # behind a black flag they spell a region
_OVERRIDES = re.compile("[\u202d\u202e]")
_EMBEDDINGS = re.compile("[\u202a\u202b\u2066-\u2068]")
_STACKED = re.compile("[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff]{3,}")
_STYLED = re.compile("[\U0001d400-\U0001d7ff\U0001f110-\U0001f189\u24b6-\u24e9]")
_WORD = re.compile(r"[^\W\d_]{2,}")
_LATIN = re.compile("[a-zA-Z\u00c0-\u024f]")


@dataclass(frozen=True)
class Disguise:
    """Honest Cyrillic, Greek, Arabic or Indic text, emoji and accents are no disguise."""

    @dataclass(frozen=True, slots=True)
    class Options:
        min_styled: int = 4

    options: Options = Options()

    name = "disguise"
    version = "1"
    axis = Axis.SPAM
    stage = LOCAL
    needs = frozenset[str]()
    codes = frozenset(
        {
            "disguise.invisible",
            "disguise.mixed_script",
            "disguise.zalgo",
            "disguise.bidi",
            "disguise.styled",
            "disguise.hidden_word",
        }
    )

    def run(self, context: Context) -> list[Signal]:
        """One signal per trick, with every place where it was used."""
        text = context.text
        hidden = _hidden_words(context)
        if text.isascii():
            return hidden
        styled = list(_STYLED.finditer(text))
        return [
            *_signal(
                "disguise.invisible", 1.0, 1.0, _spans([*_INVISIBLE.finditer(text), *_TAGS.finditer(text)])
            ),
            *_signal("disguise.mixed_script", 1.5, 0.75, list(_mixed_words(text))),
            *_signal("disguise.zalgo", 2.0, 0.5, _spans(_STACKED.finditer(text))),
            *_signal("disguise.bidi", 2.5, 0.5, _bidi(text)),
            *_signal(
                "disguise.styled", 1.5, 0.0, _spans(styled) if len(styled) >= self.options.min_styled else []
            ),
            *hidden,
        ]


def _signal(code: str, first: float, further: float, spans: list[Span], **params: Param) -> list[Signal]:
    if not spans:
        return []
    points = first + further * min(len(spans) - 1, 4)
    params = {"count": len(spans), **params}
    return [Signal(code, Axis.SPAM, points, "disguise", params=params, spans=tuple(spans[:20]))]


def _spans(matches: Iterator[re.Match[str]] | list[re.Match[str]]) -> list[Span]:
    return [Span(match.start(), match.end()) for match in matches]


def _mixed_words(text: str) -> Iterator[Span]:
    """Words of Latin letters and letters that pass for Latin; "SMS" with a Russian ending is none."""
    for match in _WORD.finditer(text):
        word = match.group()
        if word.isascii() or not _LATIN.search(word):
            continue
        foreign = [character for character in word.lower() if not _LATIN.match(character)]
        if not foreign or not all(character in LOOKALIKES for character in foreign):
            continue
        changes = sum(bool(_LATIN.match(a)) != bool(_LATIN.match(b)) for a, b in pairwise(word))
        if changes >= 2 or len(foreign) * 3 <= len(word):
            yield Span(match.start(), match.end())


def _bidi(text: str) -> list[Span]:
    found = _spans(_OVERRIDES.finditer(text))
    embeddings = _spans(_EMBEDDINGS.finditer(text))
    if embeddings and not any(unicodedata.bidirectional(character) in ("R", "AL") for character in text):
        found += embeddings
    return sorted(found, key=lambda span: span.start)


def _hidden_words(context: Context) -> list[Signal]:
    """Listed words that only show after folding: v1agra, f.u.c.k, payday with one Cyrillic letter."""
    lists = context.site.lists
    matchers = [english_profanity(), pitches(), *([lists.blocked_words] if lists else [])]
    hits = {
        context.normalised.span(hit.start, hit.end): hit.word
        for matcher in matchers
        for hit in matcher.find(context.normalised)
        if _is_hidden(context, hit)
    }
    spans = sorted(hits, key=lambda span: (span.start, span.end))
    return _signal("disguise.hidden_word", 1.5, 0.5, spans, word=hits[spans[0]] if spans else "")


def _is_hidden(context: Context, hit: WordHit) -> bool:
    span = context.normalised.span(hit.start, hit.end)
    raw = context.text[span.start : span.end].lower()
    if raw == hit.word or raw.split() == hit.word.split():
        return False
    visible = [c for c in unicodedata.normalize("NFD", raw) if unicodedata.category(c)[0] not in "MPZ"]
    has_hiders = any(unicodedata.category(c) == "Cf" or c in BLANKS for c in raw)
    dressed = sum(not c.isascii() or c.isdigit() or c in "$|+" for c in visible if c not in hit.word)
    spaced = len(raw) >= 2 * len(hit.word) - 1 and not hit.word.isspace() and len(hit.word) > 3
    return has_hiders or dressed > 0 or (spaced and _is_spaced(raw))


def _is_spaced(raw: str) -> bool:
    """f.u.c.k: every second character is the same separator."""
    return len(raw) > 2 and len(set(raw[1::2])) == 1 and not raw[1].isalnum()
