"""The secret with which a site's Coral signs the requests of its moderation phase."""

import django.db.models.deletion
import django.db.models.functions.datetime
import moderation.lib.uuid7
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('moderation', '0018_akismet_keys'),
    ]

    operations = [
        migrations.CreateModel(
            name='CoralPhase',
            fields=[
                ('id', models.UUIDField(default=moderation.lib.uuid7.uuid7, editable=False, primary_key=True, serialize=False)),
                ('sealed_secret', models.TextField(blank=True, default='')),
                ('changed_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('site', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='moderation.site')),
            ],
            options={
                'db_table': 'coral_phase',
            },
        ),
    ]
