"""Outside services of a site with all versions of their settings, and what they answered."""

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
import moderation.lib.uuid7
from django.conf import settings
from django.db import migrations, models


# (table, column, referenced table): (site_id, column) must be a row of that very site.
REFERENCES = [
    ("remote_service_version", "service_id", "remote_service"),
    ("remote_answer", "service_id", "remote_service"),
    ("remote_answer", "comment_id", "comment"),
    ("remote_answer", "revision_id", "revision"),
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
        ('moderation', '0006_lessons'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='site',
            name='remote_version',
            field=models.PositiveIntegerField(db_default=0, default=0, editable=False, help_text='Rises with every change of its remote checks.'),
        ),
        migrations.CreateModel(
            name='RemoteService',
            fields=[
                ('id', models.UUIDField(default=moderation.lib.uuid7.uuid7, editable=False, primary_key=True, serialize=False)),
                ('kind', models.CharField(choices=[('akismet', 'akismet'), ('policy_model', 'policy_model')], max_length=12)),
                ('version', models.PositiveIntegerField(default=0)),
                ('sealed_key', models.TextField(blank=True, default='')),
                ('failures', models.PositiveIntegerField(default=0)),
                ('paused_until', models.DateTimeField(null=True)),
                ('calls', models.PositiveIntegerField(default=0)),
                ('calls_on', models.DateField(null=True)),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('site', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='moderation.site')),
            ],
            options={
                'db_table': 'remote_service',
            },
        ),
        migrations.CreateModel(
            name='RemoteAnswer',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('service_version', models.PositiveIntegerField()),
                ('state', models.CharField(choices=[('waiting', 'waiting'), ('ok', 'ok'), ('failed', 'failed'), ('skipped', 'skipped')], db_default='waiting', default='waiting', max_length=7)),
                ('on_failure', models.CharField(choices=[('hold', 'hold'), ('ignore', 'ignore')], max_length=6)),
                ('findings', models.JSONField(db_default=models.Value({}, models.JSONField()), default=dict)),
                ('error', models.CharField(blank=True, db_default='', default='', max_length=12)),
                ('fields', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=40), db_default=[], default=list, size=None)),
                ('duration_ms', models.FloatField(db_default=0.0, default=0.0)),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('answered_at', models.DateTimeField(null=True)),
                ('comment', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='moderation.comment')),
                ('revision', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='moderation.revision')),
                ('site', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='moderation.site')),
                ('service', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='moderation.remoteservice')),
            ],
            options={
                'db_table': 'remote_answer',
            },
        ),
        migrations.CreateModel(
            name='RemoteServiceVersion',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('version', models.PositiveIntegerField()),
                ('settings', models.JSONField()),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('created_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('service', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='versions', to='moderation.remoteservice')),
                ('site', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='moderation.site')),
            ],
            options={
                'db_table': 'remote_service_version',
            },
        ),
        migrations.AddConstraint(
            model_name='remoteservice',
            constraint=models.UniqueConstraint(fields=('site', 'kind'), name='remote_service_once'),
        ),
        migrations.AddConstraint(
            model_name='remoteservice',
            constraint=models.UniqueConstraint(fields=('site', 'id'), name='remote_service_site_id'),
        ),
        migrations.AddConstraint(
            model_name='remoteanswer',
            constraint=models.UniqueConstraint(fields=('revision', 'service'), name='remote_answer_once_per_revision'),
        ),
        migrations.AddConstraint(
            model_name='remoteserviceversion',
            constraint=models.UniqueConstraint(fields=('service', 'version'), name='remote_service_version_once'),
        ),
        *[add_constraint(*reference) for reference in REFERENCES],
    ]
