"""What is remembered of the domains that comments lead to: lessons of people, first sightings, campaigns."""

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models


# (table, column, referenced table): (site_id, column) must be a row of that very site.
REFERENCES = [
    ("domain_lesson", "comment_id", "comment"),
    ("domain_lesson", "author_id", "author"),
    ("campaign_key", "comment_id", "comment"),
    ("campaign_key", "author_id", "author"),
    ("campaign_key", "thread_id", "thread"),
]


def add_constraint(table: str, column: str, target: str) -> migrations.RunSQL:
    name = f"{table}_{column}_same_site"
    return migrations.RunSQL(
        f"ALTER TABLE {table} ADD CONSTRAINT {name} FOREIGN KEY (site_id, {column}) "
        f"REFERENCES {target} (site_id, id) DEFERRABLE INITIALLY DEFERRED",
        f"ALTER TABLE {table} DROP CONSTRAINT {name}",
    )


class Migration(migrations.Migration):

    dependencies = [
        ('moderation', '0007_remote_services'),
    ]

    operations = [
        migrations.CreateModel(
            name='DomainRecord',
            fields=[
                ('domain', models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ('first_seen_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('last_seen_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                'db_table': 'domain_record',
                'indexes': [models.Index(fields=['first_seen_at'], name='domain_record_by_first_seen'), models.Index(fields=['last_seen_at'], name='domain_record_by_last_seen')],
            },
        ),
        migrations.CreateModel(
            name='CampaignKey',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('key', models.UUIDField()),
                ('bands', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), size=8)),
                ('has_record', models.BooleanField(help_text='The author had proved their address and been published.')),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('author', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='moderation.author')),
                ('comment', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='moderation.comment')),
                ('site', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='moderation.site')),
                ('thread', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='moderation.thread')),
            ],
            options={
                'db_table': 'campaign_key',
                'indexes': [models.Index(fields=['key', '-created_at'], name='campaign_key_lately')],
                'constraints': [models.UniqueConstraint(fields=('comment', 'key'), name='campaign_key_once')],
            },
        ),
        migrations.CreateModel(
            name='DomainLesson',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('domain', models.UUIDField()),
                ('is_spam', models.BooleanField()),
                ('created_at', models.DateTimeField()),
                ('author', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='moderation.author')),
                ('comment', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='moderation.comment')),
                ('site', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='moderation.site')),
            ],
            options={
                'db_table': 'domain_lesson',
                'indexes': [models.Index(fields=['domain', 'is_spam', '-created_at'], name='domain_lesson_lately')],
                'constraints': [models.UniqueConstraint(fields=('comment', 'domain'), name='domain_lesson_once')],
            },
        ),
        *[add_constraint(*reference) for reference in REFERENCES],
    ]
