"""Write the table of letter triples: `python -m training.gibberish DATA_DIR`.

`DATA_DIR` holds `abuse.train.jsonl.gz` and `spam.train.jsonl.gz` (JSON lines with `text`, `label`, `lang`,
`set`). Of the harmless rows in languages of Latin script only counts of letter triples are taken. What is
usual in one language is usual: the table holds the largest of the languages' shares.
"""

import gzip
import json
import math
import re
import sys
from array import array
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from moderation.language.fold.characters import fold_characters
from moderation.language.fold.trigrams import ALPHABET, FLOOR, TARGET, triple_index

LANGUAGES = ("en", "de", "fr", "id", "es", "it")
_NOT_TEXT = re.compile(r"(?:https?://|www\.)\S+|[@#]\S+|\S*[\d_]\S*")
_WORD = re.compile(r"[a-z]+")
_ADDED = 0.01  # to each count, so that nothing is impossible
_COMMON = 2  # a word that occurs less often may be a slip of the keys


def main() -> None:
    """Count, take the largest share of each triple, write a byte for each."""
    counts = {language: Counter[str]() for language in LANGUAGES}
    for language, word in _words(Path(sys.argv[1])):
        counts[language][word] += 1
    tables = [_log_shares(words) for words in counts.values()]
    best = [max(column) for column in zip(*tables, strict=True)]
    values = bytes(round(255 * (1 - max(value, FLOOR) / FLOOR)) for value in best)
    totals = {language: words.total() for language, words in counts.items()}
    header = {"alphabet": ALPHABET, "floor": FLOOR, "words": totals}
    TARGET.write_bytes(json.dumps(header).encode() + b"\n" + values)
    print(f"{TARGET.name}: {len(values)} triples, {TARGET.stat().st_size} bytes, {totals}")


def _words(data: Path) -> Iterator[tuple[str, str]]:
    for name in ("abuse", "spam"):
        with gzip.open(data / f"{name}.train.jsonl.gz", "rt", encoding="utf-8") as rows:
            for row in map(json.loads, rows):
                if row["label"] == 0 and row["lang"] in LANGUAGES:
                    folded = fold_characters(_NOT_TEXT.sub(" ", row["text"])).text
                    yield from ((row["lang"], word) for word in _WORD.findall(folded))


def _log_shares(words: Counter[str]) -> "array[float]":
    """Natural logarithm of each triple's share of all; a blank stands around each word."""
    triples = array("d", [_ADDED]) * len(ALPHABET) ** 3
    for word, count in words.items():
        if count >= _COMMON:
            framed = f" {word} "
            for place in range(len(word)):
                triples[triple_index(framed[place : place + 3])] += math.log1p(count)
    total = sum(triples)
    return array("d", [math.log(triple / total) for triple in triples])


if __name__ == "__main__":
    main()
