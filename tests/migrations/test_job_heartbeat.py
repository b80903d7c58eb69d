"""A migration: the table of heartbeats gets its name, with its constraints and indexes, and may run again."""

import pytest
from django.db import connection

from moderation.models import JobHeartbeat
from tests.migrations.finding import find_migration

pytestmark = pytest.mark.django_db

OLD_SQL = """
DROP TABLE job_heartbeat;
CREATE TABLE job_pulse (kind varchar(20) NOT NULL PRIMARY KEY, claimed_at timestamptz NOT NULL);
CREATE INDEX job_pulse_kind_1a2b3c_like ON job_pulse (kind varchar_pattern_ops);
INSERT INTO job_pulse VALUES ('screen', clock_timestamp());
"""
NAMES_SQL = """
SELECT conname FROM pg_constraint WHERE conrelid = 'job_heartbeat'::regclass
UNION ALL
SELECT indexrelid::regclass::text FROM pg_index WHERE indrelid = 'job_heartbeat'::regclass
"""


def test_the_table_its_constraints_and_its_indexes_are_renamed_once_and_rows_stay():
    migration = find_migration("job_heartbeat")
    with connection.cursor() as cursor:
        cursor.execute(OLD_SQL)
        for _ in range(2):
            cursor.execute(migration.RENAME_SQL)
            cursor.execute(NAMES_SQL)
            names = {name for (name,) in cursor.fetchall()}
            assert {"job_heartbeat_pkey", "job_heartbeat_kind_1a2b3c_like"} <= names
            assert all(name.startswith("job_heartbeat_") for name in names)
    assert JobHeartbeat.objects.get().kind == "screen"


def test_no_name_of_the_old_table_is_left():
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname FROM pg_class WHERE relname LIKE 'job\\_pulse%'")
        assert cursor.fetchall() == []
        cursor.execute("SELECT conname FROM pg_constraint WHERE conname LIKE 'job\\_pulse%'")
        assert cursor.fetchall() == []
