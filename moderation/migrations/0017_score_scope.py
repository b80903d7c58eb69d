"""Keys that may only have texts scored. The scopes are checked by Django alone: the database changes nothing."""

import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('moderation', '0016_training_examples'),
    ]

    operations = [
        migrations.AlterField(
            model_name='sitekey',
            name='scopes',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('submit', 'submit comments, stating address and time of the reader'), ('read', 'read every comment, published or not'), ('decide', 'list the queue and decide'), ('score', 'have texts scored, of which nothing is stored (every secret key may do that)')], max_length=10), blank=True, default=list, size=None),
        ),
    ]
