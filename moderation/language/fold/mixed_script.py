"""Finds words of mixed script, which people write only to disguise what they say."""

import unicodedata
from collections import Counter
from itertools import pairwise

from moderation.language.fold.letters import script_of

# Scripts that are written without spaces, so that one word may have letters of several, and Latin ones.
_UNSPACED = frozenset({"CJK", "THAI", "LAO", "KHMER", "MYANMAR", "HANGUL", "ETHIOPIC"})
_MOST_SCRIPTS = 2  # of an ordinary word


def is_mixed_script(word: str) -> bool:
    """Whether the letters of `word` are of three or more scripts, or of two scripts that alternate."""
    scripts = [_group(letter) for letter in word if _is_letter(letter)]
    different = set(scripts)
    if len(different) > _MOST_SCRIPTS:
        return True
    changes = sum(one != other for one, other in pairwise(scripts))
    return changes > 1 and "unspaced" not in different


def is_latin_mixed_script(word: str) -> bool:
    """Whether `word` is of mixed script and no script but Latin makes up half of its letters or more."""
    counts = Counter(script_of(letter) for letter in word if _is_letter(letter))
    others = [count for script, count in counts.items() if script != "LATIN"]
    return is_mixed_script(word) and 2 * max(others) < counts.total()


def _is_letter(character: str) -> bool:
    """Whether `character` is a letter and not a modifier letter (Lm), such as an apostrophe."""
    return character.isalpha() and unicodedata.category(character) != "Lm"


def _group(letter: str) -> str:
    script = script_of(letter)
    return "unspaced" if script in _UNSPACED else script
