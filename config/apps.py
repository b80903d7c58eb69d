"""The composition root as a Django application: commands, system checks, the Celery app."""

from django.apps import AppConfig


class ConfigConfig(AppConfig):
    """Puts the parts together when Django starts."""

    name = "config"
    verbose_name = "Configuration"

    def ready(self) -> None:
        """Make the Celery app current, so that tasks find their broker, and register the checks."""
        from config import celery, system_checks  # noqa: F401 - both need Django's registry
