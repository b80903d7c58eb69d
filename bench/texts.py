"""Submissions for load: real comments, each made the only one of its kind."""

import csv
import itertools
import random
from collections.abc import Iterator
from pathlib import Path

import orjson

from bench.stack import HOST

STREAMS = sorted((Path(__file__).parent / "data" / "youtube").glob("*.csv"))
# So many pages are under discussion at once.
THREADS = 50
_AUTHORS = 5_000
_LONGEST_NAME = 100
WORDS = 50
# Longer "words" are links and shouts.
_LONGEST_WORD = 20


def thread_url(number: int) -> str:
    """The page that the submission of this number is about."""
    return f"https://{HOST}/page-{number % THREADS}/"


class Submissions:
    """JSON bodies without end, the same from run to run."""

    def __init__(self) -> None:
        self._rows = itertools.cycle([(row["author"], row["text"]) for row in _rows()])
        self._numbers = itertools.count(1)

    def next_body(self) -> bytes:
        """The next one. Nobody said it before: a number is added to its text."""
        number = next(self._numbers)
        name, text = next(self._rows)
        return orjson.dumps(
            {
                "thread": {"url": thread_url(number), "title": f"Page {number % THREADS}"},
                "name": name[:_LONGEST_NAME],
                "email": f"reader{number % _AUTHORS}@reader.example",
                "body": f"{text[:3000]} {number}",
            }
        )


def _rows() -> Iterator[dict[str, str]]:
    for stream in STREAMS:
        with stream.open(newline="", encoding="utf-8") as file:
            yield from csv.DictReader(file)


def fresh_texts(seed: int) -> Iterator[str]:
    """Texts without end of about fifty words each, the words of real ones in an order that was never seen."""
    words = [word for row in _rows() for word in row["text"].split() if len(word) <= _LONGEST_WORD]
    chance = random.Random(seed)
    while True:
        yield " ".join(chance.choices(words, k=WORDS))


def real_comments(seed: int, *, words: int) -> Iterator[tuple[str, str]]:
    """Names and texts without end of so many words each: real comments, one after the other."""
    rows = [(row["author"], row["text"]) for row in _rows()]
    chance = random.Random(seed)
    while True:
        name, text = chance.choice(rows)
        said = text.split()
        while len(said) < words:
            said += chance.choice(rows)[1].split()
        yield name, " ".join(said[:words])


def joined_texts(seed: int, length: int) -> Iterator[str]:
    """Texts without end of so many characters each: real comments, one after the other."""
    texts = [row["text"] for row in _rows()]
    chance = random.Random(seed)
    while True:
        text = chance.choice(texts)
        while len(text) < length:
            text = f"{text} {chance.choice(texts)}"
        yield text[:length]


def fresh_submissions(seed: int, *, authors: int) -> Iterator[bytes]:
    """JSON bodies without end, the same from run to run: fresh texts, each by one of so many authors."""
    chance = random.Random(seed)
    for text in fresh_texts(seed):
        author = chance.randrange(authors)
        yield orjson.dumps(
            {
                "thread": {"url": thread_url(author)},
                "name": f"Reader {author}",
                "email": f"reader{author}@reader.example",
                "author_ip": f"198.18.{author // 250}.{author % 250}",
                "body": text,
            }
        )
