"""The tables that a backup holds without their rows."""

from django.apps import apps

# A session's key is a cookie that logs its person in, and failed log-ins name accounts and addresses. Neither
# is of use after a restoration.
_APPLICATIONS = ("sessions", "axes")


def tables_left_out() -> frozenset[str]:
    """The tables of sessions and of the lock-out after failed log-ins."""
    return frozenset(
        model._meta.db_table  # noqa: SLF001 - Django's documented way
        for label in _APPLICATIONS
        for model in apps.get_app_config(label).get_models(include_auto_created=True)
    )
