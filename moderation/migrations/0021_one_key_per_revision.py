"""One key ties a row to its comment and revision, which makes the indexes by revision superfluous.

Whether a decision was reversed is in an index of reversals only.
"""

import django.db.models.deletion
from django.db import migrations, models

# (table, its column with the comment's id, its column with the revision's id)
REFERENCES = [
    ("comment", "id", "current_revision_id"),
    ("comment", "id", "published_revision_id"),
    ("screening", "comment_id", "revision_id"),
    ("decision", "comment_id", "revision_id"),
    ("remote_answer", "comment_id", "revision_id"),
    ("training_example", "comment_id", "revision_id"),
]


def add_key(table: str, comment: str, revision: str) -> migrations.RunSQL:
    name = f"{table}_{revision}_of_comment"
    return migrations.RunSQL(
        f"ALTER TABLE {table} ADD CONSTRAINT {name} FOREIGN KEY (site_id, {comment}, {revision}) "
        f"REFERENCES revision (site_id, comment_id, id) DEFERRABLE INITIALLY DEFERRED",
        f"ALTER TABLE {table} DROP CONSTRAINT {name}",
    )


def drop_key(table: str, column: str, target: str) -> migrations.RunSQL:
    name = f"{table}_{column}_same_site"
    return migrations.RunSQL(
        f"ALTER TABLE {table} DROP CONSTRAINT {name}",
        f"ALTER TABLE {table} ADD CONSTRAINT {name} FOREIGN KEY (site_id, {column}) "
        f"REFERENCES {target} (site_id, id) DEFERRABLE INITIALLY DEFERRED",
    )


class Migration(migrations.Migration):

    dependencies = [
        ('moderation', '0020_coral_phase'),
    ]

    operations = [
        migrations.AddConstraint(
            model_name='revision',
            constraint=models.UniqueConstraint(fields=('site', 'comment', 'id'), name='revision_of_comment'),
        ),
        *(add_key(*reference) for reference in REFERENCES),
        *(drop_key(table, revision, "revision") for table, _, revision in REFERENCES),
        *(drop_key(table, "comment_id", "comment") for table, comment, _ in REFERENCES if comment == "comment_id"),
        migrations.RemoveConstraint(model_name='revision', name='revision_site_id'),
        migrations.RemoveIndex(model_name='comment', name='comment_by_published_revision'),
        migrations.AlterField(
            model_name='comment',
            name='current_revision',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='moderation.revision'),
        ),
        migrations.AlterField(
            model_name='screening',
            name='revision',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='screenings', to='moderation.revision'),
        ),
        migrations.AlterField(
            model_name='decision',
            name='revision',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='moderation.revision'),
        ),
        migrations.AlterField(
            model_name='storedexample',
            name='revision',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='moderation.revision'),
        ),
        migrations.AlterField(
            model_name='decision',
            name='reverses',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='reversed_by', to='moderation.decision'),
        ),
        migrations.AddConstraint(
            model_name='decision',
            constraint=models.UniqueConstraint(condition=models.Q(('reverses__isnull', False)), fields=('reverses',), name='decision_reversed_once'),
        ),
    ]
