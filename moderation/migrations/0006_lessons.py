"""What sites learn from their moderators: lessons, and the filters that are made of them.

Additive: code from before this neither writes nor reads any of it.
"""

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models


def same_site(column: str, target: str) -> migrations.RunSQL:
    name = f"lesson_{column}_same_site"
    return migrations.RunSQL(
        f"ALTER TABLE lesson ADD CONSTRAINT {name} FOREIGN KEY (site_id, {column}) "
        f"REFERENCES {target} (site_id, id) DEFERRABLE INITIALLY DEFERRED",
        f"ALTER TABLE lesson DROP CONSTRAINT {name}",
    )


class Migration(migrations.Migration):
    dependencies = [("moderation", "0005_rules")]

    operations = [
        migrations.CreateModel(
            name="Lesson",
            fields=[
                ("decision_id", models.UUIDField(primary_key=True, serialize=False)),
                ("answers", models.JSONField()),
                ("before", models.JSONField()),
                ("features", models.BinaryField()),
                (
                    "bands",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), default=list, size=None
                    ),
                ),
                ("shift", models.CharField(max_length=80)),
                ("stands_for", models.FloatField(default=1.0)),
                (
                    "read_by",
                    models.CharField(help_text="Which features and which shared model.", max_length=80),
                ),
                (
                    "taught_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                (
                    "comment",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="moderation.comment",
                    ),
                ),
                (
                    "revision",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="moderation.revision",
                    ),
                ),
                (
                    "site",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="moderation.site",
                    ),
                ),
            ],
            options={
                "db_table": "lesson",
                "indexes": [models.Index(fields=["site", "decision_id"], name="lesson_by_site")],
            },
        ),
        migrations.CreateModel(
            name="SiteFilter",
            fields=[
                (
                    "site",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="moderation.site",
                    ),
                ),
                ("version", models.PositiveIntegerField(default=0)),
                ("read_by", models.CharField(blank=True, default="", max_length=80)),
                ("lessons", models.PositiveIntegerField(default=0)),
                ("axes", models.JSONField(default=dict)),
                ("abuse_weights", models.BinaryField(default=b"")),
                ("spam_weights", models.BinaryField(default=b"")),
                ("is_paused", models.BooleanField(default=False)),
                ("forgotten_at", models.DateTimeField(null=True)),
                ("learned_at", models.DateTimeField(null=True)),
            ],
            options={"db_table": "site_filter"},
        ),
        same_site("comment_id", "comment"),
        same_site("revision_id", "revision"),
    ]
