"""What the weights are learned from: texts of templates by template, and harmless texts of many sources."""

import gzip
import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from random import Random
from typing import Any

from training.contrast import generate

SEED = 20261126
SPUN_SET = "wpspun"  # MIT; `note` is the number of the template
EXPANSIONS = 8  # of each template of ours
CONTRAST_ROWS = 6_000
_CHOICE = re.compile(r"\[([^\[\]]*)\]")
_HERE = Path(__file__).parent

Json = Mapping[str, Any]


def read_rows(folder: Path, name: str) -> Iterator[Json]:
    """The rows of one labelled file."""
    with gzip.open(folder / f"{name}.jsonl.gz", "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def expand(name: str, *, times: int = EXPANSIONS) -> dict[str, list[str]]:
    """Texts of our own templates in `name`, by template."""
    chance = Random(SEED)
    lines = (_HERE / name).read_text(encoding="utf-8").splitlines()
    templates = [line for line in lines if line and not line.startswith("#")]
    return {
        f"own {number}": sorted({_choose(template, chance) for _ in range(times)})
        for number, template in enumerate(templates)
    }


def published_templates(folder: Path) -> dict[str, list[str]]:
    """Texts of the published templates, by template."""
    found: dict[str, list[str]] = defaultdict(list)
    for row in read_rows(folder, "spam.train"):
        if row["set"] == SPUN_SET:
            found[f"wpspun {row['note']}"].append(row["text"])
    return dict(found)


def harmless(folder: Path, split: str) -> dict[str, list[str]]:
    """Harmless English texts by set: comments, posts, messages, and contrast rows of our own."""
    found: dict[str, list[str]] = defaultdict(list)
    for axis in ("abuse", "spam"):
        for row in read_rows(folder, f"{axis}.{split}"):
            if row["label"] == 0 and row["lang"] == "en":
                found[row["set"]].append(row["text"])
    for contrast in generate(split, SEED, CONTRAST_ROWS):
        if contrast.label == 0:
            found["contrast"].append(contrast.text)
    return dict(found)


def join_alike(runs: Mapping[str, set[str]], *, shared: int = 4) -> Sequence[Sequence[str]]:
    """Templates in groups: those with `shared` runs of words in common are versions of one another."""
    groups: list[list[str]] = []
    for name in runs:
        alike = [group for group in groups if any(len(runs[name] & runs[other]) >= shared for other in group)]
        groups = [group for group in groups if group not in alike]
        groups.append([name, *(other for group in alike for other in group)])
    return groups


def _choose(template: str, chance: Random) -> str:
    return _CHOICE.sub(lambda match: chance.choice(match[1].split("|")), template)
