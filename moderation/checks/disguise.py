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
# Behind a black flag they spell a region.
_TAGS = re.compile("(?<![\U0001f3f4\U000e0001-\U000e007f])[\U000e0001-\U000e007f]+")
_OVERRIDES = re.compile("[\u202d\u202e]")
_EMBEDDINGS = re.compile("[\u202a\u202b\u2066-\u2068]")
_STACKED = re.compile("[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff]{3,}")
_STYLED = re.compile("[\U0001d400-\U0001d7ff\U0001f110-\U0001f189\u24b6-\u24e9]")
_IMITATED = frozenset(LOOKALIKES.values())  # the Latin letters that pass for foreign ones
_WORD = re.compile(r"[^\W\d_]{2,}")
_IMITABLE = re.compile("[\u0370-\u058f]")  # Greek, Cyrillic, Armenian
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
        return [
            *_signal(
                "disguise.invisible", 1.0, 1.0, _spans([*_INVISIBLE.finditer(text), *_TAGS.finditer(text)])
            ),
            *_signal("disguise.mixed_script", 1.5, 0.75, list(_mixed_words(text))),
            *_signal("disguise.zalgo", 2.0, 0.5, _spans(_STACKED.finditer(text))),
            *_signal("disguise.bidi", 2.5, 0.5, _bidi(text)),
            *_styled(text, self.options.min_styled),
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
    """Words whose few letters of one alphabet pass for those of the other.

    "SMS" with a Russian ending changes its alphabet once, and is none.
    """
    for match in _WORD.finditer(text):
        word = match.group()
        if word.isascii():
            continue
        is_latin = [_LATIN.match(character) is not None for character in word]
        changes = sum(a != b for a, b in pairwise(is_latin))
        few = sum(is_latin) * 2 < len(word)
        minority = [
            character for character, latin in zip(word.lower(), is_latin, strict=False) if latin == few
        ]
        if few and not _IMITABLE.search(word):
            continue
        if (changes >= 2 or (changes and len(minority) == 1)) and all(map(_passes, minority)):
            yield Span(match.start(), match.end())


def _passes(letter: str) -> bool:
    return letter in LOOKALIKES or letter in _IMITATED


def _styled(text: str, least: int) -> list[Signal]:
    """A fancy word in plain text is there to be seen by people only; fancy text is a fashion."""
    styled = list(_STYLED.finditer(text))
    if len(styled) < least:
        return []
    letters = sum(character.isalpha() for character in text)
    spans = [Span(styled[0].start(), styled[-1].end())]
    return _signal("disguise.styled", 3.0 if len(styled) < 0.7 * letters else 1.5, 0.0, spans)


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
        context.normalised.span(hit.start, hit.end): hit.shown
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
