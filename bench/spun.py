"""How template spam is told from readers: `python3 run.py bench spun --data DIR [--json]`.

`DIR` holds labelled sets (`{abuse,spam}.dev.jsonl.gz`, and `measure_only.*` where there are any). Per set the
harmless texts that the shipped weights call a template, and the texts of the published templates that they
know, which they were made from: `python -m training.spun --dry` tells how they do on templates left out.
Exits with 1 where a set of 300 harmless texts or more is flagged more often than 3 in 1,000.
"""

import argparse
import gzip
import json
import sys
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from moderation.language.fold.normalise import normalise
from moderation.language.models.spun import spun_model

MOST_FLAGGED = 0.003
FEWEST_ROWS = 300
FILES = ("abuse.dev", "spam.dev", "measure_only.abuse.dev", "measure_only.spam.dev")
TEMPLATES = "wpspun"

Figures = dict[str, dict[str, Any]]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="run.py bench spun", description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    figures = measure(_rows(options.data))
    print(json.dumps(figures) if options.json else "\n".join(_table(figures)))
    sys.exit(bool(too_many(figures)))


def measure(rows: Iterable[Mapping[str, Any]]) -> Figures:
    """Per set: `rows`, how many are `flagged`, how many of them for `certain`, and `ms` a text."""
    model = spun_model()
    figures: Figures = defaultdict(lambda: {"rows": 0, "flagged": 0, "certain": 0, "ms": 0.0})
    for row in rows:
        folded = normalise(row["text"])
        began = time.perf_counter()
        score = model.score(folded)
        of_set = figures[row["set"]]
        of_set["ms"] += (time.perf_counter() - began) * 1000
        of_set["rows"] += 1
        of_set["flagged"] += score is not None and score > model.header["threshold"]
        of_set["certain"] += score is not None and score > model.header["certain"]
    for of_set in figures.values():
        of_set["ms"] = round(of_set["ms"] / of_set["rows"], 3)
    return dict(sorted(figures.items()))


def too_many(figures: Figures) -> list[str]:
    """The larger sets of harmless texts of which too many are flagged."""
    return [
        name
        for name, found in figures.items()
        if name != TEMPLATES
        and found["rows"] >= FEWEST_ROWS
        and found["flagged"] > MOST_FLAGGED * found["rows"]
    ]


def _rows(data: Path) -> Iterator[Mapping[str, Any]]:
    for name in (*FILES, "spam.train"):
        path = data / f"{name}.jsonl.gz"
        if not path.is_file():
            continue
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            for row in map(json.loads, lines):
                is_template = row["set"] == TEMPLATES
                if is_template or (row["label"] == 0 and name in FILES):
                    yield row


def _table(figures: Figures) -> Iterator[str]:
    yield "| set | texts | flagged | share | for certain | ms a text |"
    yield "|---|---|---|---|---|---|"
    for name, found in figures.items():
        share = found["flagged"] / found["rows"]
        told = f"{name} (trained on)" if name == TEMPLATES else name
        yield (
            f"| {told} | {found['rows']} | {found['flagged']} | {share:.2%} "
            f"| {found['certain']} | {found['ms']} |"
        )


if __name__ == "__main__":
    main()
