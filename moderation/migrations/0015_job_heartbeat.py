"""A worker's sign of life is called a heartbeat: the table, its constraints and its indexes follow."""

from django.db import migrations


# PostgreSQL 18 names the NOT NULL constraints of a table, too. What is renamed already is left alone.
RENAME_SQL = """
DO $$
DECLARE
    old_name text;
BEGIN
    IF to_regclass('job_heartbeat') IS NULL THEN
        ALTER TABLE job_pulse RENAME TO job_heartbeat;
    END IF;
    FOR old_name IN
        SELECT conname FROM pg_constraint
        WHERE conrelid = 'job_heartbeat'::regclass AND conname LIKE 'job\\_pulse\\_%'
    LOOP
        EXECUTE format('ALTER TABLE job_heartbeat RENAME CONSTRAINT %I TO %I',
                       old_name, replace(old_name, 'job_pulse_', 'job_heartbeat_'));
    END LOOP;
    FOR old_name IN
        SELECT relname FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid
        WHERE indrelid = 'job_heartbeat'::regclass AND relname LIKE 'job\\_pulse\\_%'
    LOOP
        EXECUTE format('ALTER INDEX %I RENAME TO %I',
                       old_name, replace(old_name, 'job_pulse_', 'job_heartbeat_'));
    END LOOP;
END
$$
"""


class Migration(migrations.Migration):

    dependencies = [
        ('moderation', '0014_comment_claim'),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(RENAME_SQL, migrations.RunSQL.noop)],
            state_operations=[
                migrations.RenameModel('JobPulse', 'JobHeartbeat'),
                migrations.AlterModelTable('JobHeartbeat', 'job_heartbeat'),
            ],
        ),
    ]
