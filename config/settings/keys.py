"""Checks before anything starts that the keys in the settings are those that filled the database."""

from django.db import OperationalError, ProgrammingError, connection

from config.problems import CannotStart
from moderation.flow.keeping.rotate import check_stored_addresses
from moderation.privacy.vault import VaultError


def ensure_keys_fit() -> None:
    """Raise CannotStart if stored addresses do not open, or are not found, by the present keys."""
    try:
        check_stored_addresses()
    except VaultError as error:
        raise CannotStart(
            f"The keys do not fit this database: {error} Put back the EMAIL_KEYS and EMAIL_INDEX_KEY that "
            "it was filled with; without them its addresses are lost."
        ) from error
    except (ProgrammingError, OperationalError):
        pass  # no tables yet, or no database: readiness reports both
    finally:
        connection.close()
