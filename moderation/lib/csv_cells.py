"""The one place that writes text into cells of a CSV file: quoted, and never as a formula."""

import csv
from collections.abc import Iterable
from typing import Protocol

# Characters that begin a formula in spreadsheets (OWASP, "CSV Injection"), with their full-width forms, which
# some spreadsheets treat alike.
_BEGINS_FORMULA = frozenset("=+-@\t\r\uff1d\uff0b\uff0d\uff20")


class Output(Protocol):
    """Whatever takes text."""

    def write(self, text: str, /) -> object:
        """Take it."""


class CsvWriter:
    """Writes rows to `output`, with the names of the columns first. Line ends are CR LF (RFC 4180)."""

    def __init__(self, output: Output, columns: Iterable[str]) -> None:
        self._writer = csv.writer(output, quoting=csv.QUOTE_ALL)
        self._writer.writerow(columns)

    def write(self, cells: Iterable[object]) -> None:
        """One row; None is an empty cell."""
        self._writer.writerow([disarm("" if cell is None else str(cell)) for cell in cells])


def disarm(text: str) -> str:
    """`text`, with an apostrophe before it if a spreadsheet would evaluate it. Quotes alone do not help."""
    if text[:1] in ("\t", "\r") or text.lstrip()[:1] in _BEGINS_FORMULA:
        return f"'{text}"
    return text
