"""The keys in the settings must be the ones that filled the database: asked before anything starts."""

from django.db import OperationalError, ProgrammingError, connection

from config.problems import CannotStart
from moderation.flow.keeping.rotate import check_stored_addresses
from moderation.privacy.vault import VaultError


def ensure_keys_fit() -> None:
    """Raise CannotStart where stored addresses do not open, or are not found, by the keys at hand."""
    try:
        check_stored_addresses()
    except VaultError as error:
        raise CannotStart(
            f"The keys do not fit this database: {error} Put back the EMAIL_KEYS and EMAIL_INDEX_KEY that "
            "it was filled with; without them its addresses are lost."
        ) from error
    except (ProgrammingError, OperationalError):
        pass  # no tables yet, or no database: readiness tells of both
    finally:
        connection.close()
