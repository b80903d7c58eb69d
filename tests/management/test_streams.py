"""Streams of real comments: what is read, and what is refused in words."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from moderation.management.streams import UnusableStream, read_stream

HEADER = "id,author,time,text\n"


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_csv_and_json_lines_give_the_same_rows(tmp_path: Path) -> None:
    rows = read_stream(write(tmp_path, "a.csv", HEADER + '1,Ada,2014-07-22T15:27:50,"one, two"\n'))
    lines = '{"id": 1, "author": "Ada", "time": "2014-07-22T15:27:50", "text": "one, two"}\n\n'
    (same,) = read_stream(write(tmp_path, "a.jsonl", lines))
    assert rows == [same]
    assert same.time == datetime(2014, 7, 22, 15, 27, 50, tzinfo=UTC)


def test_one_author_has_one_invented_address_and_a_file_is_a_thread(tmp_path: Path) -> None:
    rows = read_stream(write(tmp_path, "a.csv", HEADER + "1,Ada,,x\n2,Ada,,y\n3,Bo,,z\n"))
    one, two, other = (row.as_submission("http://here.example") for row in rows)
    assert one["email"] == two["email"] != other["email"]
    assert one["thread"] == other["thread"]
    assert one["author_ip"].startswith(("198.18.", "198.19."))
    assert "submitted_at" not in one


@pytest.mark.parametrize(
    ("name", "text", "hint"),
    [
        ("a.csv", "id,who\n1,Ada\n", "must name the columns"),
        ("a.csv", HEADER + "1,Ada,yesterday,x\n", "row 1: the time"),
        ("a.jsonl", "{\n", "line 1: not JSON"),
        ("a.jsonl", '["x"]\n', "line 1: an object"),
        ("a.jsonl", '{"id": 1}\n', "line 1: an object"),
    ],
)
def test_a_broken_file_is_refused_with_the_place(tmp_path: Path, name: str, text: str, hint: str) -> None:
    with pytest.raises(UnusableStream, match=hint):
        read_stream(write(tmp_path, name, text))


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnusableStream, match="cannot be read"):
        read_stream(tmp_path / "missing.csv")
