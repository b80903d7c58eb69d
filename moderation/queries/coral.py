"""The secret of a site's moderation phase in Coral, believed for a second."""

import time
from uuid import UUID

from moderation.models import CoralPhase, Site
from moderation.privacy import vault
from moderation.queries.brief_memory import BriefMemory

_MOST_KNOWN = 256
_known: BriefMemory[UUID, str] = BriefMemory(_MOST_KNOWN)


def signing_secret(site_id: UUID) -> str | None:
    """The secret as it was within the last `KEY_MEMORY_S` seconds; None where none is stored.

    Raises `VaultError` where the keys of this service are not those that sealed it.
    """
    if known := _known.find(site_id):
        return known
    asked_at = time.monotonic()
    phase = CoralPhase.objects.filter(site_id=site_id).exclude(sealed_secret="").first()
    if phase is None:
        return None
    secret = vault.unseal_secret(phase.sealed_secret, site_id=site_id, row_id=phase.id)
    _known.keep(site_id, secret, asked_at)
    return secret


def forget_secret(site_id: UUID) -> None:
    """Read the secret again, in the process that changed it; others do so within a second."""
    _known.forget(site_id)


def has_secret(site: Site) -> bool:
    """Whether a secret is stored."""
    return CoralPhase.objects.filter(site=site).exclude(sealed_secret="").exists()
