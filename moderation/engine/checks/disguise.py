"""Characters that hide what a text says: invisible, foreign, stacked, turned round or styled."""

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

# Between letters of these scripts joiners and fillers mean nothing and can only split a word.
_PLAIN = "a-zA-Z\u00c0-\u024f\u0370-\u03ff\u0400-\u04ff"
# Soft hyphens, zero-width characters and direction marks: web pages and word processors put them into
# honest words, and whoever copies a sentence copies them too.
_TYPESET = "\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff"
# Fillers and invisible operators: nothing puts them between such letters but the wish to hide.
_FILLERS = "\u034f\u115f\u1160\u180e\u2061-\u2064\u3164\uffa0"
_INVISIBLE = re.compile(f"(?<=[{_PLAIN}])[{_TYPESET}{_FILLERS}]+(?=[{_PLAIN}])")
# Behind a black flag they spell a region.
_TAGS = re.compile("(?<![\U0001f3f4\U000e0001-\U000e007f])[\U000e0001-\U000e007f]+")
_OVERRIDES = re.compile("[\u202d\u202e]")
_EMBEDDINGS = re.compile("[\u202a\u202b\u2066-\u2068]")
_STACKED = re.compile("[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff]{3,}")
_STYLED = re.compile("[\U0001d400-\U0001d7ff\U0001f110-\U0001f189\u24b6-\u24e9]")
_IMITATED = frozenset(LOOKALIKES.values())  # the Latin letters that pass for foreign ones
_BLOTS = frozenset("*#%&@!?-_.~^=")
_PIECE = re.compile(r"[^\W_]+")
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
        """One signal per trick, with every place where it was used."""
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
    """Where invisible characters hide something: tags, fillers, and what splits a listed word."""
    found, typeset = _spans(_TAGS.finditer(context.text)), list[Span]()
    for run in _INVISIBLE.finditer(context.text):
        kind = found if run.group().strip(_TYPESET) else typeset
        kind.append(Span(run.start(), run.end()))
    if typeset:
        listed = _listed_places(context)
        found += [span for span in typeset if span.start in listed]
    return sorted(found, key=lambda span: span.start)


def _listed_places(context: Context) -> set[int]:
    """The places in the text that belong to words of any list, whether they are disguised or not."""
    folded = context.normalised
    languages = profanity_in(folded.text, context.site.languages)
    matchers = [*_disguised_lists(context), threats(), hatred(), *languages]
    hits = (hit for matcher in matchers for hit in matcher.find(folded))
    spans = {folded.span(hit.start, hit.end) for hit in hits}
    return {place for span in spans for place in range(span.start, span.end)}


def _mixed_words(text: str) -> Iterator[Span]:
    """Words of more alphabets than anybody writes, or whose few letters of one pass for those of the other.

    "SMS" with a Russian ending changes its alphabet once, and is none.
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
    """Listed words that only show after folding: v1agra, f.u.c.k, fu ck, payday with one Cyrillic letter.

    Blotting letters out (f*ck) hides nothing from readers: it is told apart, and counts as abuse at most.
    """
    hidden: dict[Span, str] = {}
    masked: dict[Span, str] = {}
    for matcher in _disguised_lists(context):
        for hit in matcher.find(context.normalised):
            span = context.normalised.span(hit.start, hit.end)
            raw = context.text[span.start : span.end].lower()
            # Between the words of a phrase invisible characters split no word.
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
    """The lists whose words people disguise."""
    lists = context.site.lists
    return [english_profanity(), pitches(), *([lists.blocked_words] if lists else [])]


def _word_signal(code: str, axis: Axis, words: dict[Span, str], first: float, further: float) -> list[Signal]:
    spans = sorted(words, key=lambda span: (span.start, span.end))
    if not spans:
        return []
    return [
        replace(signal, axis=axis) for signal in _signal(code, first, further, spans, word=words[spans[0]])
    ]


# A text that repeats one word a thousand times is answered once.
@lru_cache(maxsize=256)
def _is_masked(raw: str, word: str) -> bool:
    """Signs stand for letters that are not there; the letters that are there are the word's own."""
    letters = [character for character in raw if character.isalpha()]
    wanted = sum(map(str.isalpha, word))
    signs = sum(not (character.isalnum() or character.isspace()) for character in raw)
    is_blotted = any(character in _BLOTS for character in raw)
    return is_blotted and 0 < len(letters) < wanted <= len(letters) + signs + 2 and set(letters) <= set(word)


@lru_cache(maxsize=256)
def _is_hidden(raw: str, word: str) -> bool:
    visible = [c for c in unicodedata.normalize("NFD", raw) if unicodedata.category(c)[0] not in "MPZ"]
    has_hiders = any(unicodedata.category(c) == "Cf" or c in BLANKS for c in raw)
    dressed = sum(not c.isascii() or c.isdigit() or c in "$|+" for c in visible if c not in word)
    return has_hiders or dressed > 0 or _is_broken(raw, word)


def _is_broken(raw: str, word: str) -> bool:
    """f.u.c.k, fu ck: pieces that are no words. "towel heads" is but another spelling."""
    pieces = _PIECE.findall(raw)
    if len(word) <= 3 or " " in word or len(pieces) < 2 or "".join(pieces) != word:
        return False
    return min(map(len, pieces)) < 3
