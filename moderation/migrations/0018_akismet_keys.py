"""Short keys for clients of the Akismet API, and the verdicts that their servers want to hear of later."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

# (table, column, referenced table): (site_id, column) must be a row of that very site.
REFERENCES = [("late_verdict", "comment_id", "comment"), ("late_verdict", "key_id", "site_key")]

# The former release knows no such keys: their rows stay, and are revoked.
REVOKE_SQL = """
UPDATE site_key SET kind = 'secret', revoked_at = COALESCE(revoked_at, clock_timestamp())
WHERE kind = 'akismet'
"""


def add_constraint(table: str, column: str, target: str) -> migrations.RunSQL:
    name = f"{table}_{column}_same_site"
    return migrations.RunSQL(
        f"ALTER TABLE {table} ADD CONSTRAINT {name} FOREIGN KEY (site_id, {column}) "
        f"REFERENCES {target} (site_id, id) DEFERRABLE INITIALLY DEFERRED",
        f"ALTER TABLE {table} DROP CONSTRAINT {name}",
    )


class Migration(migrations.Migration):

    dependencies = [
        ('moderation', '0017_score_scope'),
    ]

    operations = [
        migrations.AlterField(
            model_name='sitekey',
            name='kind',
            field=models.CharField(choices=[('public', 'public: may stand in a page'), ('secret', 'secret: for servers only'), ('akismet', 'akismet: 12 characters, for clients of the Akismet API only')], max_length=10),
        ),
        migrations.RunSQL(migrations.RunSQL.noop, REVOKE_SQL),
        migrations.AddField(
            model_name='sitekey',
            name='sealed',
            field=models.TextField(blank=True, db_default='', default=''),
        ),
        migrations.AddConstraint(
            model_name='sitekey',
            constraint=models.UniqueConstraint(fields=('site', 'id'), name='site_key_site_id'),
        ),
        migrations.CreateModel(
            name='LateVerdict',
            fields=[
                ('comment', models.OneToOneField(db_constraint=False, on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='+', serialize=False, to='moderation.comment')),
                ('url', models.CharField(max_length=2000)),
                ('told', models.CharField(choices=[('true', 'spam'), ('false', 'ham'), ('pending', 'ham for now: a person or a worker has to look')], max_length=7)),
                ('details', models.JSONField(db_default=models.Value({}, models.JSONField()), default=dict)),
                ('error', models.CharField(blank=True, db_default='', default='', max_length=20)),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('key', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='moderation.sitekey')),
                ('site', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='moderation.site')),
            ],
            options={
                'db_table': 'late_verdict',
            },
        ),
        *[add_constraint(*reference) for reference in REFERENCES],
    ]
