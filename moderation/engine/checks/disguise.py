"""Finds disguised text: invisible characters, mixed scripts, stacked marks, bidi controls, masked words."""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise
from typing import ClassVar

from moderation.domain.signals import Axis, Param, Signal, Span
from moderation.engine.facts import Context
from moderation.engine.text.shipped_lists import english_profanity, hatred, pitches, profanity_in, threats
from moderation.engine.text.word_matching import WordMatcher
from moderation.language.fold.confusables import BLANKS, LOOKALIKES
from moderation.language.fold.mixed_script import is_mixed_script

# Letters of the Latin, Greek and Cyrillic scripts. Joiners and fillers have no linguistic function between
# two of them: they can only split a word.
_PLAIN = "a-zA-Z\u00c0-\u024f\u0370-\u03ff\u0400-\u04ff"
# Soft hyphens, zero-width characters and direction marks. Web pages and word processors insert them into
# ordinary words, and they remain in text that is copied from there.
_TYPESET = "\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff"
# Fillers and invisible operators. No software inserts them between such letters, so somebody put them there
# to disguise a word.
_FILLERS = "\u034f\u115f\u1160\u180e\u2061-\u2064\u3164\uffa0"
_INVISIBLE = re.compile(f"(?<=[{_PLAIN}])[{_TYPESET}{_FILLERS}]+(?=[{_PLAIN}])")
# Tag characters, except after a black flag: there they are part of the flag emoji of a region.
_TAGS = re.compile("(?<![\U0001f3f4\U000e0001-\U000e007f])[\U000e0001-\U000e007f]+")
_OVERRIDES = re.compile("[\u202d\u202e]")
_EMBEDDINGS = re.compile("[\u202a\u202b\u2066-\u2068]")
_STACKED = re.compile("[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff]{3,}")
_STYLED = re.compile("[\U0001d400-\U0001d7ff\U0001f110-\U0001f189\u24b6-\u24e9]")
_IMITATED = frozenset(LOOKALIKES.values())  # Latin letters that look like a letter of another script
_MASK_SIGNS = frozenset("*#%&@!?-_.~^=")
_PIECE = re.compile(r"[^\W_]+")
_WORD = re.compile(r"[^\W\d_]{2,}")
_IMITABLE = re.compile("[\u0370-\u058f]")  # Greek, Cyrillic, Armenian
_LATIN = re.compile("[a-zA-Z\u00c0-\u024f]")


@dataclass(frozen=True)
class Disguise:
    """Signals each kind of disguise in the body.

    Ordinary Cyrillic, Greek, Arabic or Indic text, emoji and diacritics give no signal.
    """

    @dataclass(frozen=True, slots=True)
    class Options:
        min_styled: int = 4  # characters

    options: Options = Options()

    name = "disguise"
    version = "3"
    axis = Axis.SPAM
    sentences: ClassVar[Mapping[str, str]] = {
        "disguise.invisible": "Invisible characters inside words, {count} time(s)",
        "disguise.mixed_script": "{count} word(s) that mix letters of several alphabets",
        "disguise.zalgo": "Stacked accents, {count} time(s)",
        "disguise.bidi": "Characters that turn the direction of writing, {count} time(s)",
        "disguise.styled": "Letters in fancy type",
        "disguise.hidden_word": "A word in disguise: {word}",
        "disguise.masked_word": "{count} word(s) with letters blotted out: {word}",
    }

    def run(self, context: Context) -> list[Signal]:
        """At most one signal for each code, with the spans of its first 20 places."""
        text = context.text
        hidden = _hidden_words(context)
        if text.isascii():
            return hidden
        return [
            *_signal("disguise.invisible", 1.0, 1.0, _invisible(context)),
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


def _invisible(context: Context) -> list[Span]:
    """The spans of invisible characters that disguise something: tag characters and fillers anywhere, and
    characters of `_TYPESET` only where they split a listed word.
    """
    found, typeset = _spans(_TAGS.finditer(context.text)), list[Span]()
    for run in _INVISIBLE.finditer(context.text):
        kind = found if run.group().strip(_TYPESET) else typeset
        kind.append(Span(run.start(), run.end()))
    if typeset:
        listed = _listed_places(context)
        found += [span for span in typeset if span.start in listed]
    return sorted(found, key=lambda span: span.start)


def _listed_places(context: Context) -> set[int]:
    """The indices in the original text that belong to a word of any list, disguised or not."""
    folded = context.normalised
    languages = profanity_in(folded.text, context.site.languages)
    matchers = [*_disguised_lists(context), threats(), hatred(), *languages]
    hits = (hit for matcher in matchers for hit in matcher.find(folded))
    spans = {folded.span(hit.start, hit.end) for hit in hits}
    return {place for span in spans for place in range(span.start, span.end)}


def _mixed_words(text: str) -> Iterator[Span]:
    """The words of mixed script: those that `is_mixed_script` reports, and those of two scripts whose
    minority letters all look like letters of the other script.

    A Latin abbreviation with a Russian ending ("SMS" in the genitive) changes its script only once and is not
    reported, unless the minority is a single letter.
    """
    for match in _WORD.finditer(text):
        word = match.group()
        if word.isascii():
            continue
        if is_mixed_script(word):
            yield Span(match.start(), match.end())
            continue
        is_latin = [_LATIN.match(character) is not None for character in word]
        changes = sum(a != b for a, b in pairwise(is_latin))
        few = sum(is_latin) * 2 < len(word)
        minority = [
            character for character, latin in zip(word.lower(), is_latin, strict=False) if latin == few
        ]
        if few and not _IMITABLE.search(word):
            continue
        if (changes >= 2 or (changes and len(minority) == 1)) and all(map(_is_confusable, minority)):
            yield Span(match.start(), match.end())


def _is_confusable(letter: str) -> bool:
    return letter in LOOKALIKES or letter in _IMITATED


def _styled(text: str, least: int) -> list[Signal]:
    """Signals letters in mathematical or enclosed style.

    Styled words in plain text give more points, since they hide words from filters; a text that is mostly in
    such a style is more often a fashion.
    """
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
    """Listed words that are found only after folding: v1agra, f.u.c.k, fu ck, payday with a Cyrillic letter.

    Masked letters (f*ck) hide nothing from readers. They have a code of their own, on the abuse axis.
    """
    hidden: dict[Span, str] = {}
    masked: dict[Span, str] = {}
    for matcher in _disguised_lists(context):
        for hit in matcher.find(context.normalised):
            span = context.normalised.span(hit.start, hit.end)
            raw = context.text[span.start : span.end].lower()
            # Invisible characters between the words of a phrase do not split a word.
            if raw == hit.word or [word.strip(_TYPESET) for word in raw.split()] == hit.word.split():
                continue
            if _is_masked(raw, hit.word):
                masked[span] = hit.shown
            elif _is_hidden(raw, hit.word):
                hidden[span] = hit.shown
    return [
        *_word_signal("disguise.hidden_word", Axis.SPAM, hidden, 1.5, 0.5),
        *_word_signal("disguise.masked_word", Axis.ABUSE, masked, 0.5, 0.0),
    ]


def _disguised_lists(context: Context) -> list[WordMatcher]:
    """The word lists that are searched for disguised words."""
    lists = context.site.lists
    return [english_profanity(), pitches(), *([lists.blocked_words] if lists else [])]


def _word_signal(code: str, axis: Axis, words: dict[Span, str], first: float, further: float) -> list[Signal]:
    spans = sorted(words, key=lambda span: (span.start, span.end))
    if not spans:
        return []
    return [
        replace(signal, axis=axis) for signal in _signal(code, first, further, spans, word=words[spans[0]])
    ]


# Cached, because a text may repeat one word a thousand times.
@lru_cache(maxsize=256)
def _is_masked(raw: str, word: str) -> bool:
    """Whether signs replace some letters of `word` in `raw`, and all remaining letters occur in `word`."""
    letters = [character for character in raw if character.isalpha()]
    wanted = sum(map(str.isalpha, word))
    signs = sum(not (character.isalnum() or character.isspace()) for character in raw)
    has_mask = any(character in _MASK_SIGNS for character in raw)
    return has_mask and 0 < len(letters) < wanted <= len(letters) + signs + 2 and set(letters) <= set(word)


@lru_cache(maxsize=256)
def _is_hidden(raw: str, word: str) -> bool:
    """Whether `raw` differs from `word` by invisible characters, by look-alike characters or by a split."""
    visible = [c for c in unicodedata.normalize("NFD", raw) if unicodedata.category(c)[0] not in "MPZ"]
    has_invisible = any(unicodedata.category(c) == "Cf" or c in BLANKS for c in raw)
    replaced = sum(not c.isascii() or c.isdigit() or c in "$|+" for c in visible if c not in word)
    return has_invisible or replaced > 0 or _is_broken(raw, word)


def _is_broken(raw: str, word: str) -> bool:
    """Whether `raw` is `word` in pieces of which one is too short to be a word: f.u.c.k, fu ck.

    "towel heads" is only another spelling.
    """
    pieces = _PIECE.findall(raw)
    if len(word) <= 3 or " " in word or len(pieces) < 2 or "".join(pieces) != word:
        return False
    return min(map(len, pieces)) < 3
