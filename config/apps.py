"""The composition root as a Django application: commands, system checks, the Celery app."""

from pathlib import Path

from django.apps import AppConfig
from django.conf import settings

from moderation.lib import failpoints


class ConfigConfig(AppConfig):
    """Puts the parts together when Django starts."""

    name = "config"
    verbose_name = "Configuration"

    def ready(self) -> None:
        """Make the Celery app current, so that tasks find their broker; register checks, arm failpoints."""
        from config import celery  # noqa: F401 - needs Django's registry
        from config.settings import system_checks  # noqa: F401 - the same

        if settings.FAILPOINTS and not settings.IS_PRODUCTION:
            failpoints.arm(Path(settings.FAILPOINTS))
