"""Comments of about fifty words for measurements, never twice the same, made of the words of real ones."""

import csv
import random
from collections.abc import Iterator
from pathlib import Path

STREAMS = sorted((Path(__file__).parent / "data" / "youtube").glob("*.csv"))
WORDS = 50
# Longer "words" are links and shouts.
_LONGEST_WORD = 20


def some_texts(chance: random.Random) -> Iterator[str]:
    """Texts without end."""
    words = [
        word
        for stream in STREAMS
        for row in csv.DictReader(stream.open(encoding="utf-8-sig"))
        for word in row["text"].split()
        if len(word) <= _LONGEST_WORD
    ]
    while True:
        yield " ".join(chance.choices(words, k=WORDS))
