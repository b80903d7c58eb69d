"""Each site chooses how it reads the texts of comments."""

from django.db import migrations, models

TEXT_FORMATS = [("markdown", "markdown"), ("plain", "plain")]


class Migration(migrations.Migration):
    dependencies = [
        ("moderation", "0020_coral_phase"),
    ]

    operations = [
        migrations.AddField(
            model_name="site",
            name="text_format",
            field=models.CharField(
                choices=TEXT_FORMATS,
                db_default="markdown",
                default="markdown",
                help_text="How a comment's text is read when it is published; its HTML is stored then.",
                max_length=8,
            ),
        ),
    ]
