"""The application's entry in Django."""

from django.apps import AppConfig


class ModerationConfig(AppConfig):
    """Comment moderation."""

    name = "moderation"
    verbose_name = "Comment moderation"
    default_auto_field = "django.db.models.BigAutoField"
