"""The shipped encoder from start to file: `python -m training.encoder.recipe --data DIR --work DIR ...`.

Four runs over 40,000 rows each, every one from the weights of the one before with other rows of the large
sets, then the export of the mean of the last two. Some six minutes a run on two idle cores; what was
interrupted goes on when the command is given again.
"""

import argparse
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

# What the later runs let count more: small sets whose places nothing else resembles.
_LATER = ("--rate", "0.6", "--raise", "edos=1.5", "--raise", "surge=2", "--raise", "wikitalk=2")
RUNS: tuple[tuple[str, ...], ...] = (
    ("--seed", "20261"),
    ("--seed", "20262", "--raise", "convabuse=4", *_LATER, "--contrast", "7000"),
    ("--seed", "20263", "--raise", "convabuse=5", *_LATER, "--contrast", "8000", "--swaps", "1000"),
    # Last, more of what is said of all groups alike, and of the ways in which they and readers are attacked.
    (
        *("--seed", "20264", "--raise", "convabuse=6", *_LATER),
        *("--contrast", "9000", "--swaps", "2000", "--raise", "contrast=1.3"),
    ),
)
# The last run knows our own templates better, the one before it real comments; their mean beats both.
AVERAGED = 2


def commands(data: Path, work: Path, to: Path, version: str) -> Iterator[list[str]]:
    """The arguments of each step, in order."""
    folders = [work / f"run{number}" for number in range(1, len(RUNS) + 1)]
    for number, (folder, options) in enumerate(zip(folders, RUNS, strict=True)):
        start = ["--start", str(folders[number - 1])] if number else []
        yield ["training.encoder", "--data", str(data), "--out", str(folder), *start, *options]
    yield [
        "training.encoder.export",
        *("--data", str(data), "--to", str(to), "--version", version),
        *("--average", str(AVERAGED), "--run", *map(str, folders)),
    ]


def main() -> None:
    """Do all steps; a run that is over already is only scored again."""
    parser = argparse.ArgumentParser(prog="training.encoder.recipe", description=__doc__)
    for name in ("data", "work", "to"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    parser.add_argument("--version", required=True, help="the day, and a letter")
    given = parser.parse_args()
    for command in commands(given.data, given.work, given.to, given.version):
        print(f"== {' '.join(command)}", flush=True)
        subprocess.run([sys.executable, "-m", *command], check=True)


if __name__ == "__main__":
    main()
