"""Joins spaced-out letters (f u c k) and reduces stretched ones (fuuuck)."""

import re
from collections.abc import Sequence
from functools import lru_cache
from math import inf, log

from moderation.language.fold.folded import Normalised, Piece, has_triple, keep, rewrite
from moderation.language.fold.lexicon import shipped_lexicon
from moderation.language.fold.masked import unmask

_LETTER = r"[^\W_]|[@$!*#+|&%(]"
_SEPARATOR = r"[ .\-_*~|/\u00b7\u2022]| [.\-_*~|/\u00b7\u2022] "
_SPACED = re.compile(
    rf"(?<!\w)(?<!\w['.\-])([^\W_]|[@$](?=\W))({_SEPARATOR})(?:(?!\2)(?:{_LETTER})\2)+(?:[^\W_]|(?!\2)[$@*])(?!\w)"
)
# Several words in spaced-out letters, with wider gaps between the words.
_SPACED_WORDS = re.compile(r"(?<![\w'])(?:[a-z](?: [a-z])+ {2,})+[a-z](?: [a-z])+(?!\w)")
_STRETCHED = re.compile(r"([^\W\d_])\1{2,}")
_BLANK_RUN = re.compile(r"  +")
# Letters that occur doubled in words: inside a word, a stretched one is reduced to two.
_DOUBLED = frozenset("bdefglmnoprst")
_DOUBLED_AT_END = frozenset("efloss")
TWO_LETTER_WORDS = frozenset((
    "am", "an", "as", "at", "be", "by", "do", "go", "he", "hi", "if", "in", "is", "it", "me", "my", "no",
    "of", "oh", "ok", "on", "or", "so", "to", "up", "us", "we", "ur",
))  # fmt: skip
# The cost of a word of one letter when a run of letters is segmented; a common word costs about 10.
_SINGLE_LETTERS = {"a": 6.0, "i": 6.0, "u": 14.0, "r": 16.0, "y": 16.0}
_RANK_OF_HIDDEN = 300  # the frequency rank that a word of the lexicon gets
_LONGEST_WORD = 16
_LONGEST_RUN = 200
_LONGEST_MASKED_RUN = 24
# The only words of three letters that are joined; other spaced-out letters are initials.
_THREE_LETTERS = frozenset({"ass", "fag", "cum", "tit", "sex", "nig", "hoe"})
_SHORTEST = 4


def join_spaced(folded: Normalised) -> Normalised:
    """Join spaced-out letters, and reduce each run of blanks to one."""
    if "  " in folded.text:
        folded = rewrite(folded, _SPACED_WORDS, _join_words)
        folded = rewrite(folded, _BLANK_RUN, lambda match: [(" ", match.start(), match.end())])
    return rewrite(folded, _SPACED, _join_letters)


def squeeze_stretched(folded: Normalised) -> Normalised:
    """Reduce stretched letters: to one in fuuuck, to two in boooobs; xxx and www stay as they are."""
    return rewrite(folded, _STRETCHED, _squeeze) if has_triple(folded.text) else folded


def _join_words(match: re.Match[str]) -> list[Piece]:
    text, pieces = match.string, []
    for found in re.finditer(r"[a-z]|  +", text[match.start() : match.end()]):
        index = match.start() + found.start()
        pieces.append((found.group()[0], index, match.start() + found.end()))
    return pieces


def _join_letters(match: re.Match[str]) -> list[Piece] | None:
    """The joined letters of a match such as v.i.a.g.r.a; None if they are no word, as in 1-2-3-4."""
    step = 1 + len(match.group(2))
    characters = match.group()[::step]
    if not characters.isalpha() and unmask(characters) is None and not _is_mostly_letters(characters):
        return None
    if len(characters) < _SHORTEST and characters not in _THREE_LETTERS and unmask(characters) is None:
        return None
    gaps = _word_ends(characters)
    pieces: list[Piece] = []
    for index, character in enumerate(characters):
        start = match.start() + index * step
        pieces.append((character, start, start + 1))
        if index + 1 in gaps:
            pieces.append((" ", start + 1, start + step))
    return pieces


def _is_mostly_letters(characters: str) -> bool:
    return sum(map(str.isalpha, characters)) * 3 >= len(characters) * 2


@lru_cache(maxsize=1024)
def _word_ends(letters: str) -> frozenset[int]:
    """The indices in `letters` where one word ends and the next begins, by the segmentation of lowest cost.

    Empty if `letters` is a word itself, or cannot be segmented into known words.
    """
    lexicon = shipped_lexicon()
    longest = _LONGEST_RUN if letters.isalpha() else _LONGEST_MASKED_RUN
    if (
        not 5 <= len(letters) <= longest
        or letters in lexicon
        or letters in lexicon.everyday
        or unmask(letters)
    ):
        return frozenset()
    best: list[tuple[float, int]] = [(0.0, 0)]
    for end in range(1, len(letters) + 1):
        costs = (
            (best[start][0] + _cost(letters[start:end]), start)
            for start in range(max(0, end - _LONGEST_WORD), end)
        )
        best.append(min(costs))
    if best[-1][0] == inf:
        return frozenset()
    ends, end = set(), best[-1][1]
    while end:
        ends.add(end)
        end = best[end][1]
    return frozenset(ends)


def _cost(word: str) -> float:
    """The cost of a word: lower for a common one, infinite for an unknown one."""
    if len(word) == 1:
        return _SINGLE_LETTERS.get(word, inf)
    if len(word) == 2 and word not in TWO_LETTER_WORDS:
        return inf
    lexicon = shipped_lexicon()
    is_hidden = word in lexicon or (not word.isalpha() and len(word) > 3 and unmask(word) is not None)
    rank = _RANK_OF_HIDDEN if is_hidden else lexicon.everyday.get(word)
    return inf if rank is None else 4.0 + log(rank + 2)


def _squeeze(match: re.Match[str]) -> Sequence[Piece]:
    start, end, text = match.start(), match.end(), match.string
    ends_word = end == len(text) or not text[end].isalpha()
    if ends_word and (start == 0 or not text[start - 1].isalnum()):
        return [*keep(text, start, start + 2), (text[start], start + 2, end)]
    doubled = _DOUBLED_AT_END if ends_word else _DOUBLED
    if match.group(1) in doubled:
        return [*keep(text, start, start + 1), (text[start], start + 1, end)]
    return [(text[start], start, end)]
