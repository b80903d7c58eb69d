"""Weak labels for profanity and sexual words, where a set does not speak of them: by the shipped list."""

import csv
from functools import cache
from pathlib import Path

from moderation.language.fold.normalise import normalise
from moderation.language.fold.tokens import words
from moderation.language.models.heads import ABUSE_HEADS, Head
from training.sources import Labels, Row

_LIST = Path("moderation/engine/text/lists/surge/profanity_en.csv")
_STRONG = 1.8  # severity from which on everybody calls it profanity; milder words stay unanswered
_SEXUAL_FROM = 2  # distinct strong words about sex: one alone is mostly an insult


@cache
def _listed() -> dict[str, tuple[float, bool]]:
    """Each single word of the list: its severity, and whether it is about sex."""
    with _LIST.open(encoding="utf-8", newline="") as lines:
        return {
            row["text"].lower(): (
                float(row["severity_rating"]),
                row["category_1"].startswith("sexual anatomy"),
            )
            for row in csv.DictReader(lines)
            if " " not in row["text"]
        }


def with_weak_labels(row: Row) -> Row:
    """`row` with the heads `profanity` and `sexual` answered by the list, if it answers neither."""
    if not set(ABUSE_HEADS) & set(row.heads):
        return row
    found = [_listed()[word] for word in set(words(normalise(row.text).text)) if word in _listed()]
    weak: Labels = {}
    if not found:
        weak = {Head.PROFANITY: 0, Head.SEXUAL: 0}
    elif any(severity >= _STRONG for severity, _ in found):
        weak = {Head.PROFANITY: 1}
        if sum(is_sexual and severity >= _STRONG for severity, is_sexual in found) >= _SEXUAL_FROM:
            weak[Head.SEXUAL] = 1
    return Row(row.text, row.source, row.language, row.label, weak | row.heads)
