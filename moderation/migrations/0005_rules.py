"""Rules of a site with all their versions, their matches, and backtests."""

import django.db.models.deletion
import django.db.models.functions.datetime
import moderation.lib.uuid7
from django.conf import settings
from django.db import migrations, models


# (table, column, referenced table): (site_id, column) must be a row of that very site.
REFERENCES = [
    ("rule_version", "rule_id", "rule"),
    ("rule_match", "rule_id", "rule"),
    ("rule_match", "comment_id", "comment"),
    ("backtest", "rule_id", "rule"),
    ("backtest", "rule_version_id", "rule_version"),
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
        ('moderation', '0004_audit_seal'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Backtest',
            fields=[
                ('id', models.UUIDField(default=moderation.lib.uuid7.uuid7, editable=False, primary_key=True, serialize=False)),
                ('state', models.CharField(choices=[('waiting', 'Waiting'), ('running', 'Running'), ('done', 'Done'), ('cancelled', 'Cancelled'), ('failed', 'Failed')], default='waiting', max_length=9)),
                ('wanted', models.PositiveIntegerField()),
                ('total', models.PositiveIntegerField(null=True)),
                ('done', models.PositiveIntegerField(default=0)),
                ('cursor', models.UUIDField(null=True)),
                ('counts', models.JSONField(default=dict)),
                ('differences', models.JSONField(default=list)),
                ('missed', models.JSONField(default=list)),
                ('seconds', models.FloatField(default=0.0)),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('finished_at', models.DateTimeField(null=True)),
            ],
            options={
                'db_table': 'backtest',
            },
        ),
        migrations.CreateModel(
            name='Rule',
            fields=[
                ('id', models.UUIDField(default=moderation.lib.uuid7.uuid7, editable=False, primary_key=True, serialize=False)),
                ('position', models.PositiveIntegerField()),
                ('version', models.PositiveIntegerField(default=1)),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                'db_table': 'rule',
            },
        ),
        migrations.CreateModel(
            name='RuleMatch',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('version', models.PositiveIntegerField()),
                ('is_shadow', models.BooleanField()),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                'db_table': 'rule_match',
            },
        ),
        migrations.CreateModel(
            name='RuleVersion',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('version', models.PositiveIntegerField()),
                ('name', models.CharField(max_length=60)),
                ('mode', models.CharField(choices=[('off', 'off'), ('shadow', 'shadow'), ('on', 'on'), ('removed', 'removed')], max_length=7)),
                ('action', models.CharField(choices=[('hold', 'hold'), ('spam', 'spam'), ('reject', 'reject'), ('route', 'route')], max_length=6)),
                ('queue', models.CharField(blank=True, default='', max_length=20)),
                ('conditions', models.JSONField()),
                ('says', models.CharField(max_length=64)),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                'db_table': 'rule_version',
            },
        ),
        migrations.AddField(
            model_name='site',
            name='rules_version',
            field=models.PositiveIntegerField(db_default=0, default=0, editable=False, help_text="Rises with every change of the site's rules."),
        ),
        migrations.AddIndex(
            model_name='decision',
            index=models.Index(condition=models.Q(('actor_kind', 'person')), fields=['site', '-id'], name='decision_by_person'),
        ),
        migrations.AddField(
            model_name='backtest',
            name='created_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='backtest',
            name='site',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='moderation.site'),
        ),
        migrations.AddField(
            model_name='rule',
            name='site',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='rules', to='moderation.site'),
        ),
        migrations.AddField(
            model_name='backtest',
            name='rule',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='backtests', to='moderation.rule'),
        ),
        migrations.AddField(
            model_name='rulematch',
            name='comment',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='moderation.comment'),
        ),
        migrations.AddField(
            model_name='rulematch',
            name='rule',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='moderation.rule'),
        ),
        migrations.AddField(
            model_name='rulematch',
            name='site',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='moderation.site'),
        ),
        migrations.AddField(
            model_name='ruleversion',
            name='created_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='ruleversion',
            name='rule',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='versions', to='moderation.rule'),
        ),
        migrations.AddField(
            model_name='ruleversion',
            name='site',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='moderation.site'),
        ),
        migrations.AddField(
            model_name='backtest',
            name='rule_version',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='moderation.ruleversion'),
        ),
        migrations.AddConstraint(
            model_name='rule',
            constraint=models.UniqueConstraint(fields=('site', 'id'), name='rule_site_id'),
        ),
        migrations.AddIndex(
            model_name='rulematch',
            index=models.Index(fields=['site', 'rule', '-created_at'], name='rule_match_lately'),
        ),
        migrations.AddConstraint(
            model_name='ruleversion',
            constraint=models.UniqueConstraint(fields=('rule', 'version'), name='rule_version_once'),
        ),
        migrations.AddConstraint(
            model_name='ruleversion',
            constraint=models.UniqueConstraint(fields=('site', 'id'), name='rule_version_site_id'),
        ),
        migrations.AddIndex(
            model_name='backtest',
            index=models.Index(fields=['site', 'rule', '-created_at'], name='backtest_by_rule'),
        ),
        *[add_constraint(*reference) for reference in REFERENCES],
    ]
