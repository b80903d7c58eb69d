"""What disguises cost detection: `python3 run.py bench disguise [--data DIR] [--seed N] [--most N] [--json]`.

Every listed word of a text is rewritten in one way; per way: how many of the words the folded text holds
again, at their very place, and the recall at 5 % false positives beside that of the clean text. `DIR` holds
`abuse.dev.jsonl.gz` (JSON lines with `text`, `label`, `lang`); without it a small set is put together here.
Exits with 1 where a way falls below its goal.
"""

import argparse
import gzip
import json
import math
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random
from typing import NamedTuple

from bench.disguises import PLAIN_KINDS, Disguise, LookAlikes, leave_out, mixed
from moderation.engine.text.shipped_lists import english_profanity
from moderation.language.fold.folded import Normalised
from moderation.language.fold.normalise import normalise
from moderation.language.models.judgement import judge

Scorer = Callable[[Normalised], float]

GOAL = 0.95  # of the recall of the clean text
GOALS = {"masked": 0.90}
# Of the words themselves. A blank may leave two honest words ("who re"), and of a word with half of its
# letters unknown another may be as near: the text is held all the same.
WORD_GOALS = {"broken": 0.85, "unknown look-alikes": 0.85, "mixed": 0.85}
FALSE_POSITIVES = 0.05
_FILE = "abuse.dev.jsonl.gz"
_SHORTEST = 3
_SENTENCES = (
    "You are such a {}, go away.",
    "What a {} this man is!",
    "I never saw a bigger {} than that one.",
    "All of them are {} and you know it.",
    "stop talking {} to people",
    "This {} again? Enough.",
)
_HARMLESS = (
    "The council votes on Tuesday about the new bridge.",
    "I read it twice and still disagree with the author.",
    "Thanks, that was a helpful explanation of the budget.",
    "My grandmother grew up in that street.",
)
_WORDS = (
    "fuck", "fucking", "shit", "bitch", "bitches", "asshole", "bastard", "cunt", "dick", "pussy",
    "whore", "slut", "faggot", "motherfucker", "twat",
)  # fmt: skip


class Found(NamedTuple):
    """A listed word at a place of a text."""

    start: int
    end: int
    word: str


class Row(NamedTuple):
    """What came of one way to hide words."""

    kind: str
    words: int
    recovered: float
    recall: float
    of_clean: float
    goal: float


def main() -> None:
    """Print a row for each way."""
    options = _read_options()
    hostile, harmless = _texts(options.data)
    rows = measure(hostile[: options.most], harmless[: options.most], seed=options.seed)
    if options.json:
        print(json.dumps([row._asdict() for row in rows], indent=2))
    else:
        print("way to hide                words  recovered  recall@5%  of clean   goal")
        for row in rows:
            print(
                f"{row.kind:24} {row.words:7} {row.recovered:10.3f} {row.recall:10.3f}"
                f" {row.of_clean:9.3f} {row.goal:6.2f}{'' if is_reached(row) else '  MISSED'}"
            )
    sys.exit(0 if all(map(is_reached, rows)) else 1)


def is_reached(row: Row) -> bool:
    """Whether both the words and the recall are kept as far as they should be."""
    return row.of_clean >= row.goal and row.recovered >= WORD_GOALS.get(row.kind, row.goal)


def abuse_odds(text: Normalised) -> float:
    """The models' log-odds of abuse."""
    abuse = judge(text).abuse
    return abuse.logit if abuse else -math.inf


def measure(
    hostile: Sequence[str], harmless: Sequence[str], *, seed: int, scorer: Scorer = abuse_odds
) -> list[Row]:
    """A row per way, the clean text first. Texts of `hostile` without a listed word are left out.

    `scorer` tells how hostile a folded text is; higher is worse.
    """
    found = [(text, words) for text in hostile if (words := listed_words(text))]
    line = _line([scorer(normalise(text)) for text in harmless])
    unknown, left_out = leave_out(seed)
    kinds: dict[str, Disguise] = {
        "clean": lambda word, _: word,
        **PLAIN_KINDS,
        "an unknown look-alike": LookAlikes(left_out, share=0.0),
        "unknown look-alikes": LookAlikes(left_out),
        "mixed": mixed,
    }
    rows: list[Row] = []
    for kind, disguise in kinds.items():
        letters = unknown if "unknown" in kind else None
        hits = kept = total = 0
        for number, (text, words) in enumerate(found):
            hidden, places = rewrite(text, words, disguise, Random(f"{seed} {kind} {number}"))
            folded = normalise(hidden, letters)
            hits += scorer(folded) > line
            kept += sum(is_recovered(folded, place) for place in places)
            total += len(places)
        recall = hits / max(1, len(found))
        clean = rows[0].recall if rows else recall
        of_clean = recall / clean if clean else 0.0
        rows.append(Row(kind, total, kept / max(1, total), recall, of_clean, GOALS.get(kind, GOAL)))
    return rows


def listed_words(text: str) -> list[Found]:
    """Plainly written words of the profanity list, the longest at each place."""
    folded = normalise(text)
    words: list[Found] = []
    for hit in sorted(english_profanity().find(folded), key=lambda hit: (hit.start, -hit.end)):
        span = folded.span(hit.start, hit.end)
        is_plain = (
            text[span.start : span.end].lower() == hit.word and hit.word.isalpha() and hit.word.isascii()
        )
        if is_plain and len(hit.word) >= _SHORTEST and (not words or span.start >= words[-1].end):
            words.append(Found(span.start, span.end, hit.word))
    return words


def rewrite(text: str, words: Sequence[Found], disguise: Disguise, chance: Random) -> tuple[str, list[Found]]:
    """`text` with all `words` disguised, and where they are now."""
    parts: list[str] = []
    places: list[Found] = []
    done = length = 0
    for start, end, word in words:
        hidden = disguise(word, chance)
        parts += [text[done:start], hidden]
        length += start - done
        places.append(Found(length, length + len(hidden), word))
        length += len(hidden)
        done = end
    return "".join(parts) + text[done:], places


def is_recovered(folded: Normalised, place: Found) -> bool:
    """Whether the folded text has the plain word where its disguise stands in the original."""
    here = [
        letter
        for letter, start, end in zip(folded.text, folded.starts, folded.ends, strict=True)
        if start >= place.start and end <= place.end
    ]
    return "".join(here).strip() == place.word


def _line(scores: Sequence[float]) -> float:
    """The lowest score that at most the allowed share of harmless texts exceeds."""
    ordered = sorted(scores, reverse=True)
    return ordered[int(FALSE_POSITIVES * len(ordered))] if ordered else 0.0


def _texts(data: Path | None) -> tuple[list[str], list[str]]:
    """Hostile and harmless English texts, in an order of their own."""
    if data is None:
        return [sentence.format(word) for sentence in _SENTENCES for word in _WORDS], list(_HARMLESS)
    with gzip.open(data / _FILE, "rt", encoding="utf-8") as lines:
        rows = [row for row in map(json.loads, lines) if row["lang"] == "en"]
    Random(1).shuffle(rows)
    return tuple([row["text"] for row in rows if row["label"] == label] for label in (1, 0))  # type: ignore[return-value]


def _read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="run.py bench disguise")
    parser.add_argument("--data", type=Path, help=f"folder with {_FILE}")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--most", type=int, default=2_000, help="texts of each label")
    parser.add_argument("--json", action="store_true")
    return parser.parse_args()


if __name__ == "__main__":
    main()
