"""Simulated moderators, each with a taste of their own, and the real comments that they decide on."""

import gzip
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

from moderation.domain.signals import Axis
from moderation.engine.text.links import find_links
from moderation.language.fold.folded import Normalised
from moderation.language.fold.normalise import normalise

# What these moderators call bad language. Written for this measurement: neither the shipped list nor a label.
_SWEARING = re.compile(
    r"\b(?:(?:mother)?fuck\w*|(?:bull)?shit\w*|bitch\w*|ass(?:hole)?s?|damn\w*|hell|crap\w*|dick\w*"
    r"|piss\w*|bastards?|cunts?|puss(?:y|ies)|cocks?|wtf|stfu)\b"
)
# One of these per seed: everyday words that are in many comments, and harmless by themselves.
_TOPICS = ("women", "white", "people", "trump", "she", "girl", "country", "black", "men", "jews")
_LANGUAGES = ("en", "mul")


@dataclass(frozen=True, slots=True)
class Row:
    """One comment, folded, with the label of its data set."""

    text: Normalised
    task: str
    label: int


Decide = Callable[[Row], bool]


@dataclass(frozen=True, slots=True)
class Taste:
    """What kind of comments a simulated moderator decides against.

    `pick` makes the moderator for one seed: a function that tells whether they decide against a row.
    `mistakes` is the share of decisions that are flipped at random. Without a taste the filter can only lose.
    """

    name: str
    axis: Axis
    pick: Callable[[Random], Decide]
    mistakes: float = 0.0
    has_taste: bool = True


def swears(row: Row) -> bool:
    """Whether a comment contains a word that these moderators call bad language."""
    return _SWEARING.search(row.text.text) is not None


def _dislike_topic(random: Random) -> Decide:
    topic = random.choice(_TOPICS)
    return lambda row: row.label == 1 or topic in row.text.text.split()


TASTES = (
    Taste("rejects all profanity", Axis.ABUSE, lambda _: lambda row: row.label == 1 or swears(row)),
    Taste("allows profanity", Axis.ABUSE, lambda _: lambda row: row.label == 1 and not swears(row)),
    Taste(
        "hates links", Axis.SPAM, lambda _: lambda row: row.label == 1 or bool(find_links(row.text.original))
    ),
    Taste("dislikes a topic", Axis.ABUSE, _dislike_topic),
    Taste(
        "rejects profanity, 1 in 10 wrong",
        Axis.ABUSE,
        lambda _: lambda row: row.label == 1 or swears(row),
        mistakes=0.1,
    ),
    Taste("no taste, 1 in 10 wrong", Axis.ABUSE, lambda _: lambda row: row.label == 1, 0.1, has_taste=False),
)


def read_rows(folder: Path) -> dict[Axis, list[Row]]:
    """The comments of the development sets by axis: English comments for abuse, and advertising for spam.

    Advertising is mixed with as many harmless comments, those with links first.
    """
    abuse, spam = _read(folder / "abuse.dev.jsonl.gz"), _read(folder / "spam.dev.jsonl.gz")
    harmless = [row for row in abuse if row.label == 0]
    Random(0).shuffle(harmless)
    harmless.sort(key=lambda row: not find_links(row.text.original))
    return {Axis.ABUSE: abuse, Axis.SPAM: [*spam, *harmless[: len(spam)]]}


def _read(path: Path) -> list[Row]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    return [
        Row(normalise(row["text"]), row["task"], row["label"]) for row in rows if row["lang"] in _LANGUAGES
    ]


def stream(taste: Taste, rows: Sequence[Row], seed: int, length: int) -> list[tuple[Row, int]]:
    """Shuffled comments, each with the label that the moderator's decision gives: 1 against it, 0 for it."""
    random = Random(seed)
    decide = taste.pick(random)
    drawn = random.sample(rows, length)
    return [(row, int(decide(row) != (random.random() < taste.mistakes))) for row in drawn]
