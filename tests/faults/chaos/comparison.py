"""Compares what clients were promised with what the database holds."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from moderation.domain.fields import clean_body
from tests.faults.chaos.comparison_sql import DOUBLED, LOAD_SQL, LOST, RESOLVE_SQL, UNSCREENED
from tests.faults.chaos.ledger import Ledger
from tests.faults.chaos.scene import Connection

_INSERT_SQL = "INSERT INTO expected VALUES (%s, %s, %s, %s, %s, %s)"
EXAMPLES = 5


@dataclass(slots=True)
class Comparison:
    """What is wrong: how often and, by question, some ids."""

    lost: int = 0
    unscreened: int = 0
    doubled: int = 0
    examples: dict[str, list[str]] = field(default_factory=dict)

    @property
    def is_clean(self) -> bool:
        """Whether every promise was kept."""
        return not (self.lost or self.unscreened or self.doubled)


def compare(ledger: Ledger, connection: Connection) -> Comparison:
    """Ask every question. Changes nothing; may be part of a transaction of the caller's."""
    found = Comparison()
    with connection.transaction(), connection.cursor() as cursor:
        cursor.execute(LOAD_SQL)
        cursor.executemany(
            _INSERT_SQL,
            [
                (entry.number, each, entry.way, entry.thread, entry.stored_name, clean_body(entry.body))
                for entry in ledger.accepted
                for each in (set(entry.ids) or [None])
            ],
        )
        cursor.execute(RESOLVE_SQL)

        def ask(questions: Mapping[str, str]) -> int:
            wrong: set[str] = set()
            for name, sql in questions.items():
                cursor.execute(sql, {"domain": ledger.domain})
                ids = [str(row[0]) for row in cursor.fetchall()]
                if ids:
                    found.examples[name] = [f"{len(ids)} times", *ids[:EXAMPLES]]
                wrong |= set(ids)
            return len(wrong)

        found.lost = ask(LOST) + len(ledger.wrongly_repeated())
        found.unscreened = ask(UNSCREENED)
        found.doubled = ask(DOUBLED)
        cursor.execute("DROP TABLE expected")
    return found
