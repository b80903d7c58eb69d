"""K12: a migration is killed half way; nothing of it is left, and the next run completes it."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from urllib.parse import quote

import psycopg
import pytest

from config.local.postgres import ROLE
from config.local.servers import database_socket_folder
from tests.faults.armed import KILLS
from tests.faults.service import ArmedService, wait_for
from tests.stack import BASE

pytestmark = pytest.mark.faults

# The last migration adds these constraints one by one; `decision` is among the last tables.
LAST, BEFORE_LAST = "0002_same_site", "0001"
_ADDED_SQL = "SELECT count(*) FROM pg_constraint WHERE conname LIKE '%\\_same\\_site'"
_OTHERS_SQL = """
SELECT wait_event_type FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND application_name = 'moderation'
"""


class HalfWay:
    """A database of its own that is brought up to date by real processes."""

    def __init__(self, service: ArmedService, name: str) -> None:
        self.socket = str(database_socket_folder(service.stack.var))
        self.name = name
        url = f"postgres://{ROLE}@/{name}?host={quote(self.socket)}"
        self.environment = dict(service.stack.environment) | {"DATABASE_URL": url}

    def connect(self) -> psycopg.Connection[tuple[object, ...]]:
        return psycopg.connect(host=self.socket, user=ROLE, dbname=self.name, autocommit=True)

    def start(self, *arguments: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "manage.py", "migrate", "--no-input", "--verbosity", "0", *arguments]
        return subprocess.Popen(command, cwd=BASE, env=self.environment)

    def waiting(self) -> list[object]:
        """What each of the other sessions in this database waits for."""
        with self.connect() as connection:
            return [row[0] for row in connection.execute(_OTHERS_SQL)]

    def added(self) -> int:
        """How many of the last migration's constraints there are."""
        with self.connect() as connection:
            row = connection.execute(_ADDED_SQL).fetchone()
            assert row is not None
            return int(str(row[0]))

    def is_recorded(self) -> bool:
        """Whether Django believes that the last migration was applied."""
        with self.connect() as connection:
            found = connection.execute("SELECT 1 FROM django_migrations WHERE name = %s", [LAST])
            return found.fetchone() is not None


@pytest.fixture
def half_way(service: ArmedService) -> Iterator[HalfWay]:
    database = HalfWay(service, "half_way")
    service.query("CREATE DATABASE half_way")
    assert database.start("moderation", BEFORE_LAST).wait(timeout=120) == 0
    yield database
    service.query("DROP DATABASE half_way WITH (FORCE)")


def test_a_migration_that_dies_half_way_leaves_nothing_of_itself(half_way: HalfWay) -> None:
    for _ in range(KILLS):
        with half_way.connect() as holder, holder.transaction():
            holder.execute("LOCK TABLE decision IN ROW EXCLUSIVE MODE")
            migration = half_way.start()
            wait_for(
                partial(_is_blocked, half_way, migration),
                within_s=60,
                what="the migration waits for the lock",
            )
            migration.send_signal(signal.SIGKILL)
            assert migration.wait(timeout=20) == -signal.SIGKILL
        wait_for(partial(_is_left_alone, half_way), within_s=20, what="its session ends")
        assert (half_way.added(), half_way.is_recorded()) == (0, False)
    assert half_way.start().wait(timeout=120) == 0
    assert half_way.is_recorded()
    assert half_way.added() > 10


def _is_blocked(half_way: HalfWay, migration: subprocess.Popen[bytes]) -> bool:
    assert migration.poll() is None, "it ended before it was killed"
    return "Lock" in half_way.waiting()


def _is_left_alone(half_way: HalfWay) -> bool:
    return half_way.waiting() == []
