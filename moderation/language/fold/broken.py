"""Restores words of the lexicon that are split or respelt: fu ck, s.hit, f. u- c k, phuck, biitch, as s."""

from collections.abc import Iterator, Sequence
from functools import cache
from itertools import pairwise

import ahocorasick  # type: ignore[import-not-found]  # a C module without stubs

from moderation.language.fold.folded import Change, Normalised, replace, spread
from moderation.language.fold.lexicon import shipped_lexicon
from moderation.language.fold.spaced import TWO_LETTER_WORDS

# Pieces that also occur by themselves in ordinary text, so that they are no sign of a split word.
_ONE_LETTER_WORDS = frozenset("ai")
_TWO_LETTER_PIECES = frozenset((
    "re", "em", "ve", "ll", "un", "de", "co", "ex", "st", "mr", "dr", "vs", "tv", "uk", "eu", "la", "el",
    "le", "al", "ya", "yo", "da", "ha",
))  # fmt: skip
_NOT_LETTERS = {code: None for code in range(128) if not chr(code).isalpha()}
_ENDINGS = frozenset({"ing", "ers", "es", "er", "ed", "in", "ty"})
_WIDEST_GAP = 3  # characters between two pieces
_SENTENCE = frozenset(".,;:!?")
_CONTRACTIONS = frozenset("stdm")
# After these words a separate "s" is a contraction of "is" or "has", or belongs to the word.
_CONTRACTED = frozenset((
    "it", "that", "what", "there", "he", "she", "who", "let", "here", "where", "how", "this", "everyone",
    "one", "u",
))  # fmt: skip
_SHORTEST = 4
# Words that are so short, or so close to ordinary words, that they are restored only if a space splits them
# (see `_may_be_broken`).
_SPLIT_BY_SPACE_ONLY = frozenset((
    "ass", "fag", "fags", "cum", "nig", "hoes", "rape", "rapist", "boobs", "retard", "coon", "coons",
))  # fmt: skip
_ORDINARY_SPLITS = frozenset({"c um"})  # informal Portuguese for "com um" (with a)


def join_broken(folded: Normalised) -> Normalised:
    """Join words of the lexicon that are split, and replace respelt ones by their usual spelling."""
    text = folded.text
    letters = text.translate(_NOT_LETTERS) if text.isascii() else "".join(filter(str.isalpha, text))
    hits = [(end - size + 1, end + 1, plain) for end, (size, plain) in _automaton().iter(letters)]
    if not hits:
        return folded
    places = [index for index, character in enumerate(text) if character.isalpha()]
    return replace(folded, _join_hits(folded, places, hits))


@cache
def _automaton() -> ahocorasick.Automaton:
    automaton = ahocorasick.Automaton()
    sure = [word for word in shipped_lexicon().breakable if len(word) >= _SHORTEST]
    for word in sure:
        if not _is_compound(word):
            automaton.add_word(word, (len(word), ""))
    for word in _SPLIT_BY_SPACE_ONLY:
        automaton.add_word(word, (len(word), ""))
    for other, word in shipped_lexicon().respelt.items():
        automaton.add_word(other, (len(other), word))
    automaton.make_automaton()
    return automaton


def _is_compound(word: str) -> bool:
    """Whether `word` consists of two words that are each found by themselves."""
    lexicon = shipped_lexicon()
    parts = ((word[:end], word[end:]) for end in range(_SHORTEST, len(word) - 2))
    return any(
        first in lexicon.breakable and (rest in lexicon or (len(rest) > 3 and rest in lexicon.everyday))
        for first, rest in parts
    )


def _join_hits(
    folded: Normalised, places: Sequence[int], hits: list[tuple[int, int, str]]
) -> Iterator[Change]:
    """The changes that restore the longest split or respelt word at each place, in order."""
    text = folded.text
    done = -1
    for first, last, plain in sorted(hits, key=lambda hit: (hit[0], -hit[1])):
        start, end = places[first], places[last - 1] + 1
        is_whole = end - start == last - first
        if start < done or is_whole != bool(plain) or not _stands_alone(text, start, end):
            continue
        own = places[first:last]
        if plain:
            done = end
            yield start, end, spread(plain, text[start:end], start)
        elif _is_broken(text, own) and _may_be_broken(folded, start, end):
            done = end
            yield start, end, [(text[place], place, place + 1) for place in own]


def _may_be_broken(folded: Normalised, start: int, end: int) -> bool:
    """Whether the range may be a split word.

    A word of `_SPLIT_BY_SPACE_ONLY` must be split by one space and typed in ASCII letters of one case, and
    its first piece must not be the end of a contraction.
    """
    broken = folded.text[start:end]
    if "".join(filter(str.isalpha, broken)) not in _SPLIT_BY_SPACE_ONLY:
        return True
    first, _, last = broken.partition(" ")
    typed = folded.original[folded.starts[start] : folded.ends[end - 1]]
    is_one_case = typed.islower() or typed.isupper() or typed == typed.capitalize()
    is_plain = typed.isascii() and first.isalpha() and last.isalpha() and is_one_case
    is_open = end < len(folded.text) and folded.text[end] == "-"
    return is_plain and first not in _CONTRACTIONS and broken not in _ORDINARY_SPLITS and not is_open


def _stands_alone(text: str, start: int, end: int) -> bool:
    if start and (text[start - 1].isalnum() or text[start - 1] == "'"):
        return False
    return end == len(text) or not (text[end].isalnum() or text[end] == "'")


def _is_broken(text: str, places: Sequence[int]) -> bool:
    """Whether the letters at `places` are one split word rather than several words of a sentence."""
    pieces, gaps, begin = [], [], places[0]
    for before, after in pairwise(places):
        if after > before + 1:
            pieces.append(text[begin : before + 1])
            gaps.append(text[before + 1 : after])
            begin = after
    pieces.append(text[begin : places[-1] + 1])
    if any(len(gap) > _WIDEST_GAP or any(map(str.isalnum, gap)) for gap in gaps):
        return False
    if all(len(piece) == 1 for piece in pieces):
        return True
    if any("'" in gap or (" " in gap and _SENTENCE & set(gap)) for gap in gaps):
        return False
    whole = shipped_lexicon().sure.intersection(pieces)
    if whole:
        others = (piece for piece in pieces if piece not in whole)
        return all(piece in _ENDINGS or (len(piece) > 1 and _is_odd(piece)) for piece in others)
    return any(map(_is_odd, pieces)) and not _follows_contraction(text, places[0], pieces[0])


def _is_odd(piece: str) -> bool:
    """Whether `piece` is neither a known word nor a usual short form."""
    if len(piece) < 3:
        return piece not in _ONE_LETTER_WORDS | TWO_LETTER_WORDS | _TWO_LETTER_PIECES
    lexicon = shipped_lexicon()
    return piece not in lexicon.everyday and piece not in lexicon


def _follows_contraction(text: str, start: int, piece: str) -> bool:
    before = text[max(0, start - 12) : start].split()
    if piece not in _CONTRACTIONS or not before:
        return False
    return before[-1] in _CONTRACTED or (len(before[-1]) == 1 and before[-1] != "a")
