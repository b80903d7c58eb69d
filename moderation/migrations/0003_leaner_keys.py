"""One foreign key per reference, one index per question, and one row per fingerprint."""

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models


# Fingerprints stood in a table with a row per band, in the order of the bands.
COPY_SQL = """
INSERT INTO text_fingerprint (comment_id, site_id, bands, created_at)
SELECT comment_id, site_id, array_agg(band ORDER BY id), min(created_at)
FROM fingerprint GROUP BY comment_id, site_id HAVING count(*) = 8
"""
SAME_SITE_SQL = """
ALTER TABLE text_fingerprint ADD CONSTRAINT text_fingerprint_comment_id_same_site
FOREIGN KEY (site_id, comment_id) REFERENCES comment (site_id, id) DEFERRABLE INITIALLY DEFERRED
"""


class Migration(migrations.Migration):

    dependencies = [
        ('moderation', '0002_same_site'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(state_operations=[migrations.DeleteModel('fingerprint')]),
        migrations.CreateModel(
            name='Fingerprint',
            fields=[
                ('comment', models.OneToOneField(db_constraint=False, on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='+', serialize=False, to='moderation.comment')),
                ('site', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='moderation.site')),
                ('bands', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), size=8)),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                'db_table': 'text_fingerprint',
            },
        ),
        migrations.RunSQL(COPY_SQL, migrations.RunSQL.noop),
        migrations.RunSQL('DROP TABLE fingerprint'),
        migrations.RunSQL(SAME_SITE_SQL),
        *(
            migrations.AddIndex(
                model_name='fingerprint',
                index=models.Index(
                    models.F('site'), models.F(f'bands__{number}'), models.F('created_at'), name=f'fingerprint_band_{number}'
                ),
            )
            for number in range(8)
        ),
        migrations.RemoveIndex(
            model_name='comment',
            name='comment_by_ip',
        ),
        migrations.RemoveIndex(
            model_name='comment',
            name='comment_by_parent',
        ),
        migrations.RemoveIndex(
            model_name='idempotencykey',
            name='idempotency_key_age',
        ),
        migrations.AlterField(
            model_name='auditevent',
            name='site',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='moderation.site'),
        ),
        migrations.AlterField(
            model_name='author',
            name='site',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='authors', to='moderation.site'),
        ),
        migrations.AlterField(
            model_name='comment',
            name='author',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='comments', to='moderation.author'),
        ),
        migrations.AlterField(
            model_name='comment',
            name='current_revision',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='moderation.revision'),
        ),
        migrations.AlterField(
            model_name='comment',
            name='parent',
            field=models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='replies', to='moderation.comment'),
        ),
        migrations.AlterField(
            model_name='comment',
            name='published_revision',
            field=models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='moderation.revision'),
        ),
        migrations.AlterField(
            model_name='comment',
            name='root',
            field=models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='moderation.comment'),
        ),
        migrations.AlterField(
            model_name='comment',
            name='site',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='comments', to='moderation.site'),
        ),
        migrations.AlterField(
            model_name='comment',
            name='thread',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.CASCADE, related_name='comments', to='moderation.thread'),
        ),
        migrations.AlterField(
            model_name='contact',
            name='comment',
            field=models.OneToOneField(db_constraint=False, on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='sealed_contact', serialize=False, to='moderation.comment'),
        ),
        migrations.AlterField(
            model_name='contact',
            name='site',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='moderation.site'),
        ),
        migrations.AlterField(
            model_name='decision',
            name='actor_key',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='moderation.sitekey'),
        ),
        migrations.AlterField(
            model_name='decision',
            name='actor_user',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AlterField(
            model_name='decision',
            name='comment',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='decisions', to='moderation.comment'),
        ),
        migrations.AlterField(
            model_name='decision',
            name='revision',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='moderation.revision'),
        ),
        migrations.AlterField(
            model_name='decision',
            name='site',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='moderation.site'),
        ),
        migrations.AlterField(
            model_name='idempotencykey',
            name='comment',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='moderation.comment'),
        ),
        migrations.AlterField(
            model_name='idempotencykey',
            name='site',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='moderation.site'),
        ),
        migrations.AlterField(
            model_name='job',
            name='site',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='moderation.site'),
        ),
        migrations.AlterField(
            model_name='reviewitem',
            name='comment',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.CASCADE, related_name='review_items', to='moderation.comment'),
        ),
        migrations.AlterField(
            model_name='reviewitem',
            name='site',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='review_items', to='moderation.site'),
        ),
        migrations.AlterField(
            model_name='revision',
            name='comment',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='revisions', to='moderation.comment'),
        ),
        migrations.AlterField(
            model_name='revision',
            name='site',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='moderation.site'),
        ),
        migrations.AlterField(
            model_name='screening',
            name='comment',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='screenings', to='moderation.comment'),
        ),
        migrations.AlterField(
            model_name='screening',
            name='revision',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.CASCADE, related_name='screenings', to='moderation.revision'),
        ),
        migrations.AlterField(
            model_name='screening',
            name='site',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='moderation.site'),
        ),
        migrations.AlterField(
            model_name='thread',
            name='site',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='threads', to='moderation.site'),
        ),
        migrations.AddIndex(
            model_name='comment',
            index=models.Index(condition=models.Q(('ip_hash__isnull', False)), fields=['site', 'ip_hash', 'submitted_at'], name='comment_by_ip'),
        ),
        migrations.AddIndex(
            model_name='comment',
            index=models.Index(condition=models.Q(('parent__isnull', False)), fields=['parent'], name='comment_by_parent'),
        ),
        migrations.AddIndex(
            model_name='comment',
            index=models.Index(condition=models.Q(('root__isnull', False)), fields=['root'], name='comment_by_root'),
        ),
        migrations.AddIndex(
            model_name='comment',
            index=models.Index(condition=models.Q(('published_revision__isnull', False)), fields=['published_revision'], name='comment_by_published_revision'),
        ),
        migrations.AddIndex(
            model_name='decision',
            index=models.Index(condition=models.Q(('actor_user__isnull', False)), fields=['actor_user'], name='decision_by_actor_user'),
        ),
        migrations.AddIndex(
            model_name='decision',
            index=models.Index(condition=models.Q(('actor_key__isnull', False)), fields=['actor_key'], name='decision_by_actor_key'),
        ),
    ]
