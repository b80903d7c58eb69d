"""Writes rows as JSON lines that `manage.py evaluate` reads: `python -m training.contrast --split dev`."""

import argparse
import json
import sys
from collections.abc import Sequence

from training.contrast.bank import SPLITS
from training.contrast.kinds import KINDS
from training.contrast.rows import Row, generate


def as_record(row: Row) -> dict[str, object]:
    """The row with the keys of a labelled file: text, label, set, heads, term."""
    return {
        "text": row.text,
        "label": row.label,
        "set": f"contrast_{row.kind}",
        "heads": dict(row.heads),
        "term": row.term,
    }


def is_of_axis(row: Row, axis: str) -> bool:
    """Abuse is measured without advertising; spam against everything that is not abuse."""
    if axis == "abuse":
        return not KINDS[row.kind].is_spam
    return axis == "all" or KINDS[row.kind].is_spam or row.harmless


def main(arguments: Sequence[str] | None = None) -> None:
    """Reads the command line and writes to standard output."""
    parser = argparse.ArgumentParser(prog="python -m training.contrast", description=__doc__)
    parser.add_argument("--split", choices=SPLITS, required=True)
    parser.add_argument("--rows", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--axis", choices=("all", "abuse", "spam"), default="all")
    options = parser.parse_args(arguments)
    for row in generate(options.split, options.seed, options.rows):
        if is_of_axis(row, options.axis):
            sys.stdout.write(json.dumps(as_record(row), ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
