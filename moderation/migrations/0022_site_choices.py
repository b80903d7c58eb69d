"""Each site chooses how it reads the texts of comments, and whether readers prove work; used proofs are kept."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

TEXT_FORMATS = [('markdown', 'markdown'), ('plain', 'plain')]
WORK_MODES = [('off', 'off'), ('wave', 'wave'), ('always', 'always')]


class Migration(migrations.Migration):

    dependencies = [
        ('moderation', '0020_coral_phase'),
    ]

    operations = [
        migrations.AddField(
            model_name='site',
            name='text_format',
            field=models.CharField(choices=TEXT_FORMATS, db_default='markdown', default='markdown', help_text="How a comment's text is read when it is published; its HTML is stored then.", max_length=8),
        ),
        migrations.AddField(
            model_name='site',
            name='proof_of_work',
            field=models.CharField(choices=WORK_MODES, db_default='off', default='off', help_text="When readers' comments without a proof of work are held.", max_length=6),
        ),
        migrations.CreateModel(
            name='UsedChallenge',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('digest', models.BinaryField(max_length=16)),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('site', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='moderation.site')),
            ],
            options={
                'db_table': 'used_challenge',
                'constraints': [models.UniqueConstraint(fields=('site', 'digest'), name='used_challenge_once')],
            },
        ),
    ]
