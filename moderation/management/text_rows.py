"""Reads texts for commands that score them, with what is known of each: JSON lines, gzipped or not."""

import gzip
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from django.core.management import CommandError

Row = dict[str, Any]


def read_text_rows(path: Path, find_mistake: Callable[[Row], str], *, advice: str = "") -> Iterator[Row]:
    """The rows of a file, each with a `text`. `find_mistake` says what else is wrong with a row, or "".

    Raises `CommandError` naming the line that is wrong, or, with `advice`, that the file cannot be read.
    """
    opener = gzip.open if path.suffix == ".gz" else open
    try:
        with opener(path, "rt", encoding="utf-8") as lines:
            for number, line in enumerate(lines, start=1):
                if line.strip():
                    yield _read_row(line, find_mistake, f"{path.name}, line {number}")
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"Cannot read {path}: {error}. {advice}".rstrip()) from None


def _read_row(line: str, find_mistake: Callable[[Row], str], where: str) -> Row:
    try:
        row = json.loads(line)
    except json.JSONDecodeError as error:
        raise CommandError(f"{where}: not JSON ({error.msg}).") from None
    if not isinstance(row, dict) or not isinstance(row.get("text"), str):
        raise CommandError(f"{where}: has no `text`.")
    if mistake := find_mistake(row):
        raise CommandError(f"{where}: {mistake}")
    return row
