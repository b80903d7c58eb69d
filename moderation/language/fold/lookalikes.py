"""Letters of other alphabets that pose as Latin, word by word."""

import re
import unicodedata
from collections.abc import Sequence
from functools import cache, lru_cache
from string import ascii_lowercase

from moderation.language.fold.confusables import LOOKALIKES
from moderation.language.fold.folded import Normalised
from moderation.language.fold.letters import Letters, alphabet_of
from moderation.language.fold.lexicon import ANY, shipped_lexicon
from moderation.language.fold.mixed_script import is_latin_mixed_script

_WORD = re.compile(r"\w+")
_SHORTEST_FOREIGN = 3
_MOST_GUESSES = 32  # in one text: each compares a word with all listed ones of its length
_MOST_ALPHABETS = 3  # in one word: written only to hide it
# Thai, Ethiopic, Chinese, Japanese, Yi, Korean: written without spaces, or beside Latin words.
_UNSPACED = re.compile("[\u0e00-\u0eff\u1200-\u137f\u3000-\u9fff\ua000-\ua4cf\uac00-\ud7af]")
_ONE_ALPHABET = re.compile(
    "[0-9_]*(?:[\u0370-\u03ff]+|[\u0400-\u052f]+|[\u0530-\u058f]+|[\u0590-\u05ff]+|[\u0600-\u06ff]+|[\u0900-\u0dff]+"
    "|[\u0e00-\u0eff]+|[\u10a0-\u10ff]+|[\u1200-\u137f]+|[\u1100-\u11ff\u3130-\u318f\uac00-\ud7af]+|[\u3040-\u30ff\u3400-\u9fff]+)[0-9_]*"
)
_RUN_OF_FLAGS = re.compile("[\U0001f1e6-\U0001f1ff]{4,}")
_LATIN = frozenset(ascii_lowercase)
_FLAG_A = 0x1F1E6


def fold_lookalikes(folded: Normalised, letters: Letters) -> Normalised:
    """Turn letters of other alphabets into Latin where they pose as Latin. Keeps the length."""
    text = folded.text
    foreign = [character for character in text if character > "\x7f" and character.isalpha()]
    if not foreign and letters.typed.keys().isdisjoint(folded.original):
        return folded.with_text(_RUN_OF_FLAGS.sub(_fold_flags, text))
    latin = sum(map(_LATIN.__contains__, text))
    posing = sum(character in letters.twins for character in foreign)
    # A text with letters that have no twin is honestly written in that alphabet.
    may_pose = posing == len(foreign) and (posing > 3 or latin > 0)
    is_foreign = len(foreign) > latin
    guesses_left = _MOST_GUESSES

    def fold_word(match: re.Match[str]) -> str:
        nonlocal guesses_left
        word = match.group()
        start, end = match.span()
        if word.isascii() and folded.original[folded.starts[start] : folded.ends[end - 1]].isascii():
            return word
        typed = "".join(map(folded.original.__getitem__, folded.starts[start:end]))
        if not may_pose and _ONE_ALPHABET.fullmatch(word):
            return word
        if guesses_left and is_latin_mixed_script(typed):
            guesses_left -= 1
            closest = _guess(word, typed, letters)
            if closest:
                return closest
        return _fold_word(word, typed, may_pose, is_foreign, letters)

    return folded.with_text(_RUN_OF_FLAGS.sub(_fold_flags, _WORD.sub(fold_word, text)))


@lru_cache(maxsize=16_384)
def _fold_word(word: str, typed: str, may_pose: bool, is_foreign: bool, letters: Letters) -> str:
    """`word` as it reads in Latin letters, or as it is; the text around it tells what to think of it."""
    has_latin = any("a" <= letter <= "z" for letter in word)
    if word.isascii() and letters.typed.keys().isdisjoint(typed):
        return word
    if may_pose and not has_latin and all(letter in letters.twins for letter in word if letter.isalpha()):
        return "".join(letters.twins.get(letter, letter) for letter in word)
    looks = list(map(letters.looks_of, word, typed))
    guesses = _guesses(looks, word, typed, letters)
    certain = [
        letter if letter.isascii() and _is_latin(key) else ANY
        for letter, key in zip(word, typed, strict=True)
    ]
    hidden = _find_hidden(looks, guesses, certain)
    if has_latin:
        return _fold_mixed(word, looks, hidden, is_foreign, letters)
    return _fold_foreign(word, looks, hidden)


@lru_cache(maxsize=4_096)
def _guess(word: str, typed: str, letters: Letters) -> str | None:
    """The listed word that is closest to a word with letters from several alphabets."""
    certain = [letter if key.isascii() else ANY for letter, key in zip(word, typed, strict=True)]
    looks = list(map(letters.looks_of, word, typed))
    return shipped_lexicon().closest(certain, _guesses(looks, word, typed, letters))


def _guesses(looks: Sequence[str], word: str, typed: str, letters: Letters) -> list[str]:
    """What each letter may stand for: what it looks like, or else what it resembles."""
    return [look or letters.guesses_of(*pair) for look, *pair in zip(looks, word, typed, strict=True)]


@cache
def _is_latin(letter: str) -> bool:
    """Whether `letter` is a Latin one, however dressed."""
    return letter.isascii() or "LATIN" in unicodedata.name(letter, "")


def _find_hidden(looks: Sequence[str], guesses: Sequence[str], certain: Sequence[str]) -> str | None:
    """The word of the lexicon that is hidden: by looks, by guess, or by the typed Latin letters alone."""
    lexicon = shipped_lexicon()
    hidden = lexicon.find(guesses) or lexicon.find(looks)
    if hidden is not None or "".join(look[:1] for look in looks) in lexicon.everyday:
        return hidden
    hidden = lexicon.find(certain) if 2 * sum(map(bool, certain)) >= len(certain) else None
    return hidden if hidden in lexicon.sure else None


def _fold_mixed(
    word: str,
    looks: Sequence[str],
    hidden: str | None,
    is_foreign: bool,
    letters: Letters,
) -> str:
    """A word with Latin letters: all of it, or the word that it hides, or only what passes beyond doubt."""
    lexicon = shipped_lexicon()
    plain = "".join(look[:1] for look in looks)
    is_known = len(plain) == len(word)
    if is_known and (plain in lexicon or plain in lexicon.everyday):
        return plain
    certain = letters.beside.keys() & LOOKALIKES.keys()
    if is_foreign and 2 * sum(map(str.isascii, word)) <= len(word):
        # A Russian word with a few Latin letters is no English one.
        return "".join(LOOKALIKES[letter] if letter in certain else letter for letter in word)
    is_unspaced = _UNSPACED.search(word) is not None
    if hidden is not None and (not is_unspaced or (hidden in lexicon.sure and 2 * len(plain) >= len(word))):
        return hidden
    if is_known and not is_unspaced:
        return plain
    return "".join(LOOKALIKES[character] if character in certain else character for character in word)


def _fold_foreign(word: str, looks: Sequence[str], hidden: str | None) -> str:
    """A word without any Latin letter: Latin if it spells a word that people hide, or mixes alphabets."""
    plain = "".join(look[:1] for look in looks)
    is_known = len(plain) == len(word)
    alphabets = len({alphabet_of(letter) for letter in word if letter.isalpha()})
    if len(word) < _SHORTEST_FOREIGN or not (alphabets > 1 or is_known):
        return word
    is_told = alphabets >= _MOST_ALPHABETS or 2 * len(plain) >= len(word)
    if hidden is not None and hidden in shipped_lexicon().sure and is_told:
        return hidden
    return plain if alphabets > 1 and is_known else word


def _fold_flags(match: re.Match[str]) -> str:
    """Letters of flags that spell a word that people hide; else they are flags."""
    word = "".join(chr(ord("a") + ord(letter) - _FLAG_A) for letter in match.group())
    return word if word in shipped_lexicon() else match.group()
