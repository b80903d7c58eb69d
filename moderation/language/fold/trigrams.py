"""How usual the letters of a word are, one after the other, in languages of Latin script."""

import json
from functools import cache
from pathlib import Path
from string import ascii_lowercase

ALPHABET = " " + ascii_lowercase
FLOOR = -14.0  # natural logarithm; less than this is not told apart
TARGET = Path(__file__).parents[1] / "data" / "trigrams.bin"
_SIZE = len(ALPHABET)
_RANK = {letter: rank for rank, letter in enumerate(ALPHABET)}


def triple_index(triple: str) -> int:
    """Where the table has three letters of `ALPHABET`."""
    first, second, third = map(_RANK.__getitem__, triple)
    return (first * _SIZE + second) * _SIZE + third


def usualness(word: str) -> float:
    """The mean natural logarithm of how often each triple of `word` (a to z only) occurs, blanks around it.

    About -7 for words, about -11 for keys hit at random; `FLOOR` at least.
    """
    table = _table()
    total, pair = 0.0, _RANK[word[0]]  # behind a blank
    for letter in f"{word[1:]} ":
        rank = _RANK[letter]
        total += table[pair * _SIZE + rank]
        pair = (pair * _SIZE + rank) % (_SIZE * _SIZE)
    return total / len(word)


@cache
def _table() -> list[float]:
    """Loaded once a process."""
    header, _, values = TARGET.read_bytes().partition(b"\n")
    floor: float = json.loads(header)["floor"]
    return [floor * (1 - value / 255) for value in values]
