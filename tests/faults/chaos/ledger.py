"""What the clients of a chaos run sent, and what they were promised."""

import hashlib
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

from moderation.domain.fields import clean_body, clean_name
from moderation.management.streams import StreamRow, read_stream

STREAMS = sorted((Path(__file__).parents[3] / "bench" / "data" / "youtube").glob("*.csv"))


@dataclass(slots=True)
class Entry:
    """One comment and what became of it. `ids` are all that were answered to it, in any try."""

    number: int
    way: str
    key: str
    thread: str
    name: str
    email: str
    network: str
    body: str
    ids: list[UUID] = field(default_factory=list)
    tries: int = 0
    unsure: int = 0
    outcome: str = ""

    @property
    def identity(self) -> tuple[str, str, str]:
        """Who said what where: the service takes it once."""
        return (self.thread, self.email, clean_body(self.body))

    @property
    def stored_name(self) -> str:
        """The name as it has to stand in the database."""
        return clean_name(self.name)


class Ledger:
    """All entries of a run, and what else the clients met.

    All addresses of a run share a domain: by it is told what is there and nobody in the ledger sent.
    """

    def __init__(self, name: str = "chaos") -> None:
        self.name = name
        self.domain = f"{name}.example"
        self.entries: list[Entry] = []
        self.surprises: Counter[str] = Counter()
        self.retries: Counter[int] = Counter()
        self.replays = 0
        self.accepted_count = 0
        self._lock = threading.Lock()
        self._rows = _endless_rows()

    def open_entry(self, way: str, threads: Sequence[str]) -> Entry:
        """The next real comment, to be sent by `way` into one of `threads`."""
        with self._lock:
            cycle, number, row, body = next(self._rows)
            entry = self._build_entry(way, threads[number % len(threads)], row, body, cycle)
            self.entries.append(entry)
            return entry

    def count_retry(self, status: int) -> None:
        """One try came to nothing, as it may: the answer's status, 0 for no answer."""
        with self._lock:
            self.retries[status] += 1

    def count_replay(self) -> None:
        """An accepted comment was sent again under its key."""
        with self._lock:
            self.replays += 1

    def count_accepted(self) -> None:
        """One more promise."""
        with self._lock:
            self.accepted_count += 1

    def note_surprise(self, what: str) -> None:
        """An answer that no fault excuses."""
        with self._lock:
            self.surprises[what] += 1

    @property
    def accepted(self) -> list[Entry]:
        """What the service has promised to keep."""
        return [entry for entry in self.entries if entry.outcome == "accepted"]

    @property
    def unfinished(self) -> list[Entry]:
        """What got no final answer at all."""
        return [entry for entry in self.entries if not entry.outcome]

    def settle_repeated(self) -> None:
        """What was refused as said before, and never accepted, can only be a try whose end was not heard.

        It got no answer, or a 503 because the database went away after its commit. Then it was stored,
        and its promise stands, although its id was not heard.
        """
        known = {entry.identity for entry in self.accepted}
        for entry in self.entries:
            if entry.outcome == "repeated" and entry.unsure and entry.identity not in known:
                entry.outcome = "accepted"
                known.add(entry.identity)

    def wrongly_repeated(self) -> list[Entry]:
        """Entries refused as said before although nothing like them was accepted."""
        known = {entry.identity for entry in self.accepted}
        return [e for e in self.entries if e.outcome == "repeated" and e.identity not in known]

    def _build_entry(self, way: str, thread: str, row: StreamRow, body: str, cycle: int) -> Entry:
        digest = hashlib.sha256(f"{row.author} {cycle}".encode()).digest()
        number = len(self.entries)
        return Entry(
            number=number,
            way=way,
            key=f"{self.name}-{number}",
            thread=thread,
            name=row.author[:100],
            email=f"reader-{digest[:8].hex()}@{self.domain}",
            # 198.18.0.0/15 is set aside for measurements (RFC 2544).
            network=f"198.{18 + digest[8] % 2}.{digest[9]}.{digest[10]}",
            body=body,
        )


def _endless_rows() -> Iterator[tuple[int, int, StreamRow, str]]:
    """(cycle, number, row, text): from the second cycle on two comments are joined, never the same two."""
    rows = [row for path in STREAMS for row in read_stream(path) if row.text.strip()]
    cycle = 0
    while True:
        for number, row in enumerate(rows):
            other = rows[(number + 97 * cycle) % len(rows)]
            yield cycle, number, row, f"{row.text}\n\n{other.text}" if cycle else row.text
        cycle += 1
