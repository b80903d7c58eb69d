"""Finds many words in one pass over a folded text, at word boundaries only."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import ahocorasick  # type: ignore[import-not-found]  # a C module without stubs

from moderation.language.fold.normalise import Normalised, normalise
from moderation.language.fold.tokens import count_cjk


@dataclass(frozen=True, slots=True)
class WordHit:
    """A listed `word` with its `weight`, found at `text[start:end]` of the folded text."""

    start: int
    end: int
    word: str
    weight: float

    @property
    def shown(self) -> str:
        """The word as it may appear in signals: a site may list mail addresses, which no signal contains."""
        return "(an address)" if "@" in self.word else self.word


class WordMatcher:
    """Finds words with an Aho-Corasick automaton over their folded forms. Immutable after construction.

    A word ending in `*` matches any ending; Chinese, Japanese and Korean words match anywhere.
    """

    def __init__(self, words: Mapping[str, float]) -> None:
        self._automaton = ahocorasick.Automaton()
        for word, weight in words.items():
            self._add(word, weight)
        self._is_empty = len(self._automaton) == 0
        if not self._is_empty:
            self._automaton.make_automaton()

    def __len__(self) -> int:
        return len(self._automaton)

    def find(self, normalised: Normalised) -> Iterator[WordHit]:
        """All hits in the order of their ends, including hits inside longer ones."""
        if self._is_empty:
            return
        text = normalised.text
        for last, (word, weight, is_open) in self._automaton.iter(text):
            start, end = last - len(word) + 1, last + 1
            if _starts_word(text, start, word) and (is_open or _ends_word(text, end, word)):
                yield WordHit(start, end, word, weight)

    def _add(self, word: str, weight: float) -> None:
        folded = normalise(word.rstrip("*")).text.strip()
        if not any(character.isalnum() for character in folded):
            return
        is_open = word.endswith("*") or count_cjk(folded) > 0
        known = self._automaton.get(folded, None)
        if known is not None:
            weight, is_open = max(weight, known[1]), is_open or known[2]
        self._automaton.add_word(folded, (folded, weight, is_open))


def _starts_word(text: str, start: int, word: str) -> bool:
    return start == 0 or not word[0].isalnum() or not text[start - 1].isalnum() or count_cjk(word) > 0


def _ends_word(text: str, end: int, word: str) -> bool:
    return end == len(text) or not word[-1].isalnum() or not text[end].isalnum()
