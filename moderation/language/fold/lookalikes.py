"""Replaces letters of other scripts that imitate Latin ones, word by word."""

import re
import unicodedata
from collections.abc import Sequence
from functools import cache, lru_cache
from string import ascii_lowercase

from moderation.language.fold.confusables import LOOKALIKES
from moderation.language.fold.folded import Normalised
from moderation.language.fold.letters import Letters, script_of
from moderation.language.fold.lexicon import ANY, shipped_lexicon
from moderation.language.fold.mixed_script import is_latin_mixed_script

_WORD = re.compile(r"\w+")
_SHORTEST_FOREIGN = 3
_MOST_GUESSES = 32  # words of a text: each is compared with all listed words of its length
_MANY_SCRIPTS = 3  # a word with letters of so many scripts is written only to disguise it
# Thai, Ethiopic, Chinese, Japanese, Yi and Korean: written without spaces, or directly beside Latin words.
_UNSPACED = re.compile("[\u0e00-\u0eff\u1200-\u137f\u3000-\u9fff\ua000-\ua4cf\uac00-\ud7af]")
_ONE_SCRIPT = re.compile(
    "[0-9_]*(?:[\u0370-\u03ff]+|[\u0400-\u052f]+|[\u0530-\u058f]+|[\u0590-\u05ff]+|[\u0600-\u06ff]+|[\u0900-\u0dff]+"
    "|[\u0e00-\u0eff]+|[\u10a0-\u10ff]+|[\u1200-\u137f]+|[\u1100-\u11ff\u3130-\u318f\uac00-\ud7af]+|[\u3040-\u30ff\u3400-\u9fff]+)[0-9_]*"
)
_RUN_OF_FLAGS = re.compile("[\U0001f1e6-\U0001f1ff]{4,}")
_LATIN = frozenset(ascii_lowercase)
_FLAG_A = 0x1F1E6


def fold_lookalikes(folded: Normalised, letters: Letters) -> Normalised:
    """Replace letters of other scripts by Latin ones where they imitate them. The length stays the same."""
    text = folded.text
    foreign = [character for character in text if character > "\x7f" and character.isalpha()]
    if not foreign and letters.typed.keys().isdisjoint(folded.original):
        return folded.with_text(_RUN_OF_FLAGS.sub(_fold_flags, text))
    latin = sum(map(_LATIN.__contains__, text))
    homoglyphs = sum(character in letters.homoglyphs for character in foreign)
    # Ordinary text in another script also has letters that are no homoglyphs.
    may_imitate = homoglyphs == len(foreign) and (homoglyphs > 3 or latin > 0)
    is_foreign = len(foreign) > latin
    guesses_left = _MOST_GUESSES

    def fold_word(match: re.Match[str]) -> str:
        nonlocal guesses_left
        word = match.group()
        start, end = match.span()
        if word.isascii() and folded.original[folded.starts[start] : folded.ends[end - 1]].isascii():
            return word
        typed = "".join(map(folded.original.__getitem__, folded.starts[start:end]))
        if not may_imitate and _ONE_SCRIPT.fullmatch(word):
            return word
        if guesses_left and is_latin_mixed_script(typed):
            guesses_left -= 1
            closest = _guess(word, typed, letters)
            if closest:
                return closest
        return _fold_word(word, typed, may_imitate, is_foreign, letters)

    return folded.with_text(_RUN_OF_FLAGS.sub(_fold_flags, _WORD.sub(fold_word, text)))


@lru_cache(maxsize=16_384)
def _fold_word(word: str, typed: str, may_imitate: bool, is_foreign: bool, letters: Letters) -> str:
    """`word` in Latin letters if it imitates them, or else as it is.

    `may_imitate` tells that all foreign letters of the text are homoglyphs, and `is_foreign` that there are
    more of them than Latin letters.
    """
    has_latin = any("a" <= letter <= "z" for letter in word)
    if word.isascii() and letters.typed.keys().isdisjoint(typed):
        return word
    if (
        may_imitate
        and not has_latin
        and all(letter in letters.homoglyphs for letter in word if letter.isalpha())
    ):
        return "".join(letters.homoglyphs.get(letter, letter) for letter in word)
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
    """The listed word that is closest to a word of mixed script; None without one."""
    certain = [letter if key.isascii() else ANY for letter, key in zip(word, typed, strict=True)]
    looks = list(map(letters.looks_of, word, typed))
    return shipped_lexicon().closest(certain, _guesses(looks, word, typed, letters))


def _guesses(looks: Sequence[str], word: str, typed: str, letters: Letters) -> list[str]:
    """For each letter of `word`, the Latin letters that it looks like, or else guesses at them."""
    return [look or letters.guesses_of(*pair) for look, *pair in zip(looks, word, typed, strict=True)]


@cache
def _is_latin(letter: str) -> bool:
    """Whether `letter` is a Latin letter, with or without modifications."""
    return letter.isascii() or "LATIN" in unicodedata.name(letter, "")


def _find_hidden(looks: Sequence[str], guesses: Sequence[str], certain: Sequence[str]) -> str | None:
    """The disguised word of the lexicon, found by guesses, by looks, or by the typed Latin letters alone."""
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
    """Fold a word with Latin letters: to the word that it spells or disguises, or only its certain
    look-alikes.
    """
    lexicon = shipped_lexicon()
    plain = "".join(look[:1] for look in looks)
    is_known = len(plain) == len(word)
    if is_known and (plain in lexicon or plain in lexicon.everyday):
        return plain
    certain = letters.lookalikes.keys() & LOOKALIKES.keys()
    if is_foreign and 2 * sum(map(str.isascii, word)) <= len(word):
        # A Russian word with a few Latin letters is not an English word.
        return "".join(LOOKALIKES[letter] if letter in certain else letter for letter in word)
    is_unspaced = _UNSPACED.search(word) is not None
    if hidden is not None and (not is_unspaced or (hidden in lexicon.sure and 2 * len(plain) >= len(word))):
        return hidden
    if is_known and not is_unspaced:
        return plain
    return "".join(LOOKALIKES[character] if character in certain else character for character in word)


def _fold_foreign(word: str, looks: Sequence[str], hidden: str | None) -> str:
    """Fold a word without Latin letters, if it disguises a listed word or mixes scripts; else leave it."""
    plain = "".join(look[:1] for look in looks)
    is_known = len(plain) == len(word)
    scripts = len({script_of(letter) for letter in word if letter.isalpha()})
    if len(word) < _SHORTEST_FOREIGN or not (scripts > 1 or is_known):
        return word
    is_certain = scripts >= _MANY_SCRIPTS or 2 * len(plain) >= len(word)
    if hidden is not None and hidden in shipped_lexicon().sure and is_certain:
        return hidden
    return plain if scripts > 1 and is_known else word


def _fold_flags(match: re.Match[str]) -> str:
    """The listed word that a run of regional indicators (letters of flag emoji) spells, or else the run."""
    word = "".join(chr(ord("a") + ord(letter) - _FLAG_A) for letter in match.group())
    return word if word in shipped_lexicon() else match.group()
