"""Which site a host belongs to is asked by every preflight: an index for it."""

import django.contrib.postgres.indexes
from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('moderation', '0012_seal_seeds'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='site',
            index=django.contrib.postgres.indexes.GinIndex(fields=['hosts'], name='site_by_host'),
        ),
    ]
