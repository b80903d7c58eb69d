"""Words with letters from several alphabets, which are written only to hide what they say."""

import unicodedata
from collections import Counter
from itertools import pairwise

from moderation.language.fold.letters import alphabet_of

# Written without spaces: Latin words stand within the text, and several of them side by side.
_UNSPACED = frozenset({"CJK", "THAI", "LAO", "KHMER", "MYANMAR", "HANGUL", "ETHIOPIC"})
_MOST_ALPHABETS = 2


def is_mixed_script(word: str) -> bool:
    """Whether the letters of `word` are of three alphabets, or of two that take turns."""
    alphabets = [_family(letter) for letter in word if _is_letter(letter)]
    different = set(alphabets)
    if len(different) > _MOST_ALPHABETS:
        return True
    turns = sum(one != other for one, other in pairwise(alphabets))
    return turns > 1 and "unspaced" not in different


def is_latin_mixed_script(word: str) -> bool:
    """Whether the letters of `word` are mixed and more than half of them Latin or of a third alphabet."""
    counts = Counter(alphabet_of(letter) for letter in word if _is_letter(letter))
    others = [count for alphabet, count in counts.items() if alphabet != "LATIN"]
    return is_mixed_script(word) and 2 * max(others) < counts.total()


def _is_letter(character: str) -> bool:
    """Marks of stress and apostrophes count as letters in Unicode."""
    return character.isalpha() and unicodedata.category(character) != "Lm"


def _family(letter: str) -> str:
    alphabet = alphabet_of(letter)
    return "unspaced" if alphabet in _UNSPACED else alphabet
