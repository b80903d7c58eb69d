"""How many published replies each published root has, and for how long a CDN may keep a site's threads."""

import django.db.models.deletion
from django.db import migrations, models

# (column, referenced table): (site_id, column) must be a row of that very site.
REFERENCES = [("root_id", "comment"), ("thread_id", "thread")]

# Counts what there is; a row that exists already is left alone, so that this may run again.
COUNT_SQL = """
INSERT INTO branch_size (root_id, site_id, thread_id, replies)
SELECT root.id, root.site_id, root.thread_id, COALESCE(counted.replies, 0)
FROM comment AS root
LEFT JOIN (
    SELECT root_id, count(*) AS replies FROM comment
    WHERE root_id IS NOT NULL AND status = 'published' GROUP BY root_id
) AS counted ON counted.root_id = root.id
WHERE root.root_id IS NULL AND root.published_at IS NOT NULL
ON CONFLICT (root_id) DO NOTHING
"""


def add_constraint(column, target):
    name = f"branch_size_{column}_same_site"
    return migrations.RunSQL(
        f"ALTER TABLE branch_size ADD CONSTRAINT {name} FOREIGN KEY (site_id, {column}) "
        f"REFERENCES {target} (site_id, id) DEFERRABLE INITIALLY DEFERRED",
        f"ALTER TABLE branch_size DROP CONSTRAINT {name}",
    )


class Migration(migrations.Migration):
    dependencies = [("moderation", "0022_site_choices")]

    operations = [
        migrations.CreateModel(
            name="BranchSize",
            fields=[
                ("root", models.OneToOneField(db_constraint=False, on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name="+", serialize=False, to="moderation.comment")),
                ("replies", models.IntegerField(default=0)),
                ("site", models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="moderation.site")),
                ("thread", models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="moderation.thread")),
            ],
            options={
                "db_table": "branch_size",
                "indexes": [models.Index(fields=["thread", "-replies", "-root"], name="branch_most_discussed")],
            },
        ),
        migrations.AddField(
            model_name="site",
            name="shared_max_age_s",
            field=models.PositiveSmallIntegerField(db_default=0, default=0, help_text="For so many seconds a CDN may send a thread without asking; changes show that much later."),
        ),
        migrations.RunSQL(COUNT_SQL, migrations.RunSQL.noop),
        *[add_constraint(column, target) for column, target in REFERENCES],
    ]
