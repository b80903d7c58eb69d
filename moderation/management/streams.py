"""Streams of real comments in files: CSV or JSON lines with id, author, time and text."""

import csv
import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

COLUMNS = ("id", "author", "time", "text")


class UnusableStream(Exception):
    """The file is invalid; the message says where, and what to do."""


@dataclass(frozen=True, slots=True)
class StreamRow:
    """One comment of a stream. `stream` names its file."""

    stream: str
    id: str
    author: str
    time: datetime | None
    text: str

    def as_submission(self, base_url: str) -> dict[str, Any]:
        """The body of a submission: one thread per file, one invented address and network per author."""
        digest = hashlib.sha256(self.author.encode()).digest()
        body: dict[str, Any] = {
            "thread": {
                "key": f"replay-{self.stream}",
                "url": f"{base_url}/replay/{self.stream}",
                "title": f"Replay of {self.stream}",
            },
            "name": self.author[:100],
            "email": f"reader-{digest[:8].hex()}@replay.example",
            "body": self.text,
            # 198.18.0.0/15 is set aside for measurements (RFC 2544).
            "author_ip": f"198.{18 + digest[8] % 2}.{digest[9]}.{digest[10]}",
        }
        if self.time is not None:
            body["submitted_at"] = self.time.isoformat()
        return body


def read_stream(path: Path) -> list[StreamRow]:
    """All rows of a file. Raises `UnusableStream`."""
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            rows = _read_csv(file, path) if path.suffix.lower() == ".csv" else _read_lines(file, path)
            return [_build_row(row, path, number) for number, row in enumerate(rows, start=1)]
    except (OSError, UnicodeDecodeError) as error:
        raise UnusableStream(f"{path}: cannot be read ({error}).") from None


def _read_csv(file: Any, path: Path) -> Iterator[dict[str, Any]]:
    reader = csv.DictReader(file)
    missing = [name for name in COLUMNS if name not in (reader.fieldnames or ())]
    if missing:
        raise UnusableStream(f"{path}: the first line must name the columns {', '.join(missing)}.")
    yield from reader


def _read_lines(file: Any, path: Path) -> Iterator[dict[str, Any]]:
    for number, line in enumerate(file, start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except ValueError:
            raise UnusableStream(f"{path}, line {number}: not JSON.") from None
        if not isinstance(row, dict) or not {"id", "author", "text"} <= row.keys():
            raise UnusableStream(f"{path}, line {number}: an object with id, author, time, text is needed.")
        yield row


def _build_row(row: dict[str, Any], path: Path, number: int) -> StreamRow:
    try:
        time = datetime.fromisoformat(row["time"]) if row.get("time") else None
    except (TypeError, ValueError):
        raise UnusableStream(f"{path}, row {number}: the time is not ISO 8601.") from None
    return StreamRow(
        stream=path.stem,
        id=str(row["id"]),
        author=str(row["author"]),
        time=time.replace(tzinfo=UTC) if time and time.tzinfo is None else time,
        text=str(row["text"]),
    )
