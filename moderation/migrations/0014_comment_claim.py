"""The same words under the same address by another hand are told by a column of their own."""

from django.db import migrations, models

# The former constraint knows no claims: as in the former release, the hash itself tells the hands apart then.
HASHES_TAKE_CLAIMS = "UPDATE comment SET body_hash = body_hash # claim WHERE claim IS NOT NULL"


class Migration(migrations.Migration):

    dependencies = [
        ('moderation', '0013_site_by_host'),
    ]

    operations = [
        migrations.AddField(
            model_name='comment',
            name='claim',
            field=models.BigIntegerField(help_text='Whose words they are, where they stand under the same address by another hand.', null=True),
        ),
        migrations.RemoveConstraint(model_name='comment', name='comment_said_once'),
        migrations.RunSQL(migrations.RunSQL.noop, HASHES_TAKE_CLAIMS),
        migrations.AddConstraint(
            model_name='comment',
            constraint=models.UniqueConstraint(condition=models.Q(('status__in', ['deleted', 'erased']), _negated=True), fields=('thread', 'author', 'parent', 'body_hash', 'claim'), name='comment_said_once', nulls_distinct=False),
        ),
    ]
