"""Folds a text into the plain form that checks read, and keeps the origin of each character.

Folding undoes disguises: compatibility forms, case, diacritics, invisible and bidi characters, homoglyphs of
other scripts in Latin words, leetspeak, masked letters, spaced-out letters, split words and stretched
letters. Ordinary Cyrillic, Greek, Arabic or Indic text stays as it is.
"""

import re

from moderation.language.fold.broken import join_broken
from moderation.language.fold.characters import MAX_FOLDED, MAX_INPUT, fold_characters, fold_code_point
from moderation.language.fold.folded import Normalised
from moderation.language.fold.letters import Letters, shipped_letters
from moderation.language.fold.lookalikes import fold_lookalikes
from moderation.language.fold.masked import fold_masked
from moderation.language.fold.spaced import join_spaced, squeeze_stretched

__all__ = [
    "MAX_FOLDED",
    "MAX_INPUT",
    "Normalised",
    "fold_characters",
    "fold_code_point",
    "normalise",
]

_SIGNS = re.compile(r"[0134578@$!|€£¢+]+")
_ADDRESS_TAIL = re.compile(r"[\w-]{1,63}\.[a-z]")
_LONGEST_RUN = 3
_LEET_LETTERS = str.maketrans("0134578@$!|€£¢+", "oieastbasilelct")


def normalise(text: str, letters: Letters | None = None) -> Normalised:
    """`text` folded, in time linear in its length. Never raises.

    `letters` are the tables of letters that look like Latin ones: the shipped tables, unless a benchmark
    measures the effect of unknown letters.
    """
    folded = join_spaced(fold_characters(text))
    if not text.isascii():
        folded = fold_lookalikes(folded, letters or shipped_letters())
    folded = join_broken(folded)
    folded = _fold_leet(fold_masked(folded))
    folded = squeeze_stretched(folded)
    return Normalised(text, folded.text, folded.starts, folded.ends)


def _fold_leet(folded: Normalised) -> Normalised:
    """Replace leetspeak signs between letters or at the edge of unlisted words: b0obs, $hit, a$$, casin0."""
    text = folded.text

    def fold_run(match: re.Match[str]) -> str:
        run, start, end = match.group(), match.start(), match.end()
        is_behind = start > 0 and "a" <= text[start - 1] <= "z"
        is_before = end < len(text) and "a" <= text[end] <= "z"
        if is_behind and is_before and len(run) <= _LONGEST_RUN:
            is_address = "@" in run and _ADDRESS_TAIL.match(text, end)
            return run if is_address else run.translate(_LEET_LETTERS)
        if is_before and not is_behind and _begins_word(text, run, start, end):
            return run[:-1] + run[-1].translate(_LEET_LETTERS)
        return _fold_ending(text, run, start, end) if is_behind and not is_before else run

    return folded.with_text(_SIGNS.sub(fold_run, text))


def _begins_word(text: str, run: str, start: int, end: int) -> bool:
    """Whether the run of signs begins a word ($hit, @ss) rather than continues a word, handle or amount."""
    before = text[end - 2] if end > 1 else " "
    if before.isalnum() or before in "_@$":
        return False
    return (run[-1] == "$" and text[end : end + 2].isalpha()) or (
        run[-1] == "@" and text.startswith("ss", end)
    )


def _fold_ending(text: str, run: str, start: int, end: int) -> str:
    """Replace signs at the end of a word (a$$, casin0!), but not in an amount or a version."""
    if end < len(text) and (text[end].isalnum() or text[end] == "_"):
        return run
    signs = run.rstrip("!|+@€£¢")
    if signs.strip("$") == "" or (signs == "0" and start > 2 and text[start - 3 : start].isalpha()):
        return signs.translate(_LEET_LETTERS) + run[len(signs) :]
    return run
