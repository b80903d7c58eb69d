"""Reads the templates and word lists of one split from the text files beside it."""

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_HERE = Path(__file__).parent
_SURGE = _HERE.parents[1] / "moderation" / "engine" / "text" / "lists" / "surge" / "profanity_en.csv"
# Listed slurs that are everyday words as well: a colour of skin in one sentence, a tin or a ghost in another.
_AMBIGUOUS = frozenset({"coon", "spook", "spic"})

_TWIN = re.compile(r"=(\w*)>")

SPLITS = ("train", "dev", "test")


@dataclass(frozen=True)
class Template:
    """A sentence with slots; its hostile twin and that twin's kind, where they are told beside it."""

    text: str
    twin: str = ""
    twin_kind: str = ""


def _sections(folder: str) -> Iterator[tuple[list[str], list[str]]]:
    """Every `@ name [split]` section of the folder's files: the words of its heading, and its lines."""
    for path in sorted((_HERE / folder).glob("*.txt")):
        heading: list[str] = []
        lines: list[str] = []
        for line in path.read_text(encoding="utf-8").splitlines():
            if line.startswith("@ "):
                if heading:
                    yield heading, lines
                heading, lines = line[1:].split(), []
            elif line and not line.startswith("#"):
                lines.append(line)
        if heading:
            yield heading, lines


@cache
def templates(split: str) -> Mapping[str, tuple[Template, ...]]:
    """The templates of a split by kind.

    A line that starts with `=>` is the twin of the line above, of the kind that `KINDS` names;
    `=threat>` names another kind.
    """
    found: dict[str, list[Template]] = {}
    for heading, lines in _sections("templates"):
        kind, of_split = heading
        if of_split == split:
            found.setdefault(kind, []).extend(_paired(lines))
    return {kind: tuple(lines) for kind, lines in found.items()}


def _paired(lines: Sequence[str]) -> list[Template]:
    pairs: list[Template] = []
    for line in lines:
        if match := _TWIN.match(line):
            pairs[-1] = Template(pairs[-1].text, line[match.end() :].strip(), match[1])
        else:
            pairs.append(Template(line))
    return pairs


@cache
def words(split: str) -> Mapping[str, tuple[str, ...]]:
    """The word lists of a split by name.

    `@ name split` belongs to that split alone. `@ name` is shared: training sees the words above `--`; dev
    and test see all, those below as often as those above.
    """
    found: dict[str, list[str]] = {}
    for heading, lines in _sections("words"):
        if heading[1:] == [split]:
            found.setdefault(heading[0], []).extend(_entries(lines))
        elif len(heading) == 1:
            found.setdefault(heading[0], []).extend(_shared(lines, split))
    found["slurs"] = [f"{word}s" for word in _slurs(split)]
    found["slur"] = _slurs(split)
    return {name: tuple(entries) for name, entries in found.items()}


def _entries(lines: Sequence[str]) -> list[str]:
    return [entry.strip() for line in lines for entry in line.split(";") if entry.strip()]


def _shared(lines: Sequence[str], split: str) -> list[str]:
    if "--" not in lines:
        return _entries(lines)
    cut = lines.index("--")
    seen, unseen = _entries(lines[:cut]), _entries(lines[cut + 1 :])
    if split == "train":
        return seen
    return seen + unseen * max(1, round(len(seen) / len(unseen)))


def _slurs(split: str) -> list[str]:
    """Nouns of the shipped list that are slurs and nothing else; every fourth is kept from training."""
    with _SURGE.open(encoding="utf-8", newline="") as rows:
        listed = {row["text"].lower(): row for row in csv.DictReader(rows)}
    nouns = [word for word, row in sorted(listed.items()) if _is_slur(word, row) and f"{word}s" in listed]
    return [word for place, word in enumerate(nouns) if split != "train" or place % 4]


def _is_slur(word: str, row: Mapping[str, str]) -> bool:
    return (
        row["category_1"] in {"racial / ethnic slurs", "sexual orientation / gender"}
        and float(row["severity_rating"]) >= 2.2
        and word.isalpha()
        and word not in _AMBIGUOUS
        and row["canonical_form_1"] in {"", word}
    )
