"""The audit record: append-only by the database, independent of other rows, sealed by a chain.

Code from before this runs on: it writes events only. Removing a user who acted fails there, as it
would change events.
"""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

TABLES = ("audit_event", "audit_link", "audit_seal")

REFUSE = """
CREATE OR REPLACE FUNCTION audit_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% of % refused: the audit record is append-only', TG_OP, TG_TABLE_NAME
    USING ERRCODE = 'restrict_violation',
          HINT = 'What is wrong in it is set right by a new event, never by changing an old one.';
END
$$
"""

# One job for all sites; a new site asks for it too.
START_SEALING = """
INSERT INTO job (kind, site_id, subject_id, state, attempts, again, last_error)
SELECT 'seal', id, '5ea1ed00-0000-7000-8000-000000000000', 'open', 0, false, ''
FROM site ORDER BY id LIMIT 1
ON CONFLICT DO NOTHING
"""


def protect(table: str) -> migrations.RunSQL:
    return migrations.RunSQL(
        f"CREATE OR REPLACE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse_change()",
        f"DROP TRIGGER IF EXISTS {table}_append_only ON {table}",
    )


class Migration(migrations.Migration):
    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("moderation", "0003_leaner_keys"),
    ]

    operations = [
        migrations.AlterField(
            "auditevent",
            "site",
            models.ForeignKey(
                null=True,
                db_constraint=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                db_index=False,
                to="moderation.site",
            ),
        ),
        migrations.AlterField(
            "auditevent",
            "actor_user",
            models.ForeignKey(
                null=True,
                db_constraint=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                db_index=False,
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.CreateModel(
            name="AuditLink",
            fields=[
                ("event_id", models.BigIntegerField(primary_key=True, serialize=False)),
                ("site_id", models.UUIDField()),
                ("number", models.BigIntegerField()),
                ("digest", models.BinaryField(max_length=32)),
            ],
            options={
                "db_table": "audit_link",
                "constraints": [
                    models.UniqueConstraint(fields=["site_id", "number"], name="audit_link_number_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="AuditSeal",
            fields=[
                ("number", models.BigIntegerField(primary_key=True, serialize=False)),
                ("from_id", models.BigIntegerField()),
                ("to_id", models.BigIntegerField(unique=True)),
                ("count", models.IntegerField()),
                ("previous_hash", models.BinaryField(max_length=32, unique=True)),
                ("hash", models.BinaryField(max_length=32)),
                ("sealed_at", models.DateTimeField()),
            ],
            options={"db_table": "audit_seal"},
        ),
        migrations.RunSQL(REFUSE, "DROP FUNCTION IF EXISTS audit_refuse_change()"),
        *[protect(table) for table in TABLES],
        migrations.RunSQL(START_SEALING, migrations.RunSQL.noop),
    ]
