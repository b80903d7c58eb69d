"""The mean log frequency of a word's letter trigrams in languages of Latin script."""

import json
from functools import cache
from pathlib import Path
from string import ascii_lowercase

ALPHABET = " " + ascii_lowercase
FLOOR = -14.0  # natural logarithm; rarer trigrams are not distinguished
TARGET = Path(__file__).parents[1] / "data" / "trigrams.bin"
_SIZE = len(ALPHABET)
_RANK = {letter: rank for rank, letter in enumerate(ALPHABET)}


def triple_index(triple: str) -> int:
    """The index in the table of a trigram of letters of `ALPHABET`."""
    first, second, third = map(_RANK.__getitem__, triple)
    return (first * _SIZE + second) * _SIZE + third


def mean_log_frequency(word: str) -> float:
    """The mean natural logarithm of the relative frequencies of the trigrams of `word` (a to z only).

    A blank is added at both ends of the word. About -7 for words, about -11 for randomly hit keys; at least
    `FLOOR`.
    """
    table = _table()
    total, pair = 0.0, _RANK[word[0]]  # the blank before the word has rank 0
    for letter in f"{word[1:]} ":
        rank = _RANK[letter]
        total += table[pair * _SIZE + rank]
        pair = (pair * _SIZE + rank) % (_SIZE * _SIZE)
    return total / len(word)


@cache
def _table() -> list[float]:
    """The log frequencies of all trigrams by index, loaded once in a process."""
    header, _, values = TARGET.read_bytes().partition(b"\n")
    floor: float = json.loads(header)["floor"]
    return [floor * (1 - value / 255) for value in values]
