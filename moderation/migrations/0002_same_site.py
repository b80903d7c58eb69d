"""Composite foreign keys: the database refuses to join rows of two sites."""

from django.db import migrations

# (table, column, referenced table): (site_id, column) must be a row of that very site.
REFERENCES = [
    ("comment", "thread_id", "thread"),
    ("comment", "author_id", "author"),
    ("comment", "parent_id", "comment"),
    ("comment", "root_id", "comment"),
    ("comment", "current_revision_id", "revision"),
    ("comment", "published_revision_id", "revision"),
    ("revision", "comment_id", "comment"),
    ("contact", "comment_id", "comment"),
    ("screening", "comment_id", "comment"),
    ("screening", "revision_id", "revision"),
    ("fingerprint", "comment_id", "comment"),
    ("review_item", "comment_id", "comment"),
    ("decision", "comment_id", "comment"),
    ("decision", "revision_id", "revision"),
    ("idempotency_key", "comment_id", "comment"),
]


def add_constraint(table: str, column: str, target: str) -> migrations.RunSQL:
    name = f"{table}_{column}_same_site"
    return migrations.RunSQL(
        f"ALTER TABLE {table} ADD CONSTRAINT {name} FOREIGN KEY (site_id, {column}) "
        f"REFERENCES {target} (site_id, id) DEFERRABLE INITIALLY DEFERRED",
        f"ALTER TABLE {table} DROP CONSTRAINT {name}",
    )


class Migration(migrations.Migration):
    dependencies = [("moderation", "0001_initial")]

    operations = [add_constraint(*reference) for reference in REFERENCES]
